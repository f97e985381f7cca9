"""Azure Policy: what is demanded where (assignments), and the rules and sets of rules behind it.

Of the thousands of built-in definitions only those are loaded that an assignment, or a set in use, names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import (
    ANY_SCOPE,
    Arm,
    At,
    EntityType,
    Json,
    Link,
    Property,
    Service,
    Target,
    Value,
    date,
    incoming,
    links,
    outgoing,
    text,
    texts,
)
from loader.services.shared.enumerations import POLICY_TYPES
from loader.services.shared.findings import as_arm_id
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.wire import part, parts, plain

_CLIENT = "azure.mgmt.resource.policy.aio:PolicyClient"
_DOCS = "https://learn.microsoft.com/rest/api/policyauthorization"
_DEFINITION, _SET = "/policydefinitions/", "/policysetdefinitions/"


def _made_and_changed() -> tuple[Property, ...]:
    """Who made and last changed it, which Policy keeps as metadata."""
    return (
        text("createdBy", "properties.metadata.createdBy", "object id of who made it"),
        date("createdOn", "properties.metadata.createdOn", "when it was made"),
        text("updatedBy", "properties.metadata.updatedBy", "object id of who last changed it"),
        date("updatedOn", "properties.metadata.updatedOn", "when it was last changed"),
    )


# --- assignments ---------------------------------------------------------------------------------------------------


def _assigned(kind: str) -> Callable[[Json], str | None]:
    """Reads the assigned definition's id where it is of one kind."""

    def identity(answer: Json) -> str | None:
        found = as_arm_id("properties.policyDefinitionId")(answer)
        return found if found and kind in found.lower() else None

    return identity


def _assigned_set(answer: Json) -> list[str]:
    found = _assigned(_SET)(answer)
    return [found] if found else []


def _named_definitions(answer: Json) -> list[str]:
    """The rules that an assignment or a set of rules names."""
    found = _assigned(_DEFINITION)(answer)
    listed = [as_arm_id("policyDefinitionId")(one) for one in parts(answer, "properties", "policyDefinitions")]
    return [one for one in (found, *listed) if one]


def parameters(answer: Json) -> list[str]:
    """What the assignment gives to the parameters of its definition, as "name=value"; lists and objects left out."""
    given = part(answer, "properties", "parameters")
    return [
        f"{name}={value['value']}"
        for name, value in given.items()
        if isinstance(part(value).get("value"), str | int | float | bool)
    ]


def switched_off(answer: Json) -> list[str]:
    """the rules whose effect `properties.overrides[]` sets to Disabled, by reference id; "all" where it names none"""
    found: list[str] = []
    for one in parts(answer, "properties", "overrides"):
        if str(one.get("kind")).lower() == "policyeffect" and str(one.get("value")).lower() == "disabled":
            # Others name the places or types of resources for which it is so.
            rules = (s for s in parts(one, "selectors") if str(s.get("kind")).lower() == "policydefinitionreferenceid")
            named = [str(name) for selector in rules for name in plain(selector, "in")]
            found += named or ["all"]
    return found


def unread_overrides(answer: Json) -> list[str]:
    """`kind` of those of `properties.overrides[]` that azgraph does not know"""
    kinds = [str(one.get("kind")) for one in parts(answer, "properties", "overrides")]
    return [one for one in kinds if one.lower() not in ("policyeffect", "definitionversion")]


# What the default initiative of Defender for Cloud watches; switched off, its parameter is "Disabled".
_MONITORED = (
    "adaptiveApplicationControls",
    "diskEncryption",
    "endpointProtection",
    "jitNetworkAccess",
    "networkSecurityGroups",
    "nextGenerationFirewall",
    "sqlAuditing",
    "sqlEncryption",
    "storageEncryption",
    "systemConfigurations",
    "systemUpdates",
    "vulnerabilityAssessment",
    "webApplicationFirewall",
)

