"""Which managed identities a resource can sign in as: the same block on every resource that has any."""

from __future__ import annotations

from collections.abc import Iterator

from loader.model import Json, Link, Property, Relationship, Target, links, text, texts
from loader.services.shared.wire import part


def identity_properties() -> tuple[Property, ...]:
    """`identityType`, `identityPrincipalId`, `userAssignedIdentityIds`: the same block on every resource."""
    return (
        text("identityType", "identity.type", "SystemAssigned, UserAssigned, both or None"),
        text("identityPrincipalId", "identity.principalId", "the object id of its own identity"),
        texts("userAssignedIdentityIds", _user_assigned, "its user-assigned identities"),
    )


def uses_identities() -> Relationship:
    """The resource USES the service principals it can sign in as, and the user-assigned identities among them.

    Not every list tells the principal of a user-assigned identity, but each tells its ARM id; the identity itself then
    leads on to its principal.
    """
    others = ("azure_service_principal", "azure_user_assigned_identity")
    return links("USES", others, _identities, "who it can sign in as")


def _user_assigned(answer: Json) -> list[str]:
    """the ids that `identity.userAssignedIdentities` names, in lower case"""
    return sorted(identity_id.lower() for identity_id in part(answer, "identity", "userAssignedIdentities"))


def _identities(answer: Json) -> Iterator[Link]:
    identity = part(answer, "identity")
    found: list[tuple[str, str | None, Json]] = [("SystemAssigned", None, identity)]
    found += [("UserAssigned", arm_id, one or {}) for arm_id, one in part(identity, "userAssignedIdentities").items()]
    for kind, arm_id, one in found:
        principal = one.get("principalId")
        if principal:
            kept = {"managedIdentityType": kind, "clientId": one.get("clientId"), "identityId": arm_id}
            target = Target(str(principal).lower(), "azure_service_principal", {"id": str(principal)})
            yield Link("USES", target, properties={name: value for name, value in kept.items() if value})
        if arm_id:
            yield Link("USES", Target(arm_id.lower(), "azure_user_assigned_identity", {"id": arm_id}))
