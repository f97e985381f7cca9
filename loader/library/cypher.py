"""What can be told about a Cypher text without a database: whether it may write, and which entity types it names.

This is the first of three gates: at run time the server's own parser (EXPLAIN) and a read transaction follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a Cypher text. kind: text, quoted, number, word or sign; line counts from 0."""

    kind: str
    text: str
    line: int


def tokens(cypher: str) -> Iterator[Token]:
    """The pieces of a Cypher text without its comments and blanks."""
    line = 0
    for match in _TOKEN.finditer(cypher):
        kind = match.lastgroup or "sign"
        if kind not in ("comment", "space"):
            yield Token(kind, match.group(), line)
        line += match.group().count("\n")


def writing(cypher: str) -> tuple[str, int] | None:
    """What in the text is not plain reading, with its line (from 0); None where there is nothing.

    Names that are also clauses (`n.set`, `:Set`, `{set: 1}`, `$set`) are fine; as variables they need backticks.
    """
    if match := re.search(r"\\u", cypher, re.IGNORECASE):
        # Neo4j resolves \\u0053 before it parses, inside and outside of strings: nothing below could be trusted.
        return r"the escape \u", cypher[: match.start()].count("\n")
    found = list(tokens(cypher))
    for index, token in enumerate(found):
        before = found[index - 1].text if index else ""
        after = found[index + 1] if index + 1 < len(found) else Token("sign", "", 0)
        if token.kind == "sign" and token.text in ("'", '"', "`", ";"):
            what = "a `;`: one statement only" if token.text == ";" else f"a {token.text} that is never closed"
            return what, token.line
        if token.kind != "word" or before in (".", ":", "$") or after.text == ":":
            continue
        word = token.text.upper()
        if _WRITING.fullmatch(word):
            return word, token.line
        if word == "CALL" and after.text not in ("{", "("):
            return f"CALL {after.text}", token.line
        if word == "IN" and after.text.upper() in ("TRANSACTIONS", "CONCURRENT"):
            return "IN TRANSACTIONS", token.line
    return None


def entity_types_in(cypher: str) -> dict[str, int]:
    """The entity types (`azure_…`) that the text names as labels, with the line (from 0) of the first mention."""
    named: dict[str, int] = {}
    previous = ""
    for token in tokens(cypher):
        name = token.text.strip("`") if token.kind == "quoted" else token.text
        if token.kind in ("word", "quoted") and name.startswith("azure_") and previous not in (".", "$"):
            named.setdefault(name, token.line)
        previous = token.text
    return named
