"""What is tier 0: declared in YAML, with defaults that a folder of one's own library overrides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from loader.errors import UsageError
from loader.paths.network import Network
from loader.paths.scopes import ROOT, TENANT
from loader.yaml_reader import Document, Strict

if TYPE_CHECKING:
    from loader.graph import Database

FILE_NAME = "tier0.yaml"
_GIVE_ROLES = "give-roles"
_ENTITIES = """
MATCH (one:{types}) WHERE one._stub IS NULL RETURN one._key AS key
"""
_TAGGED = """
MATCH (one:Entity) WHERE toLower(toString(one[$property])) = toLower($value) RETURN one._key AS key
"""
_TAGS = """
MATCH (one:Entity) UNWIND keys(one) AS property
WITH one, property WHERE property STARTS WITH 'tag.'
RETURN DISTINCT substring(property, 4) + '=' + toString(one[property]) AS tag LIMIT 10000
"""


class Tier0(Strict):
    """The declaration. Every part may be left out of a file of one's own; the shipped one has them all."""

    directory_roles: tuple[str, ...] | None = Field(default=None, strict=False)
    application_permissions: tuple[str, ...] | None = Field(default=None, strict=False)
    azure_scopes: tuple[str, ...] | None = Field(default=None, strict=False)
    tags: tuple[str, ...] | None = Field(default=None, strict=False)
    entities: tuple[str, ...] | None = Field(default=None, strict=False)


@dataclass(frozen=True, slots=True)
class Declared:
    """What is tier 0 after the overrides, and which files said so."""

    tier0: Tier0
    files: tuple[Path, ...]


def declared(folders: Sequence[Path]) -> Declared:
    """The shipped declaration with those of the folders over it, in their order. Raises UsageError for a wrong file."""
    from loader.paths.naming import tag_of

    if missing := next((folder for folder in folders if not folder.is_dir()), None):
        raise UsageError(f"The library folder {missing} does not exist.")
    files = [Path(__file__).parent / FILE_NAME]
    files += [path for folder in folders if (path := folder / FILE_NAME).exists()]
    whole: dict[str, tuple[str, ...]] = {}
    for path in files:
        document = Document(path)
        found = document.validate(Tier0)
        allowed = (ROOT, TENANT, "azure_management_group", "azure_subscription", "azure_resource_group")
        for place, scope in enumerate(found.azure_scopes or ()):
            if scope not in allowed:
                raise document.error(("azure_scopes", place), f"{scope!r} is no scope: {', '.join(allowed)}")
        for place, tag in enumerate(found.tags or ()):
            if tag_of(tag) is None:
                raise document.error(("tags", place), f"{tag!r} is no tag; write name=value")
        whole |= {name: value for name, value in found if value is not None}
    return Declared(Tier0(**whole), tuple(files))


def tier0_nodes(database: Database, network: Network, tier0: Tier0) -> list[int]:
    """The nodes that are tier 0: roles as they are given, scopes and the tenant taken over, what is tagged or named."""
    roles = {one.lower() for one in tier0.directory_roles or ()}
    permissions = {one.lower() for one in tier0.application_permissions or ()}
    scopes = set(tier0.azure_scopes or ())
    network.learn_given_in({*scopes - {ROOT}, TENANT}, [_GIVE_ROLES], {*roles, *permissions})
    found = {node for node, row in network.evidence.items() if _is_tier0(row, roles, permissions, scopes)}
    keys: list[str] = []
    types = "|".join(sorted({*scopes - {ROOT}, TENANT}))
    keys += [row["key"] for row in database.read(_ENTITIES.format(types=types))]
    keys += [name for name in network.index if name.startswith("/@")] if ROOT in scopes else []
    for tag in tier0.tags or ():
        keys += tagged(database, tag)
    keys += [one.lower() for one in tier0.entities or ()]
    return sorted(found | {network.entity(key) for key in keys})


def tagged(database: Database, tag: str) -> list[str]:
    """The keys of all entities with a tag, given as name=value."""
    name, _, value = tag.partition("=")
    return [row["key"] for row in database.read(_TAGGED, {"property": f"tag.{name}", "value": value})]


def tags(database: Database) -> list[str]:
    """The tags that there are, as name=value, to be suggested; of very many not all."""
    return [row["tag"] for row in database.read(_TAGS)]


def _is_tier0(row: object, roles: set[str], permissions: set[str], scopes: set[str]) -> bool:
    if not isinstance(row, dict):
        return False
    name, kind = str(row["role"] or "").lower(), row["kind"]
    if kind == "directory":
        return row["scopeType"] == TENANT and name in roles
    if kind == "application":
        return name in permissions
    return row["scopeType"] in scopes and _GIVE_ROLES in (row["capabilities"] or ()) and kind != "owner"
