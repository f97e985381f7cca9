"""As whom a resource or an application acts in the directory: `(resource)-[:ACTS_AS]->(service principal)`.

Whoever runs code on a machine can have a token of each managed identity of it; whoever has a credential of an
application signs in as its service principal. `kind` is system-assigned, user-assigned or application, `identity` the
user-assigned identity that stands between; that itself acts as its service principal too. Nothing acts as a service
principal that is disabled: nobody has a token of it (AADSTS7000112,
https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader import services
from loader.model import Conclusion, Derivation, DerivedLink

PRINCIPAL, IDENTITY, APPLICATION = "azure_service_principal", "azure_user_assigned_identity", "azure_application"


def types_with_identities() -> tuple[str, ...]:
    """The entity types that can sign in as a managed identity: those that declare so."""
    return tuple(
        sorted(
            one.type
            for one in services.entity_types().values()
            if any(link.verb == "USES" and IDENTITY in link.other for link in one.relationships)
        )
    )


def _acting(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        identity = {"identity": row["identity"]} if row["identity"] else {}
        yield DerivedLink(row["actor"], "ACTS_AS", row["principal"], properties={"kind": row["kind"], **identity})


_ACTORS = (*types_with_identities(), IDENTITY, APPLICATION)

ACTS_AS = Derivation(
    name="acting-as",
    inputs=(*_ACTORS, PRINCIPAL),
    relationships=tuple((actor, "ACTS_AS", PRINCIPAL) for actor in _ACTORS),
    query=f"""
        CALL () {{
            MATCH (actor:Entity)-[how:USES]->(principal:{PRINCIPAL}) WHERE how.managedIdentityType IS NOT NULL
            RETURN actor._key AS actor, principal, toLower(how.identityId) AS identity,
                   CASE WHEN how.managedIdentityType = 'SystemAssigned' THEN 'system-assigned' ELSE 'user-assigned' END
                   AS kind
            UNION
            MATCH (actor:Entity)-[:USES]->(identity:{IDENTITY})-[:IS]->(principal:{PRINCIPAL})
            RETURN actor._key AS actor, principal, identity._key AS identity, 'user-assigned' AS kind
            UNION
            MATCH (actor:{IDENTITY})-[:IS]->(principal:{PRINCIPAL})
            RETURN actor._key AS actor, principal, null AS identity, 'user-assigned' AS kind
            UNION
            MATCH (actor:{APPLICATION}) WHERE actor.appId IS NOT NULL
            MATCH (principal:{PRINCIPAL} {{appId: actor.appId}})
            RETURN actor._key AS actor, principal, null AS identity, 'application' AS kind
        }}
        WITH * WHERE coalesce(principal.accountEnabled, true)
        RETURN actor, principal._key AS principal, identity, kind
    """,
    rows=_acting,
)

CONCLUSION = Conclusion(name="Acting as", derivations=(ACTS_AS,))
