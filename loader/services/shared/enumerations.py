"""Enumerations that several answers share, each in the spelling of its reference page: see `Property.values`."""

from __future__ import annotations

# https://learn.microsoft.com/graph/api/resources/user#properties
USER_TYPES = ("Member", "Guest")
# https://learn.microsoft.com/graph/api/resources/application#signinaudience-values
AUDIENCES = (
    "AzureADMyOrg",
    "AzureADMultipleOrgs",
    "AzureADandPersonalMicrosoftAccount",
    "PersonalMicrosoftAccount",
)
# https://learn.microsoft.com/rest/api/defenderforcloud-composite/assessments/list#assessmentstatuscode
ASSESSMENT_CODES = ("Healthy", "Unhealthy", "NotApplicable")
# https://learn.microsoft.com/rest/api/policyauthorization/policy-definitions/list#policytype
POLICY_TYPES = ("NotSpecified", "BuiltIn", "Custom", "Static")
# https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all#operatingsystemtypes
SYSTEMS = ("Windows", "Linux")
