"""What can be told about a Cypher text without a database: whether it may do more than read, and its entity types.

This is the first of three gates, which names file and line early. What counts is the second, the server's own plan
(`plan.py`); the third is a read transaction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from loader.services import IMPORTED

_TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |(?P<quoted>`(?:``|[^`])*`)
    |(?P<number>\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<space>\s+)
    |(?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)

# Words that begin something other than reading. CALL is refused before a procedure's name, allowed before `{` or `(`.
_WRITING = re.compile(
    r"ALTER|CREATE|DEALLOCATE|DELETE|DENY|DETACH|DROP|DRYRUN|ENABLE|FOREACH|GRANT|INSERT|LOAD|MERGE|REALLOCATE|REMOVE"
    r"|RENAME|REVOKE|SET|SHOW|START|STOP|TERMINATE|USE",
    re.IGNORECASE,
)

# Nothing in such a text needs to be looked at sign by sign.
_PLAIN = re.compile(r"[\t\n -~]*")
# Where Neo4j's own functions with a dot in their names are (SHOW FUNCTIONS of 5.26 and 2026.05). Those of plugins
# always have a dot, and may do anything: `apoc.load.json`, `genai.vector.encode`.
_NAMESPACES = frozenset({"date", "datetime", "duration", "localdatetime", "localtime", "point", "time", "vector"})


class Token(NamedTuple):
    """One piece of a Cypher text. kind: text, quoted, number, word or sign; line counts from 0."""

    kind: str
    text: str
    line: int


# One text is asked several questions one after the other.
@lru_cache(maxsize=16)
def tokens(cypher: str) -> tuple[Token, ...]:
    """The pieces of a Cypher text without its comments and blanks."""
    line, found = 0, []
    for match in _TOKEN.finditer(cypher):
        kind = match.lastgroup or "sign"
        if kind not in ("comment", "space"):
            found.append(Token(kind, match.group(), line))
        line += match.group().count("\n")
    return tuple(found)


def writing(cypher: str) -> tuple[str, int] | None:
    """What in the text is not plain reading, with its line (from 0); None where there is nothing.

    Names that are also clauses (`n.set`, `:Set`, `{set: 1}`, `$set`) are fine; as variables they need backticks.
    """
    if misread := _misread(cypher):
        return misread
    found = tokens(cypher)
    for index, token in enumerate(found):
        before = found[index - 1].text if index else ""
        after = found[index + 1] if index + 1 < len(found) else Token("sign", "", 0)
        if token.kind == "sign" and token.text in ("'", '"', "`", ";"):
            what = "a `;`: one statement only" if token.text == ";" else f"a {token.text} that is never closed"
            return what, token.line
        if token.text == "(" and (name := plugin_function(found, index)):
            return f"the function {name}", token.line
        if token.kind != "word" or before in (".", ":", "$") or after.text == ":":
            continue
        word = token.text.upper()
        if _WRITING.fullmatch(word):
            return word, token.line
        if word == "CALL" and after.text not in ("{", "("):
            return f"CALL {after.text}", token.line
        if word in ("IN", "CONCURRENT") and after.text.upper() in ("TRANSACTION", "TRANSACTIONS", "CONCURRENT"):
            return "IN TRANSACTIONS", token.line
    return None


def plugin_function(found: Sequence[Token], bracket: int) -> str | None:
    """The function that is called with the bracket at this place, if it is none of Neo4j's own: `apoc.load.json`."""
    parts: list[str] = []
    index = bracket - 1
    while index >= 0 and found[index].kind in ("word", "quoted"):
        parts.insert(0, found[index].text.strip("`"))
        if index == 0 or found[index - 1].text != ".":
            break
        index -= 2
    return ".".join(parts) if len(parts) > 1 and parts[0].lower() not in _NAMESPACES else None


def _misread(cypher: str) -> tuple[str, int] | None:
    """What Neo4j reads otherwise than it looks, or than the tokens above have it; nothing else could be trusted then.

    Neo4j ends a `//` comment at a carriage return too, takes some thirty characters for blanks, and resolves `\\u0053`
    before it parses, inside and outside of strings and comments. So a text has line feeds, tabs, spaces and visible
    characters. (Line ends of Windows do not come this far: YAML reads them as line feeds.)
    """
    if match := re.search(r"\\u", cypher, re.IGNORECASE):
        return r"the escape \u", cypher[: match.start()].count("\n")
    for place, one in enumerate("" if _PLAIN.fullmatch(cypher) else cypher):
        if one not in "\t\n " and unicodedata.category(one)[0] in "CZ":
            name = unicodedata.name(one, "a control character").lower()
            return f"the invisible character U+{ord(one):04X} ({name})", cypher[:place].count("\n")
    return None


def entity_types_in(cypher: str) -> dict[str, int]:
    """The entity types that the text names as labels, with the line (from 0) of the first mention.

    Those of Azure (`azure_…`), wherever they stand; those that are imported have names that anything may have, and
    count where a node begins with them: `(person:person)` and `(:person)`, not `{person: person}`.
    """
    named: dict[str, int] = {}
    before = ("", "", "")
    for token in tokens(cypher):
        name = token.text.strip("`") if token.kind == "quoted" else token.text
        imported = name in IMPORTED and before[2] == ":" and "(" in before[:2]
        if token.kind in ("word", "quoted") and (
            imported or (name.startswith("azure_") and before[2] not in (".", "$"))
        ):
            named.setdefault(name, token.line)
        before = (*before[1:], token.text)
    return named
