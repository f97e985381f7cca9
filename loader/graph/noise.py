"""What changes without anybody having changed anything: it is stored, and makes no change.

What is so of one type stands in its declaration (`quiet`); here stands what is so wherever it occurs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from loader.guids import is_guid
from loader.model import EntityType

# By the reason; properties of any type, in any casing.
EVERYWHERE: Mapping[str, tuple[str, ...]] = {
    "Azure's mark of a version": ("etag", "resourceGuid"),
    "how Azure's own work on the last change goes": ("provisioningState",),
    "that, when and by whom it was changed; what was changed is told": (
        "changedTime", "changedOn", "lastModified", "lastModifiedTime", "modifiedOn", "lastModifiedDateTime",
        "lastModifiedAt", "lastModifiedBy", "lastModifiedByType", "updatedOn", "updatedAt", "updatedTime",
        "updatedDateTime", "lastUpdatedAt",
    ),
    "when it was last used": ("lastSignInAt", "lastSignInDateTime", "lastNonInteractiveSignInDateTime"),
    "whether it runs, and how much it is used": ("powerState", "usedCapacity", "currentValue"),
    "where the portal shows it": ("webLink",),
}  # fmt: skip
_NAMES = frozenset(name.lower() for names in EVERYWHERE.values() for name in names)
_ARM_ROOTS = ("/subscriptions/", "/providers/")


class Noise:
    """The quiet properties of the declared types, by type."""

    def __init__(self, entity_types: Mapping[str, EntityType]) -> None:
        self._types = entity_types

    @cached_property
    def _quiet(self) -> dict[str, frozenset[str]]:
        return {
            name: frozenset(declared.name for declared in one.properties if declared.quiet)
            for name, one in self._types.items()
        }

    def of(self, entity_type: str) -> frozenset[str]:
        """The names of a type's quiet properties."""
        return self._quiet.get(entity_type, frozenset())


def tracked(name: str) -> bool:
    """Whether a property's change is worth telling, whatever it is of."""
    return not name.startswith("_") and name.lower() not in _NAMES


def property_changes(before: Mapping[str, Any], after: Mapping[str, Any], *, silent: Iterable[str]) -> list[str]:
    """The names of the tracked properties that differ, sorted. silent: names whose change is not to be told."""
    quiet = set(silent)
    return sorted(
        name
        for name in before.keys() | after.keys()
        if tracked(name)
        and name not in quiet
        and before.get(name) != after.get(name)
        and _meaning(name, before) != _meaning(name, after)
    )


def _meaning(name: str, properties: Mapping[str, Any]) -> Any:
    """A value with what Azure varies from answer to answer made one: the casing of ids and of the names in them, and
    with it their order, since lists are sets.
    """
    value, identity = properties.get(name), str(properties.get("id", ""))
    if isinstance(value, list):
        return {_without_casing(item) for item in value}
    if name == "id":
        # Its entity goes by it without regard to casing.
        return str(value).lower()
    if isinstance(value, str) and identity.startswith("/") and identity.endswith(f"/{value}"):
        return value.lower()
    return _without_casing(value)


def _without_casing(value: Any) -> Any:
    told = isinstance(value, str) and (value.startswith(_ARM_ROOTS) or is_guid(value))
    return value.lower() if told else value
