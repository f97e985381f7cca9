"""What is tier 0: declared in `tier0.yaml`, with defaults that a folder of one's own library overrides.

`azgraph paths`, the meaning of findings, and parameters of the library that say so (`tier0:`) all have it from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from loader.errors import UsageError
from loader.yaml_reader import Document, Strict

FILE_NAME = "tier0.yaml"
TENANT = "azure_account"
ROOT = "azure_root"
_SCOPES = (ROOT, TENANT, "azure_management_group", "azure_subscription", "azure_resource_group")
# The keys of the declaration that a parameter can follow: lists of texts that Cypher compares with names.
Followed = Literal["directory_roles", "application_permissions"]


class Tier0(Strict):
    """The declaration. Every part may be left out of a file of one's own; the shipped one has them all."""

    directory_roles: tuple[str, ...] | None = Field(default=None, strict=False)
    application_permissions: tuple[str, ...] | None = Field(default=None, strict=False)
    azure_scopes: tuple[str, ...] | None = Field(default=None, strict=False)
    tags: tuple[str, ...] | None = Field(default=None, strict=False)
    entities: tuple[str, ...] | None = Field(default=None, strict=False)

    def followed(self, key: Followed) -> list[str]:
        """The list under this key."""
        return list(getattr(self, key) or ())


@dataclass(frozen=True, slots=True)
class Declared:
    """What is tier 0 after the overrides, and which files said so. own: the file and line of each key that a folder of
    one's own has.
    """

    tier0: Tier0
    files: tuple[Path, ...]
    own: Mapping[str, str] = field(default_factory=dict)


def declared(folders: Sequence[Path]) -> Declared:
    """The shipped declaration with those of the folders over it, in their order. Raises UsageError for a wrong file."""
    if missing := next((folder for folder in folders if not folder.is_dir()), None):
        raise UsageError(f"The library folder {missing} does not exist.")
    files = [path for folder in folders if (path := folder / FILE_NAME).exists()]
    whole: dict[str, tuple[str, ...]] = dict(_lists(_shipped()))
    own: dict[str, str] = {}
    for path in files:
        document = Document(path)
        found = _lists(_checked(document))
        whole |= found
        own |= {name: f"{path}:{document.line((name,))}" for name in found}
    return Declared(Tier0(**whole), (_SHIPPED, *files), own)


def tag_of(text: str) -> tuple[str, str] | None:
    """The name and value of a tag that is given as name=value; None where it is none."""
    name, sign, value = text.partition("=")
    return (name, value) if sign and name.strip() and value.strip() and "/" not in name else None


_SHIPPED = Path(__file__).parent / FILE_NAME


@cache
def _shipped() -> Tier0:
    return _checked(Document(_SHIPPED))


def _checked(document: Document) -> Tier0:
    found = document.validate(Tier0)
    for place, scope in enumerate(found.azure_scopes or ()):
        if scope not in _SCOPES:
            raise document.error(("azure_scopes", place), f"{scope!r} is no scope: {', '.join(_SCOPES)}")
    for place, tag in enumerate(found.tags or ()):
        if tag_of(tag) is None:
            raise document.error(("tags", place), f"{tag!r} is no tag; write name=value")
    return found


def _lists(tier0: Tier0) -> dict[str, tuple[str, ...]]:
    return {name: value for name, value in tier0 if value is not None}
