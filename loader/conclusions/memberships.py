"""Who is in a group, told the way access runs: `(principal)-[:MEMBER_OF]->(group)`, direct members only.

Azure tells members of a group; whoever asks what somebody may do walks from the member to the group. A group in a group
is one step more, not a relationship of each of its members: all groups that Ada is in are

    MATCH (:azure_user {displayName: 'Ada'})-[:MEMBER_OF]->{1,10}(group) RETURN DISTINCT group.displayName
"""

from __future__ import annotations

from loader.model import Conclusion, Derivation

MEMBERS = ("azure_user", "azure_user_group", "azure_service_principal", "azure_group_member")

MEMBER_OF = Derivation(
    name="memberships",
    inputs=MEMBERS,
    relationships=tuple((member, "MEMBER_OF", "azure_user_group") for member in MEMBERS),
    query=f"""
        MATCH (group:azure_user_group)-[:HAS]->(member:{"|".join(MEMBERS)})
        RETURN member._key AS `from`, group._key AS `to`
    """,
)

CONCLUSION = Conclusion(name="Memberships", derivations=(MEMBER_OF,))
