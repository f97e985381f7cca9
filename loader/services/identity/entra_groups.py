"""Groups of the Entra tenant and their direct members.

Members come with their group, one call a group. Users, groups and service principals have lists of their own, so a
group only points at them; every other kind of member (devices, contacts) becomes an `azure_group_member`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import (
    At,
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
    text,
    texts,
    whole,
)
from loader.services.shared.directory_links import in_tenant, portal_page
from loader.services.shared.wire import explained, parts

_LISTED_ELSEWHERE = {"user": "azure_user", "group": "azure_user_group", "servicePrincipal": "azure_service_principal"}
_MEMBER = "azure_group_member"


def kind_of(member: Json) -> str:
    """`user` of "#microsoft.graph.user"."""
    return str(member.get("@odata.type") or "").rpartition(".")[2]


def _has(member_type: str) -> Relationship:
    """`azure_user_group HAS` its direct members of one entity type."""

    def make(answer: Json) -> Iterable[Link]:
        for member in parts(answer, "$members", "value"):
            if _LISTED_ELSEWHERE.get(kind_of(member), _MEMBER) == member_type and member.get("id"):
                yield Link("HAS", Target(str(member["id"]).lower(), member_type))

    return links("HAS", member_type, make, "a direct member", needs=("members",))


def member_count(answer: Json) -> int | None:
    """How many direct members were told; none where the group hides them, and "no members" means "none for you".

    https://learn.microsoft.com/graph/api/group-list-members: reading hidden members takes Member.Read.Hidden.
    """
    told = len(parts(answer, "$members", "value"))
    return None if not told and answer.get("visibility") == "HiddenMembership" else told


def _contains_kind(name: str) -> Callable[[Json], bool]:
    return explained(f"`groupTypes` has {name}", lambda answer: name in (answer.get("groupTypes") or ()))


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
    ),
    details=(
        Detail(
            name="members",
            many=True,
            call=Graph(
                builder="groups.by_group_id.members",
                permission="GroupMember.Read.All",
                args=(At("id"),),
                parent="azure_user_group",
            ),
        ),
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
        whole("memberCount", member_count, "how many direct members it has", needs=("members",)),
        text("visibility", "visibility", "Public lets people join by themselves; Private, HiddenMembership"),
        text("classification", "classification", "the organization's own label for it"),
        flag("onPremisesSyncEnabled", "onPremisesSyncEnabled", "it comes from an on-premises directory"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("renewedOn", "renewedDateTime", "when it was last renewed"),
        date("expiresOn", "expirationDateTime", "when it expires unless renewed"),
        date("deletedOn", "deletedDateTime", "when it was deleted"),
        portal_page("Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview", "groupId"),
    ),
    relationships=(in_tenant(), *(_has(member) for member in (*_LISTED_ELSEWHERE.values(), _MEMBER))),
)

GROUP_MEMBER = EntityType(
    type=_MEMBER,
    resource="Group Member",
    classes=("User",),
    documentation="https://learn.microsoft.com/graph/api/group-list-members",
    fetch=Embedded(parent="azure_user_group", at="$members.value[]"),
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