ASSIGNMENT = EntityType(
    type="azure_policy_assignment",
    resource="Policy Assignment",
    classes=("ControlPolicy",),
    arm_type="Microsoft.Authorization/policyAssignments",
    documentation=f"{_DOCS}/policy-assignments/list",
    fetch=Arm(
        client=_CLIENT,
        operation="policy_assignments.list",
        permission="Microsoft.Authorization/policyAssignments/read",
    ),
    name="properties.displayName | name",
    properties=(
        text("scope", "properties.scope", "where it holds"),
        texts("notScopes", "properties.notScopes", "what is left out of that"),
        text("policyDefinitionId", "properties.policyDefinitionId", "the definition or set that is demanded"),
        text("description", "properties.description", "why"),
        text(
            "enforcementMode",
            "properties.enforcementMode",
            "Default, or DoNotEnforce to only watch",
            values=("Default", "DoNotEnforce", "Enroll"),
        ),
        text("assignedBy", "properties.metadata.assignedBy", "who gave it, by name"),
        texts("parameters", parameters, "values of its parameters, as name=value"),
        texts("switchedOff", switched_off, "rules of the set that an override switches off"),
        texts("unreadOverrides", unread_overrides, "overrides of a kind that azgraph does not know"),
        *(
            text(
                f"parameters.{name}MonitoringEffect",
                f"properties.parameters.{name}MonitoringEffect.value",
                "AuditIfNotExists, or Disabled",
            )
            for name in _MONITORED
        ),
        *identity_properties(),
        text("principalId", "identity.principalId", "the object id of the identity it repairs with"),
        *_made_and_changed(),
    ),
    relationships=(
        incoming("HAS", ANY_SCOPE, "properties.scope", "where it holds"),
        outgoing("USES", "azure_policy_definition", _assigned(_DEFINITION), "the rule it demands"),
        outgoing("USES", "azure_policy_set_definition", _assigned(_SET), "the set of rules it demands"),
        uses_identities(),
    ),
)

# --- definitions ---------------------------------------------------------------------------------------------------

# One operation for built-in definitions, a subscription's own and a management group's: by their id.
_RESOURCES = "azure.mgmt.resource.resources.aio:ResourceManagementClient"
_VERSION = {"api_version": "2023-04-01"}


def contained(answer: Json) -> Iterable[Link]:
    """The rules of a set. One rule may stand in it several times, each with parameters of its own."""
    for reference in parts(answer, "properties", "policyDefinitions"):
        identity = as_arm_id("policyDefinitionId")(reference)
        name = str(reference.get("policyDefinitionReferenceId") or "")
        if identity:
            properties: dict[str, Value] = {
                "policyDefinitionReferenceId": name,
                "groupNames": [str(group) for group in plain(reference, "groupNames")],
            }
            target = Target(identity.lower(), "azure_policy_definition", {"id": identity})
            yield Link("CONTAINS", target, key=name.lower(), properties=properties)


SET_DEFINITION = EntityType(
    type="azure_policy_set_definition",
    resource="Policy Set Definition",
    classes=("Ruleset",),
    arm_type="Microsoft.Authorization/policySetDefinitions",
    documentation=f"{_DOCS}/policy-set-definitions/get",
    fetch=Arm(
        client=_RESOURCES,
        operation="resources.get_by_id",
        permission="Microsoft.Authorization/policySetDefinitions/read",
        args=(At("@each"),),
        kwargs=_VERSION,
        parent="azure_policy_assignment",
        each=_assigned_set,
        one=True,
    ),
    name="properties.displayName | name",
    properties=(
        text("description", "properties.description", "what it is for"),
        text(
            "policyType",
            "properties.policyType",
            "BuiltIn, Custom or Static",
            values=POLICY_TYPES,
        ),
        text("category", "properties.metadata.category", "Security Center, Regulatory Compliance, …"),
        text("version", "properties.version | properties.metadata.version", "its version"),
        *_made_and_changed(),
    ),
    relationships=(links("CONTAINS", "azure_policy_definition", contained, "a rule of the set"),),
)


def effect(answer: Json) -> str | None:
    """What the rule does: Audit, Deny, … Where a parameter tells, then that parameter's default."""
    told = str(part(answer, "properties", "policyRule", "then").get("effect") or "")
    if told.startswith("[parameters("):
        name = told.removeprefix("[parameters(").strip("')]\"")
        told = str(part(answer, "properties", "parameters", name).get("defaultValue") or "")
    return told or None


DEFINITION = EntityType(
    type="azure_policy_definition",
    resource="Policy Definition",
    classes=("Rule",),
    arm_type="Microsoft.Authorization/policyDefinitions",
    documentation=f"{_DOCS}/policy-definitions/get",
    fetch=Arm(
        client=_RESOURCES,
        operation="resources.get_by_id",
        permission="Microsoft.Authorization/policyDefinitions/read",
        args=(At("@each"),),
        kwargs=_VERSION,
        parent=("azure_policy_assignment", "azure_policy_set_definition"),
        each=_named_definitions,
        one=True,
    ),
    name="properties.displayName | name",
    properties=(
        text("description", "properties.description", "what it demands"),
        text(
            "policyType",
            "properties.policyType",
            "BuiltIn, Custom or Static",
            values=POLICY_TYPES,
        ),
        text("mode", "properties.mode", "which resources are looked at: All, Indexed, or a provider's"),
        text("effect", effect, "Audit, Deny, DeployIfNotExists, …; the default where assignments may choose"),
        text("category", "properties.metadata.category", "Storage, Network, …"),
        text("version", "properties.version | properties.metadata.version", "its version"),
        *_made_and_changed(),
    ),
)

SERVICE = Service(name="Policy", entity_types=(ASSIGNMENT, SET_DEFINITION, DEFINITION))
