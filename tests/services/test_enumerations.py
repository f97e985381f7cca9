"""Enumerations are closed: what a check compares has all values of the installed SDK, and no other is judged."""

from __future__ import annotations

import pytest

from loader.library.closed import compared, mentions
from loader.library.definitions import Check
from loader.library.library import shipped_library
from loader.model import Property
from loader.services import entity_types
from tests.services.test_witnesses import WALKER

# Judged together, as where a resource may be reached from; or several words in one text.
ELSEWHERE = {
    "publicNetworkAccess",
    "networkAcls.defaultAction",
    "networkRuleSet.defaultAction",
    "networkRuleSet.bypass",
}
# Microsoft's word for a value that the caller's model does not know yet.
NOT_KNOWN = "unknownFutureValue"
LIBRARY = shipped_library()


def known_to_the_sdk(type_name: str, declared: Property) -> set[str]:
    """The values of the enumeration that the property's path ends at; none where it is no enumeration."""
    found: set[str] = set()
    for path in declared.source.split("|") if isinstance(declared.source, str) else ():
        shape, _ = WALKER.walk(entity_types()[type_name], tuple(path.strip().split(".")))
        while shape is not None and shape.item is not None:
            shape = shape.item
        found |= shape.values if shape is not None else set()
    return found - {NOT_KNOWN}


@pytest.mark.parametrize("check", LIBRARY.checks.values(), ids=lambda one: one.id)
def test_what_a_check_compares_has_all_values_of_the_sdk(check: Check) -> None:
    for type_name, name, values in compared(check):
        declared = next(one for one in entity_types()[type_name].properties if one.name == name)
        known = known_to_the_sdk(type_name, declared)
        if declared.kind in ("text", "texts") and name not in ELSEWHERE and mentions(check, known):
            missing = {one.lower() for one in known} - {one.lower() for one in values}
            assert missing == set(), f"{type_name}.{name}: say in `values` what Azure answers, then judge it"
