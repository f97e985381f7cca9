"""Which ids may be those of an entity type: of Azure Resource Manager, of Microsoft Graph, of a key vault.

What goes by another id is no entity of that type, whatever its list says: it would make a stranger of something that is
known, and take that for deleted. Nor does a resource list what is a part of another one. Sources:
https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules and
https://learn.microsoft.com/rest/api/resources/resources/get-by-id (an id tells scope, type and name),
https://learn.microsoft.com/graph/api/resources/directoryobject (GUIDs),
https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from loader.guids import is_guid_alone
from loader.mapping import identity
from loader.model import Embedded, EntityType, Graph, Json, Vault
from loader.services import SUBSCRIPTION, entity_types

# What Graph calls an id of no form that anybody is to rely on; others are GUIDs.
_OPAQUE = re.compile(r"[^\s/\\?#<>{}\"'`]+")
_VAULT_ITEM = re.compile(r"/(keys|secrets|certificates)/[0-9a-z-]{1,127}")
# What stands in no name of a resource that Azure lets anybody give.
_ODD = re.compile(r"[^\w/.()@*~:%+=,;!$&#-]")
# Places whose ids have no provider in them.
_PLACES = {
    SUBSCRIPTION: re.compile(r"/subscriptions/[^/]+"),
    "azure_location": re.compile(r"/subscriptions/[^/]+/locations/[^/]+"),
    "azure_resource_group": re.compile(r"/subscriptions/[^/]+/resourcegroups/[^/]+"),
}


def can_be(entity_type: EntityType, answer: Json, key: str) -> bool:
    """Whether what goes by this key may be of this type. answer: with `@subscription` and `@parent`, where it has them:
    those that were asked for it.
    """
    fetch: object = entity_type.fetch
    while isinstance(fetch, Embedded):
        fetch = entity_types()[fetch.parent].fetch if fetch.parent in entity_types() else None
    if isinstance(fetch, Graph):
        return _of_graph(entity_type, answer, key)
    if isinstance(fetch, Vault):
        return _of_vault(entity_type, answer, key)
    return _of_arm(entity_type, answer, key)


def arm_type_of(arm_id: str) -> str | None:
    """The resource type that an ARM id names, in lower case; None where it is no whole id of a resource.

    Types and names take turns after the last provider: `/…/providers/{namespace}/{type}/{name}/{type}/{name}`.
    """
    head, found, tail = arm_id.lower().rpartition("/providers/")
    parts = tail.split("/")
    if not found or (head and not head.startswith("/")) or len(parts) < 3 or len(parts) % 2 == 0 or not all(parts):
        return None
    return "/".join([parts[0], *parts[1::2]])


def _of_arm(entity_type: EntityType, answer: Json, key: str) -> bool:
    told = answer.get("id")
    # A key that is made of more than the id, or of the parent's id and a name, is held to what it was made of.
    ids = {one for one in (key, identity(told).lower() if isinstance(told, str) else "") if one.startswith("/")}
    if not ids:
        return not isinstance(entity_type.key, str)
    types = {one: arm_type_of(one) for one in ids}
    return all(_is_of_type(entity_type, *one) and _is_below(answer, *one) for one in types.items())


def _is_of_type(entity_type: EntityType, arm_id: str, found: str | None) -> bool:
    """found: the type that the id names."""
    place = _PLACES.get(entity_type.type)
    if place is not None:
        return place.fullmatch(arm_id) is not None
    due = entity_type.ids or ((entity_type.arm_type,) if entity_type.arm_type else ())
    if found is not None and (not due or any(_fits(found, one.lower()) for one in due)):
        return True
    if not due and not isinstance(entity_type.key, str):
        return True
    # A hostile name may have slashes in it, and its parts look like types; what else is odd in it tells that it is one.
    beginnings = [f"/providers/{one.lower()}/" for one in due] or ["/providers/"]
    return any(one in arm_id for one in beginnings) and _ODD.search(arm_id) is not None


def _fits(found: str, due: str) -> bool:
    """Whether a type is the one due; `*` at the end of it is any last segment."""
    return found == due or (due.endswith("/*") and found.rpartition("/")[0] == due[:-2])


def _is_below(answer: Json, arm_id: str, part: str | None) -> bool:
    """Whether a resource that is a part of another, by its type, is a part of the one that was asked for it."""
    parent = answer.get("@parent")
    above = str(parent.get("@key") or "") if isinstance(parent, dict) else ""
    whole = arm_type_of(above) if part is not None else None
    return whole is None or part is None or not part.startswith(f"{whole}/") or arm_id.startswith(f"{above}/")


def _of_graph(entity_type: EntityType, answer: Json, key: str) -> bool:
    told = key if entity_type.key == "deviceId" else answer.get("id")
    if not isinstance(told, str):
        return False
    return _OPAQUE.fullmatch(told) is not None if "opaque" in entity_type.ids else is_guid_alone(told)


def _of_vault(entity_type: EntityType, answer: Json, key: str) -> bool:
    """A vault's items stand below its own address: https://{vault}/{keys, secrets, certificates}/{name}."""
    parent = answer.get("@parent")
    inside = parent.get("properties") if isinstance(parent, dict) else None
    vault = inside.get("vaultUri") if isinstance(inside, dict) else None
    try:
        own, asked = urlsplit(key), urlsplit(vault.strip().lower() if isinstance(vault, str) else "")
        same = (own.scheme, own.netloc) == (asked.scheme, asked.netloc) or not asked.netloc
    except ValueError:
        return False
    item = _VAULT_ITEM.fullmatch(own.path)
    bare = own.scheme == "https" and not (own.query or own.fragment)
    return same and bare and item is not None and entity_type.type.endswith(item[1].removesuffix("s"))
