"""What taking up a directory role for a time asks for (Privileged Identity Management): an approval, a second factor.

One list for the whole tenant gives each role's policy with its rules; asking for each role would be a call a role. It
takes a P2 licence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import (
    EntityType,
    Graph,
    Json,
    Link,
    Property,
    Service,
    Target,
    flag,
    incoming,
    links,
    text,
)
from loader.services.shared.wire import explained, first_with, part, parts

# Whom an approver may be; also "the requestor's manager" and the like, which are nobody in particular.
_APPROVERS = {"userId": "azure_user", "groupId": "azure_user_group"}


def rule(identity: str, *path: str) -> Callable[[Json], object]:
    """What one rule of the policy says."""

    def find(answer: Json) -> object:
        found = first_with("id", identity, parts(answer, "policy", "rules"))
        return part(found, *path[:-1]).get(path[-1])

    return explained(f"`{'.'.join(path)}` of {identity} in `policy.rules[]`", find)


_stages = rule("Approval_EndUser_Assignment", "setting", "approvalStages")


def _approves(answer: Json) -> Iterable[Link]:
    """The users and groups that approve, in any stage. Rules that ask for no approval may still name some."""
    for stage in parts({"stages": _stages(answer)}, "stages"):
        for one in parts(stage, "primaryApprovers"):
            for field, kind in _APPROVERS.items():
                if one.get(field):
                    yield Link("USES", Target(str(one[field]).lower(), kind))


def _asks(what: str) -> Property:
    needed = rule("Enablement_EndUser_Assignment", "enabledRules")
    meanings = {"MultiFactorAuthentication": "a second factor", "Justification": "a reason", "Ticketing": "a ticket"}

    def told(answer: Json) -> bool | None:
        rules = needed(answer)
        return what in rules if isinstance(rules, list) else None

    where = f"`enabledRules` of Enablement_EndUser_Assignment in `policy.rules[]` has {what}"
    return flag(f"asks{what}", explained(where, told), f"it takes {meanings[what]}")


ROLE_POLICY = EntityType(
    type="azure_ad_role_policy",
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
        flag(
            "approvalRequired",
            rule("Approval_EndUser_Assignment", "setting", "isApprovalRequired"),
            "somebody else has to agree",
        ),
        _asks("MultiFactorAuthentication"),
        _asks("Justification"),
        _asks("Ticketing"),
        text(
            "longest", rule("Expiration_EndUser_Assignment", "maximumDuration"), "for how long it may be taken up: PT8H"
        ),
    ),
    relationships=(
        incoming("HAS", "azure_ad_role_definition", "roleDefinitionId", "the role that it is about"),
        links("USES", tuple(_APPROVERS.values()), _approves, "who has to agree"),
    ),
)

SERVICE = Service(name="Directory role policies", entity_types=(ROLE_POLICY,))
