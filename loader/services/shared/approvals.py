"""What policies of Privileged Identity Management ask for, as Microsoft Graph tells it: for roles and for groups alike.

Source: https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementpolicyapprovalrule
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import Json, Link, Relationship, Target, links
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
approval_required = rule("Approval_EndUser_Assignment", "setting", "isApprovalRequired")


def _approves(answer: Json) -> Iterable[Link]:
    """The users and groups that approve, in any stage. Rules that ask for no approval may still name some."""
    for stage in parts({"stages": _stages(answer)}, "stages"):
        for one in parts(stage, "primaryApprovers"):
            for field, kind in _APPROVERS.items():
                if one.get(field):
                    yield Link("USES", Target(str(one[field]).lower(), kind))


def approvers() -> Relationship:
    """`USES` from the policy to whoever has to agree."""
    return links("USES", tuple(_APPROVERS.values()), _approves, "who has to agree")
