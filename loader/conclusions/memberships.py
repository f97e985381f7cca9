"""Who is in a group, told the way access runs: `(principal)-[:MEMBER_OF]->(group)`, direct members only.

Azure tells members of a group; whoever asks what somebody may do walks from the member to the group. A group in a group
is one step more, not a relationship of each of its members: all groups that Ada is in are

    MATCH (:azure_user {displayName: 'Ada'})-[:MEMBER_OF]->{1,10}(group) RETURN DISTINCT group.displayName

A membership that is for a time says `until`, and `takenUp` where somebody took it up (Privileged Identity Management).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.model import Conclusion, Derivation, DerivedLink, Value

MEMBERS = ("azure_user", "azure_user_group", "azure_service_principal", "azure_group_member")

# Of a node `given`: until when it holds, and whether it was taken up.
FOR_A_TIME = (
    "toString(given.endsOn) AS until, CASE WHEN toLower(given.assignmentType) = 'activated' THEN true END AS takenUp"
)


def _members(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    """Rows of memberships, and of those that are for a time, which are few."""
    times: dict[tuple[str, str], dict[str, Value]] = {}
    found: list[tuple[str, str]] = []
    for row in rows:
        pair = (row["from"], row["to"])
        if row["member"]:
            found.append(pair)
        else:
            times[pair] = {name: row[name] for name in ("until", "takenUp") if row[name] is not None}
    for pair in found:
        yield DerivedLink(pair[0], "MEMBER_OF", pair[1], properties=times.get(pair, {}))


MEMBER_OF = Derivation(
    name="memberships",
    inputs=(*MEMBERS, "azure_group_assignment_schedule"),
    relationships=tuple((member, "MEMBER_OF", "azure_user_group") for member in MEMBERS),
    query=f"""
        MATCH (group:azure_user_group)-[:HAS]->(member:{"|".join(MEMBERS)})
        RETURN member._key AS `from`, group._key AS `to`, true AS member, null AS until, null AS takenUp
        UNION ALL
        MATCH (member:Entity)<-[:ASSIGNED]-(given:azure_group_assignment_schedule)-[:ALLOWS]->(group:azure_user_group)
        WHERE given._stub IS NULL AND toLower(given.accessId) = 'member'
        RETURN member._key AS `from`, group._key AS `to`, false AS member, {FOR_A_TIME}
    """,
    rows=_members,
)

CONCLUSION = Conclusion(name="Memberships", derivations=(MEMBER_OF,))
