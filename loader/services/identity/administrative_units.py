"""Administrative units: parts of the directory for which roles can be given instead of for all of it."""

from __future__ import annotations

from collections.abc import Iterable

from loader.model import At, Detail, EntityType, Graph, Json, Link, Relationship, Service, Target, flag, links, text
from loader.services.shared.directory_links import hidden_members, in_tenant, kind_of
from loader.services.shared.wire import parts

_MEMBERS = {"user": "azure_user", "group": "azure_user_group", "device": "azure_device"}


def _has(kind: str, member_type: str) -> Relationship:
    """`azure_administrative_unit HAS` its members of one kind."""

    def make(unit: Json) -> Iterable[Link]:
        for member in parts(unit, "$members", "value"):
            identity = member.get("deviceId") if kind == "device" else member.get("id")
            if kind_of(member) == kind and identity:
                yield Link("HAS", Target(str(identity).lower(), member_type))

    return links("HAS", member_type, make, "a member; of a group only the group itself", needs=("members",))


UNIT = EntityType(
    type="azure_administrative_unit",
    resource="Administrative Unit",
    classes=("Group",),
    documentation="https://learn.microsoft.com/graph/api/directory-list-administrativeunits",
    fetch=Graph(builder="directory.administrative_units", permission="AdministrativeUnit.Read.All"),
    details=(
        Detail(
            name="members",
            many=True,
            call=Graph(
                builder="directory.administrative_units.by_administrative_unit_id.members",
                permission="AdministrativeUnit.Read.All",
                args=(At("id"),),
            ),
            unknown_when=hidden_members("administrative unit"),
        ),
    ),
    properties=(
        text("description", "description", "what it is for"),
        text("visibility", "visibility", "HiddenMembership shows its members to few"),
        text("membershipType", "membershipType", "Dynamic, where a rule decides who is in it"),
        text("membershipRule", "membershipRule", "that rule"),
        flag(
            "isMemberManagementRestricted",
            "isMemberManagementRestricted",
            "only those whose role is given for this unit may change its members",
        ),
    ),
    relationships=(in_tenant(), *(_has(kind, member_type) for kind, member_type in _MEMBERS.items())),
)

SERVICE = Service(name="Administrative units", entity_types=(UNIT,))
