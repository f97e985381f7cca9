"""Who may become member or owner of a group for a time (Privileged Identity Management for groups).

Microsoft Graph tells them one group at a time: the filter has to name the group, or the principal. Asked are the groups
that may be governed so and can be given rights: security is enabled, no rule decides who is in them, and they come from
no other directory. Memberships that were taken up are among the group's members.
Sources: https://learn.microsoft.com/graph/api/privilegedaccessgroup-list-eligibilityscheduleinstances and
https://learn.microsoft.com/entra/id-governance/privileged-identity-management/concept-pim-for-groups
"""

from __future__ import annotations

from loader.model import ANY_PRINCIPAL, EntityType, Graph, Json, Service, Target, date, outgoing, text
from loader.services.shared.directory_links import id_under


def may_be_governed(group: Json) -> bool:
    """Whether memberships of the group may be taken up for a time, as far as its own answer tells."""
    return (
        bool(group.get("securityEnabled"))
        and "DynamicMembership" not in (group.get("groupTypes") or ())
        and not group.get("onPremisesSyncEnabled")
    )


def governed_principal(answer: Json) -> Target | None:
    """`principalId`: a user, a group or a service principal"""
    identity = str(answer.get("principalId") or "")
    return Target(identity.lower(), properties={"id": identity}) if identity else None


ELIGIBILITY = EntityType(
    type="azure_group_eligibility",
    ids=("opaque",),
    resource="Group Eligibility",
    classes=("AccessPolicy",),
    documentation="https://learn.microsoft.com/graph/api/privilegedaccessgroup-list-eligibilityscheduleinstances",
    fetch=Graph(
        builder="identity_governance.privileged_access.group.eligibility_schedule_instances",
        permission="PrivilegedEligibilitySchedule.Read.AzureADGroup",
        filter="groupId eq '{id}'",
        parent="azure_user_group",
        when=may_be_governed,
    ),
    # The id is made of the group's.
    key=id_under("group-eligibility"),
    name="id",
    properties=(
        text("groupId", "groupId", "the group"),
        text("principalId", "principalId", "object id of who may become that"),
        text("accessId", "accessId", "what that is: member or owner", values=("member", "owner")),
        text("memberType", "memberType", "direct, or through a group"),
        date("startsOn", "startDateTime", "from when on it may be taken up"),
        date("endsOn", "endDateTime", "until when; nothing is for ever"),
    ),
    relationships=(
        outgoing("ALLOWS", "azure_user_group", "groupId", "the group"),
        outgoing("ASSIGNED", ANY_PRINCIPAL, governed_principal, "who may become that"),
    ),
)

SERVICE = Service(name="Group eligibilities", entity_types=(ELIGIBILITY,))
