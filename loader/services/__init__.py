"""What Azure says: the services azgraph loads, one file each, in areas; `shared/` is what many of them use.

A file that declares `SERVICE` is found here, whichever area it is in; nothing lists it.
"""

from __future__ import annotations

from functools import cache

from loader.found import declared_in
from loader.model import Arm, Derivation, Embedded, EntityType, Graph, Service

SUBSCRIPTION = "azure_subscription"
# Types whose entities no run asks Azure for, and the command that writes them, as a step of their own.
IMPORTED = {"person": "azgraph people import"}


@cache
def services() -> tuple[Service, ...]:
    """Every `SERVICE` of this package, by area and file name."""
    return declared_in(__name__, "SERVICE", Service)


@cache
def entity_types() -> dict[str, EntityType]:
    """Every declared entity type by its name. A name declared twice is a programming error."""
    types: dict[str, EntityType] = {}
    for service in services():
        for entity_type in service.entity_types:
            if entity_type.type in types:
                raise ValueError(f"{entity_type.type} is declared twice, the second time in {service.name}")
            types[entity_type.type] = entity_type
    return types


@cache
def _types_by_arm_type() -> dict[str, str]:
    return {one.arm_type.lower(): one.type for one in entity_types().values() if one.arm_type}


def type_of(key: str) -> str | None:
    """The entity type that an ARM id in lower case is of; None for other keys and for types nobody declares."""
    parts = key.strip("/").split("/")
    if "providers" not in parts:
        return {2: "azure_subscription", 4: "azure_resource_group"}.get(len(parts)) if key.startswith("/sub") else None
    last = len(parts) - 1 - parts[::-1].index("providers")
    return _types_by_arm_type().get("/".join([*parts[last + 1 : last + 2], *parts[last + 2 :: 2]]))


@cache
def derivations() -> tuple[Derivation, ...]:
    """The derivations that services declare: relationships between parts of one service's answers."""
    return tuple(derivation for service in services() for derivation in service.derivations)


@cache
def steps() -> dict[str, str]:
    """Every step a run can take, `type` or `type.detail`, with the permission it needs."""
    permissions: dict[str, str] = {}
    for entity_type in entity_types().values():
        if entity_type.fetch is None:
            continue
        permissions[entity_type.type] = permission_of(entity_type)
        for detail in entity_type.details:
            permissions[f"{entity_type.type}.{detail.name}"] = detail.call.permission
    return permissions


def parents_of(entity_type: EntityType) -> tuple[str, ...]:
    """The types whose entities this type is fetched for, or is part of; empty for a plain list."""
    parent = entity_type.fetch.parent if entity_type.fetch is not None else None
    return () if parent is None else (parent,) if isinstance(parent, str) else parent


def in_each_subscription(entity_type: EntityType) -> bool:
    """Whether a type is fetched once a subscription; otherwise once for the tenant, or never."""
    fetch, parents = entity_type.fetch, parents_of(entity_type)
    if parents:
        return any(one == SUBSCRIPTION or in_each_subscription(entity_types()[one]) for one in parents)
    return not (fetch is None or isinstance(fetch, Graph) or (isinstance(fetch, Arm) and fetch.tenant))


def permission_of(entity_type: EntityType) -> str:
    """The permission that fetching a type needs; for a type embedded in another's answer, that one's."""
    fetch = entity_type.fetch
    while isinstance(fetch, Embedded):
        fetch = entity_types()[fetch.parent].fetch
    return fetch.permission if fetch is not None else ""
