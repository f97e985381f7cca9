"""Which managed identities a resource can sign in as: the same block on every resource that has any."""

from __future__ import annotations

from collections.abc import Iterator

from loader.model import Json, Link, Property, Relationship, Target, links, text, texts
from loader.services.shared.wire import part

# Both at once are written with a blank by some services, without one by others.
_KINDS = ("None", "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "SystemAssigned,UserAssigned")
_TYPE = text("identityType", "identity.type", "SystemAssigned, UserAssigned, both or None", values=_KINDS)
_OWN = text("identityPrincipalId", "identity.principalId", "the object id of its own identity")
_OTHERS = ("azure_service_principal", "azure_user_assigned_identity")


def identity_properties() -> tuple[Property, ...]:
    """`identityType`, `identityPrincipalId`, `userAssignedIdentityIds`: the same block on every resource."""
    return (_OWN, *user_assigned_only())


def user_assigned_only() -> tuple[Property, ...]:
    """The same of a resource that cannot have an identity of its own."""
    return (_TYPE, texts("userAssignedIdentityIds", _user_assigned, "its user-assigned identities"))


def uses_identities() -> Relationship:
    """The resource USES the service principals it can sign in as, and the user-assigned identities among them.

    Not every list tells the principal of a user-assigned identity, but each tells its ARM id; the identity itself then
    leads on to its principal.
    """
    return links("USES", _OTHERS, _identities, "who it can sign in as")


def uses_user_assigned() -> Relationship:
    """The same of a resource that cannot have an identity of its own."""
    return links("USES", _OTHERS, _user_assigned_links, "who it can sign in as")


def _user_assigned(answer: Json) -> list[str]:
    """the ids that `identity.userAssignedIdentities` names, in lower case"""
    return sorted(identity_id.lower() for identity_id in part(answer, "identity", "userAssignedIdentities"))


def _identities(answer: Json) -> Iterator[Link]:
    principal = part(answer, "identity").get("principalId")
    if principal:
        yield _signs_in_as(principal, {"managedIdentityType": "SystemAssigned"})
    yield from _user_assigned_links(answer)


def _user_assigned_links(answer: Json) -> Iterator[Link]:
    for arm_id, one in part(answer, "identity", "userAssignedIdentities").items():
        told = part(one)
        if told.get("principalId"):
            kept = {"managedIdentityType": "UserAssigned", "clientId": told.get("clientId"), "identityId": arm_id}
            yield _signs_in_as(told["principalId"], kept)
        yield Link("USES", Target(arm_id.lower(), "azure_user_assigned_identity", {"id": arm_id}))


def _signs_in_as(principal: object, kept: Json) -> Link:
    target = Target(str(principal).lower(), "azure_service_principal", {"id": str(principal)})
    return Link("USES", target, properties={name: value for name, value in kept.items() if value})
