"""Ways to write Cypher that a Neo4j we support answers wrongly: no shipped query or rule uses them."""

from __future__ import annotations

import re

import pytest

from loader.alerts.library import shipped_rules
from loader.library import shipped_library

pytestmark = pytest.mark.packs

# What takes one row for each of many, and so cannot be meant by its old name afterwards, does no harm.
_BOUND_ANEW = re.compile(r"\bWITH\b[^\n]*?\b(?!head|min|max|sum|avg|collect)\w+\((\w+)\) AS \1\b", re.IGNORECASE)
_SUBQUERY = re.compile(r"\b(?:EXISTS|COUNT|COLLECT)\s*\{")


def bound_anew(cypher: str) -> str | None:
    """The text that names a value like what it was made from, with a subquery after it, or None."""
    found = next((one for one in _BOUND_ANEW.finditer(cypher) if _SUBQUERY.search(cypher, one.end())), None)
    return found and found.group()


def test_the_trap_is_recognised():
    assert bound_anew("WITH r, toLower(x) AS x WHERE NOT EXISTS { MATCH (s {_key: x}) } RETURN r")
    assert bound_anew("WITH r, toLower(x) AS y WHERE NOT EXISTS { MATCH (s {_key: y}) } RETURN r") is None


def test_no_name_is_bound_anew_before_a_subquery():
    texts = {query.id: query.cypher for query in shipped_library().queries.values()}
    texts |= {rule.id: rule.cypher for rule in list(shipped_rules().rules.values()) if rule.cypher}
    assert {name: found for name, text in texts.items() if (found := bound_anew(text))} == {}
