"""Who may take up what they do not have yet (Privileged Identity Management): `(principal)-[:MAY_BECOME]->(what)`.

A directory role, or membership of a group; who may become owner of a group is no member of it yet, and has an eligible
`CAN` instead (`loader/conclusions/can_own_groups.py`).

Each tells its `assignment`, until when it may be taken up (`until`; for ever without), whether somebody else has to
agree (`needsApproval`, where the role's policy is loaded) and where the role would hold (`scope`). What the role would
let its holder do stands as `CAN` with `eligible: true`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.areas import TENANT_OF
from loader.model import Conclusion, Derivation, DerivedLink

ROLE = "azure_ad_role_definition"
HOLDERS = ("azure_user", "azure_user_group", "azure_service_principal")


def _eligible(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        told = {name: row[name] for name in ("assignment", "until", "needsApproval", "scope") if row[name] is not None}
        yield DerivedLink(row["holder"], "MAY_BECOME", row["target"], key=row["assignment"], properties=told)


# Cypher: whether the tenant in which a role of the directory is `given` asks for an approval before it is taken up.
# Tenants share the nodes of built-in roles, and each has policies of its own.
ROLE_NEEDS_APPROVAL = (
    "head([(role)-[:HAS]->(policy:azure_ad_role_policy) "
    f"WHERE coalesce({TENANT_OF.format(node='policy')}, '') = coalesce({TENANT_OF.format(node='given')}, '') "
    "| policy.approvalRequired])"
)

DIRECTORY_ROLES = Derivation(
    name="eligible-directory-roles",
    inputs=("azure_ad_role_eligibility", "azure_ad_role_policy", ROLE, *HOLDERS),
    relationships=tuple((holder, "MAY_BECOME", ROLE) for holder in HOLDERS),
    query=f"""
        MATCH (given:azure_ad_role_eligibility)-[:ASSIGNED]->(holder:Entity) WHERE given._stub IS NULL
        MATCH (given)-[:USES]->(role:{ROLE})
        RETURN holder._key AS holder, role._key AS target, given._key AS assignment, toString(given.endsOn) AS until,
               given.directoryScopeId AS scope,
               {ROLE_NEEDS_APPROVAL} AS needsApproval
    """,
    rows=_eligible,
)

GROUP = "azure_user_group"


def needs_approval(access: str) -> str:
    """Cypher: whether a policy of the node `group` asks for an approval before its `access` is taken up."""
    return (
        "head([(group)<-[:APPLIES_TO]-(approval:azure_group_approval) "
        f"WHERE approval._stub IS NULL AND toLower(approval.accessId) = '{access}' | true]) AS needsApproval"
    )


MEMBERSHIPS = Derivation(
    name="eligible-memberships",
    inputs=("azure_group_eligibility", "azure_group_approval", *HOLDERS),
    relationships=tuple((holder, "MAY_BECOME", GROUP) for holder in HOLDERS),
    query=f"""
        MATCH (given:azure_group_eligibility)-[:ASSIGNED]->(holder:Entity)
        WHERE given._stub IS NULL AND toLower(given.accessId) = 'member'
        MATCH (given)-[:ALLOWS]->(group:{GROUP})
        RETURN holder._key AS holder, group._key AS target, given._key AS assignment, toString(given.endsOn) AS until,
               null AS scope, {needs_approval("member")}
    """,
    rows=_eligible,
)

CONCLUSION = Conclusion(name="What may be taken up", derivations=(DIRECTORY_ROLES, MEMBERSHIPS))
