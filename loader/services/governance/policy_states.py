"""Policy states: whether each resource keeps to each rule that is demanded of it, as Policy last saw it."""

from __future__ import annotations

import hashlib

from loader.model import (
    ANY_RESOURCE,
    Arm,
    At,
    EntityType,
    Json,
    Service,
    Target,
    date,
    flag,
    incoming,
    quiet,
    text,
    texts,
)
from loader.services.shared.findings import NOT_APPLICABLE, OPEN, RESOLVED, as_arm_id, severity, status
from loader.services.shared.wire import explained

_IDENTITY = ("policyAssignmentId", "policyDefinitionId", "policyDefinitionReferenceId")

_resource = as_arm_id("resourceId")


def state_key(answer: Json) -> str | None:
    """A state has no id. It is what one assignment's rule says of one resource, so its key is made of these.

    It begins with the resource's id, so that the state belongs where the resource is.
    """
    resource = _resource(answer)
    if resource is None:
        return None
    told = (
        answer.get(name) or "" for name in ("policyAssignmentId", "policyDefinitionId", "policyDefinitionReferenceId")
    )
    digest = hashlib.sha256("|".join(str(one).lower() for one in told).encode()).hexdigest()[:32]
    return f"{resource}/providers/Microsoft.PolicyInsights/policyStates/{digest}"


def rule(answer: Json) -> Target | None:
    """The rule it is about, untyped: one that stands in a set alone is not loaded."""
    identity = as_arm_id("policyDefinitionId")(answer)
    return Target(identity.lower(), properties={"id": identity}) if identity else None


def _portal(answer: Json) -> str:
    """`resourceId`, in the portal"""
    return f"https://portal.azure.com/#@{answer.get('@tenant') or ''}/resource{_resource(answer)}"


POLICY_STATE = EntityType(
    type="azure_policy_state",
    resource="Policy State",
    classes=("Review", "Finding"),
    arm_type="Microsoft.PolicyInsights/policyStates",
    documentation="https://learn.microsoft.com/rest/api/policyinsights/policy-states/list-query-results-for-subscription",
    fetch=Arm(
        client="azure.mgmt.policyinsights.aio:PolicyInsightsClient",
        operation="policy_states.list_query_results_for_subscription",
        # Azure's built-in roles disagree about which of the two the query is.
        permission="Microsoft.PolicyInsights/policyStates/queryResults/read, "
        "Microsoft.PolicyInsights/policyStates/queryResults/action",
        args=("latest", At("@subscription")),
    ),
    key=state_key,
    name="policyDefinitionReferenceId | policyDefinitionName",
    secrets=(
        "policyAssignmentParameters",
        "policySetDefinitionParameters",
        "effectiveParameters",
    ),
    properties=(
        # Policy knows no severity: every rule that is not kept to counts the same.
        severity(explained("always medium", lambda _answer: "medium")),
        status(
            "complianceState",
            {
                "noncompliant": OPEN,
                "conflict": OPEN,
                "error": OPEN,
                "compliant": RESOLVED,
                "exempt": NOT_APPLICABLE,
                "protected": NOT_APPLICABLE,
            },
        ),
        text("title", "policyDefinitionReferenceId | policyDefinitionName", "what is demanded"),
        flag("isCompliant", "isCompliant", "the resource keeps to the rule"),
        text(
            "complianceState",
            "complianceState",
            "Compliant, NonCompliant, Exempt, Conflict, …",
            values=("Compliant", "NonCompliant", "Exempt", "Conflict", "Unknown", "Error", "Protected"),
        ),
        quiet(date("timestamp", "timestamp", "when Policy last looked")),
        text("resourceId", "resourceId", "the resource, as Policy writes its id"),
        text(
            "resourceName",
            explained("`resourceId`, its last part", lambda one: (_resource(one) or "").rpartition("/")[2] or None),
            "its name",
        ),
        text("resourceType", "resourceType", "its type"),
        text("resourceLocation", "resourceLocation", "where it is"),
        text("policyAssignmentId", "policyAssignmentId", "what demands it"),
        text("policyAssignmentName", "policyAssignmentName", "that assignment's name"),
        text("policyAssignmentScope", "policyAssignmentScope", "where that holds"),
        text("policyAssignmentVersion", "policyAssignmentVersion", "its version"),
        text("policyDefinitionId", "policyDefinitionId", "the rule"),
        text("policyDefinitionName", "policyDefinitionName", "the rule's name"),
        text("policyDefinitionAction", "policyDefinitionAction", "its effect: audit, deny, …"),
        text("policyDefinitionVersion", "policyDefinitionVersion", "its version"),
        texts("policyDefinitionGroupNames", "policyDefinitionGroupNames", "the groups of the set it is in"),
        text("policyDefinitionReferenceId", "policyDefinitionReferenceId", "which of the set's rules it is"),
        text("policySetDefinitionId", "policySetDefinitionId", "the set"),
        text("policySetDefinitionName", "policySetDefinitionName", "the set's name"),
        text("policySetDefinitionVersion", "policySetDefinitionVersion", "its version"),
        texts(
            "managementGroupIds",
            explained(
                "`managementGroupIds`, split at its commas",
                lambda answer: [one for one in str(answer.get("managementGroupIds") or "").split(",") if one],
            ),
            "the management groups above",
        ),
        text("webLink", _portal, "opens the resource in the Azure portal"),
    ),
    relationships=(
        incoming("HAS", ANY_RESOURCE, _resource, "the resource"),
        incoming("HAS", "azure_policy_assignment", as_arm_id("policyAssignmentId"), "what demands it"),
        incoming("DEFINES", "azure_policy_definition", rule, "the rule"),
    ),
)

SERVICE = Service(name="Policy states", entity_types=(POLICY_STATE,))
