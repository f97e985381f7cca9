"""What taking up a directory role for a time asks for (Privileged Identity Management): an approval, a second factor.

One list for the whole tenant gives each role's policy with its rules; asking for each role would be a call a role. It
takes a P2 licence.
"""

from __future__ import annotations

from loader.model import EntityType, Graph, Json, Property, Service, flag, incoming, text
from loader.services.shared.approvals import approval_required, approvers, rule
from loader.services.shared.wire import explained

_MFA = "MultiFactorAuthentication"
_in_context = rule("AuthenticationContext_EndUser_Assignment", "isEnabled")


def _asks(what: str) -> Property:
    needed = rule("Enablement_EndUser_Assignment", "enabledRules")
    meanings = {_MFA: "a second factor", "Justification": "a reason", "Ticketing": "a ticket"}

    def told(answer: Json) -> bool | None:
        rules = needed(answer)
        if not isinstance(rules, list):
            return None
        # Where an authentication context stands in for it, policies of conditional access say what is asked.
        return None if what == _MFA and what not in rules and _in_context(answer) else what in rules

    where = f"`enabledRules` of Enablement_EndUser_Assignment in `policy.rules[]` has {what}"
    instead = "; not told where AuthenticationContext_EndUser_Assignment is enabled instead" if what == _MFA else ""
    return flag(f"asks{what}", explained(where + instead, told), f"it takes {meanings[what]}")


ROLE_POLICY = EntityType(
    type="azure_ad_role_policy",
    ids=("opaque",),
    resource="Directory Role Policy",
    classes=("ControlPolicy",),
    documentation="https://learn.microsoft.com/graph/api/policyroot-list-rolemanagementpolicyassignments",
    fetch=Graph(
        builder="policies.role_management_policy_assignments",
        permission="RoleManagement.Read.Directory",
        filter="scopeId eq '/' and scopeType eq 'DirectoryRole'",
        expand=("policy($expand=rules)",),
    ),
    name="id",
    properties=(
        text("roleDefinitionId", "roleDefinitionId", "the role"),
        text("policyId", "policyId", "the policy's own id"),
        flag("approvalRequired", approval_required, "somebody else has to agree"),
        _asks(_MFA),
        _asks("Justification"),
        _asks("Ticketing"),
        flag("asksAuthenticationContext", _in_context, "it takes what conditional access asks for a context"),
        text(
            "longest", rule("Expiration_EndUser_Assignment", "maximumDuration"), "for how long it may be taken up: PT8H"
        ),
    ),
    relationships=(
        incoming("HAS", "azure_ad_role_definition", "roleDefinitionId", "the role that it is about"),
        approvers(),
    ),
)

SERVICE = Service(name="Directory role policies", entity_types=(ROLE_POLICY,))
