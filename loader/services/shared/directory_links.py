"""What several Entra types share: their page in the portal, the tenant they are in, their owners, their members."""

from __future__ import annotations

from collections.abc import Callable

from loader.model import ANY_PRINCIPAL, At, Detail, Graph, Json, Property, Relationship, Target, incoming, text
from loader.services.shared.wire import explained, parts

# `$expand` on directory objects gives so many of them at most, and no next link to the others.
# https://learn.microsoft.com/graph/query-parameters#expand
EXPANDED_AT_MOST = 20


def portal_page(view: str, parameter: str) -> Property:
    """`webLink` of a directory object, whose id is not an ARM id: the portal's `view`, told the id as `parameter`."""

    def link(answer: Json) -> str:
        return f"https://portal.azure.com/#view/{view}/{parameter}/{answer.get('id')}"

    return text("webLink", explained(f"`id`, in the portal's {view}", link), "opens it in the Azure portal")


def id_under(word: str) -> Callable[[Json], str | None]:
    """The key of what has an id that another thing of the directory may have too: its id, under a word of its own."""

    def key(answer: Json) -> str | None:
        identity = answer.get("id")
        return f"{word}/{identity}" if identity and isinstance(identity, str) else None

    return explained(f"`id`, under {word}/", key)


def for_a_time(answer: Json) -> bool:
    """Whether what Privileged Identity Management tells of an assignment ends (`endDateTime`), or was taken up."""
    return bool(answer.get("endDateTime")) or str(answer.get("assignmentType")).lower() == "activated"


def in_tenant() -> Relationship:
    """`azure_account HAS` this entity."""
    return incoming("HAS", "azure_account", "@tenant", "the tenant it is in")


def all_expanded(answer: Json, relationship: str) -> bool:
    """Whether `$expand` has given everything: it was asked for, and there is less than it gives at most."""
    return relationship in answer and len(parts(answer, relationship)) < EXPANDED_AT_MOST


def owners(answer: Json) -> list[Target]:
    """Users and service principals that may change it: those listed in `$owners.value[]`, or else `owners[]`."""
    found = parts(answer, "$owners", "value") if "$owners" in answer else parts(answer, "owners")
    return [Target(str(one["id"]).lower(), properties={"id": one["id"]}) for one in found if one.get("id")]


def owners_beyond_expand(builder: str) -> Detail:
    """The detail `owners` of an application or service principal, where `$expand=owners` may not have given all."""
    call = Graph(
        builder=builder,
        permission="Application.Read.All",
        args=(At("id"),),
        when=lambda answer: not all_expanded(answer, "owners"),
    )
    return Detail(name="owners", call=call, many=True)


def owned_by(meaning: str, told: Callable[[Json], list[Target]] = owners) -> Relationship:
    """A user or service principal `OWNS` this entity, which has its owners as the detail `owners`, or as it is told."""
    return incoming("OWNS", ANY_PRINCIPAL, told, meaning, needs=("owners",))


# Kinds of AI agents, which are users and service principals to Microsoft Graph, in the lists of these and by their ids:
# https://learn.microsoft.com/graph/api/resources/agentidentity, https://learn.microsoft.com/graph/api/resources/agentuser
_DERIVED = {
    "agentUser": "user",
    "agentIdentity": "servicePrincipal",
    "agentIdentityBlueprintPrincipal": "servicePrincipal",
}


def kind_of(member: Json) -> str:
    """`user` of "#microsoft.graph.user", and of what is derived from it."""
    kind = str(member.get("@odata.type") or "").rpartition(".")[2]
    return _DERIVED.get(kind, kind)


def is_hidden(group: Json) -> bool:
    """Whether few may see who is in the group or administrative unit."""
    return str(group.get("visibility")).lower() == "hiddenmembership"


def hidden_members(kind: str) -> Callable[[Json], str | None]:
    """For `Detail.unknown_when` of a detail `members`: why an empty list does not mean that nobody is in it.

    Without one permission more, the members of a group with hidden membership come as an empty list:
    https://learn.microsoft.com/graph/api/group-list-members#permissions
    """

    def unknown(group: Json) -> str | None:
        if not is_hidden(group) or parts(group, "$members", "value"):
            return None
        return (
            f"The members of the {kind} {group.get('displayName')} are hidden. To see them, grant the permission "
            "Member.Read.Hidden as well."
        )

    return unknown
