"""Groups of the Entra tenant, their direct members and their owners.

Users, groups and service principals have lists of their own, so a group only points at them; every other kind of member
(devices, contacts) becomes an `azure_group_member`.

Microsoft Graph v1.0 leaves service principals out of the list of a group's members, a known issue for which its page
names a way round: `$expand=members` (https://learn.microsoft.com/graph/api/group-list-members, of July 2025). That
gives 20 members at most and no next link, so larger groups are asked for both lists: of all members, and of those that
are service principals (the OData cast). Query options on either are only supported as advanced queries. The owners of a
group have the same gap and no way round: service principals are not among them
(https://learn.microsoft.com/graph/api/group-list-owners).

One request expands one relationship (https://learn.microsoft.com/graph/query-parameters#expand), so a second list of
all groups has their owners; those that have as many as it gives at most are asked one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import (
    At,
    Delta,
    Detail,
    Embedded,
    EntityType,
    Graph,
    Json,
    Link,
    Relationship,
    Service,
    Target,
    date,
    flag,
    links,
    outgoing,
    quiet,
    text,
    texts,
    whole,
)
from loader.services.shared.directory_links import (
    all_expanded,
    hidden_members,
    in_tenant,
    is_hidden,
    kind_of,
    owned_by,
    owners,
    portal_page,
)
from loader.services.shared.wire import explained, part, parts

_LISTED_ELSEWHERE = {"user": "azure_user", "group": "azure_user_group", "servicePrincipal": "azure_service_principal"}
_MEMBER = "azure_group_member"
_SERVICE_PRINCIPAL = "#microsoft.graph.servicePrincipal"


def _list_members(group: Json) -> bool:
    """Whether who is in it has to be asked for: its own answer does not have all."""
    return is_hidden(group) or not all_expanded(group, "members")


def _list_service_principals(group: Json) -> bool:
    """Whether the list of members is asked for, which has no service principals, and there may be some.

    Microsoft 365 groups cannot have them, and refuse the question. An answer that was recorded without `$expand` does
    not tell how many there are.
    """
    unified = "Unified" in (group.get("groupTypes") or ())
    return "members" in group and not unified and not all_expanded(group, "members")


def _list_owners(group: Json) -> bool:
    """Whether its owners have to be asked for: the list of all groups with their owners does not have all of them."""
    return not all_expanded(part(group, "$expandedOwners"), "owners")


def _owners(group: Json) -> list[Target]:
    """Users and service principals that may change it: those listed in `$owners.value[]`, or else
    `$expandedOwners.owners[]`."""
    return owners(group if "$owners" in group else part(group, "$expandedOwners"))


def members(group: Json) -> list[Json]:
    """All direct members: those of its own answer, or of the lists where that cannot have all."""
    listed = parts(group, "$members", "value") if "$members" in group else parts(group, "members")
    # The cast's items are of the one kind that it was asked for, and do not say so.
    cast = ({"@odata.type": _SERVICE_PRINCIPAL, **one} for one in parts(group, "$servicePrincipals", "value"))
    return [*listed, *cast]


def _has(member_type: str) -> Relationship:
    """`azure_user_group HAS` its direct members of one entity type."""

    def make(answer: Json) -> Iterable[Link]:
        for member in members(answer):
            if _LISTED_ELSEWHERE.get(kind_of(member), _MEMBER) == member_type and member.get("id"):
                yield Link("HAS", Target(str(member["id"]).lower(), member_type))

    needs = ("members", "servicePrincipals") if member_type == "azure_service_principal" else ("members",)
    return links("HAS", member_type, make, "a direct member", needs=needs)


def member_count(answer: Json) -> int | None:
    """How many direct members were told; none where nothing tells, and where the group hides them, since "no members"
    then means "none for you".

    https://learn.microsoft.com/graph/api/group-list-members: reading hidden members takes Member.Read.Hidden.
    """
    if "$members" not in answer and "members" not in answer:
        return None
    told = len(members(answer))
    return None if not told and is_hidden(answer) else told


def _contains_kind(name: str) -> Callable[[Json], bool]:
    return explained(f"`groupTypes` has {name}", lambda answer: name in (answer.get("groupTypes") or ()))


def _list_of(what: str, *, when: Callable[[Json], bool] | None = None) -> Graph:
    return Graph(
        builder=f"groups.by_group_id.{what}",
        permission="GroupMember.Read.All",
        args=(At("id"),),
        parent="azure_user_group",
        when=when,
        advanced=True,
    )


GROUP = EntityType(
    type="azure_user_group",
    resource="Group",
    classes=("UserGroup",),
    documentation="https://learn.microsoft.com/graph/api/group-list",
    fetch=Graph(
        builder="groups",
        permission="GroupMember.Read.All",
        select=(
            "id",
            "classification",
            "createdDateTime",
            "deletedDateTime",
            "description",
            "displayName",
            "expirationDateTime",
            "groupTypes",
            "isAssignableToRole",
            "mail",
            "mailEnabled",
            "mailNickname",
            "membershipRule",
            "onPremisesSyncEnabled",
            "renewedDateTime",
            "securityEnabled",
            "visibility",
        ),
        expand=("members",),
    ),
    # Relationships to directory objects may be selected: https://learn.microsoft.com/graph/api/group-delta
    delta=Delta(builder="groups.delta", relationships=("members", "owners")),
    details=(
        Detail(
            name="members",
            many=True,
            call=_list_of("members", when=_list_members),
            unknown_when=hidden_members("group"),
        ),
        Detail(
            name="servicePrincipals",
            many=True,
            call=_list_of("members.graph_service_principal", when=_list_service_principals),
        ),
        Detail(
            name="expandedOwners",
            call=Graph(builder="groups", permission="GroupMember.Read.All", select=("id",), expand=("owners",)),
            by="id",
            spare="owners",
        ),
        Detail(name="owners", many=True, call=_list_of("owners", when=_list_owners)),
    ),
    properties=(
        text("description", "description", "what it is for"),
        text("email", "mail", "its mail address"),
        text("mail", "mail", "its mail address"),
        text("mailNickname", "mailNickname", "the part of that before the @"),
        flag("mailEnabled", "mailEnabled", "it can take mail"),
        flag("securityEnabled", "securityEnabled", "it can be given rights"),
        flag("isAssignableToRole", "isAssignableToRole", "it can be given directory roles"),
        texts("groupTypes", "groupTypes", "Unified for Microsoft 365, DynamicMembership"),
        flag("dynamicMembership", _contains_kind("DynamicMembership"), "a rule decides who is in it"),
        text("membershipRule", "membershipRule", "that rule"),
        quiet(
            whole(
                "memberCount",
                member_count,
                "how many direct members it has",
                needs=("members", "servicePrincipals"),
            )
        ),
        text(
            "visibility",
            "visibility",
            "Public lets people join by themselves; Private, HiddenMembership",
            values=("Public", "Private", "HiddenMembership"),
        ),
        text("classification", "classification", "the organization's own label for it"),
        flag("onPremisesSyncEnabled", "onPremisesSyncEnabled", "it comes from an on-premises directory"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("renewedOn", "renewedDateTime", "when it was last renewed"),
        date("expiresOn", "expirationDateTime", "when it expires unless renewed"),
        date("deletedOn", "deletedDateTime", "when it was deleted"),
        portal_page("Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview", "groupId"),
    ),
    relationships=(
        in_tenant(),
        *(_has(member) for member in (*_LISTED_ELSEWHERE.values(), _MEMBER)),
        owned_by("who may change it and who is in it", _owners),
    ),
)

GROUP_MEMBER = EntityType(
    type=_MEMBER,
    resource="Group Member",
    classes=("User",),
    documentation="https://learn.microsoft.com/graph/api/group-list-members",
    fetch=Embedded(parent="azure_user_group", at="$members.value[] | members[]"),
    keep=lambda member: kind_of(member) not in _LISTED_ELSEWHERE,
    # The same device may be in several groups: nothing here may depend on the group it was found in.
    properties=(
        text("memberType", kind_of, "what it is: device, orgContact, …"),
        text("email", "mail", "its mail address"),
        text("jobTitle", "jobTitle", "a contact's job title"),
        flag("accountEnabled", "accountEnabled", "a device that may be used"),
        text("deviceId", "deviceId", "a device's own id"),
        text("operatingSystem", "operatingSystem", "a device's operating system"),
        flag("isCompliant", "isCompliant", "a device that meets the compliance policies"),
        flag("isManaged", "isManaged", "a device under management"),
    ),
    relationships=(outgoing("IS", "azure_device", "deviceId", "the device, as the list of devices has it"),),
)

SERVICE = Service(name="Entra groups", entity_types=(GROUP, GROUP_MEMBER))
