"""Enumerations are closed: what a check compares has all values of the installed SDK, and no other is judged."""

from __future__ import annotations

import re

import pytest

from loader.alerts.library import shipped_rules
from loader.alerts.rule import Rule
from loader.library.closed import compared, mentions
from loader.library.cypher import entity_types_in
from loader.library.definitions import Check, Query
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
ENTRIES = [*LIBRARY.queries.values(), *LIBRARY.checks.values(), *shipped_rules().rules.values()]


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


# A property and the texts that Cypher compares it with as they are: `one.state = 'x'`, `one.state IN ['x', 'y']`,
# `(one:label {state: 'x'})`. What goes through toLower is compared in any casing.
COMPARED = re.compile(
    r"(?<![\w(])\w+\.`?([\w.]+?)`?\s*(?:=|<>|IN)\s*('[^']*'|\[\s*'[^\]]*\])|\b`?([\w.]+)`?: ('[^']*')"
)


def compared_as_it_is(text: str) -> set[tuple[str, str]]:
    """Property and text of every comparison that goes by casing."""
    found: set[tuple[str, str]] = set()
    for match in COMPARED.finditer(text):
        name, written = (match[1], match[2]) if match[1] else (match[3], match[4])
        found |= {(name, one) for one in re.findall(r"'([^']+)'", written)}
    return found


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.id)
def test_an_enumeration_that_is_compared_as_it_is_has_one_spelling(entry: Check | Query | Rule) -> None:
    text = "\n".join([entry.cypher] if isinstance(entry, Rule) else entry.texts.values())
    types = [entity_types()[name] for name in entity_types_in(text).keys() & entity_types().keys()]
    for name, written in compared_as_it_is(text):
        of_name = [(one.type, prop) for one in types for prop in one.properties if prop.name == name]
        for type_name, declared in of_name if written.lower() != written.upper() else ():
            known = {} if declared.values else known_to_the_sdk(type_name, declared)
            assert written not in known, f"{type_name}.{name}: say its `values`; their casing is then one: {known}"
        spelt = {value for _, declared in of_name for value in declared.values}
        assert written in spelt or written.lower() not in {one.lower() for one in spelt}, f"{name} is never {written!r}"
