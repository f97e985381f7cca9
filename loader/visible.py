"""Text as people may see it: what would steer a terminal, turn a line around or stay unseen is shown as an escape.

Names, tags and messages come from the tenant and may hold anything. Every writer of text for people sends them through
`visible`: tables, sentences on stderr, CSV, Markdown, HTML, SARIF, JUnit, OCSF. JSON for scripts keeps them exact, with
the same characters as JSON's own escapes (`json_text`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

# Control characters (C0, DEL, C1), formats (zero-width, bidi overrides, tags), surrogates, what is no character, and
# the separators of lines and paragraphs. Private characters (icons of fonts) and blanks of other widths may stay.
_UNSEEN = ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")
# Letters and marks that no font draws: Unicode's Default_Ignorable_Code_Point beside the formats above.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# What JSON's reader gives back exactly, though a terminal or an editor never sees it raw.
_IN_JSON = re.compile("[^ -~]")


def visible(text: str, *, lines: bool = False) -> str:
    """The text with each unseen character as the escape that names it: `\\x1b`, `\\u202e`; others stay as they are.

    lines: whether line breaks may stay (as `\\n` alone); otherwise the text comes out as one line.
    """
    if text.isprintable() and not _BLANK.search(text):
        return text
    if lines:
        return "\n".join(map(visible, text.replace("\r\n", "\n").split("\n")))
    return "".join(_escape(sign) if _is_unseen(sign) else sign for sign in text)


def one_line(text: str) -> str:
    """The same with its breaks and tabs as blanks, where a sentence of ours is wrapped over several lines."""
    return visible(re.sub(r"[ \t]*\r?\n[ \t]*|\t", " ", text.strip("\r\n")))


def visible_in(document: Any) -> Any:
    """A document of plain values with every text in it made visible, keys too; line breaks stay."""
    if isinstance(document, str):
        return visible(document, lines=True)
    if isinstance(document, dict):
        return {visible(str(name)): visible_in(value) for name, value in document.items()}
    return [visible_in(one) for one in document] if isinstance(document, list | tuple) else document


def json_text(document: Any, *, indent: int | None = 2) -> str:
    """A document as JSON: readable letters as they are, unseen characters escaped, so that it reads back the same.

    A number that JSON does not have (an infinity) is null.
    """
    try:
        text = json.dumps(document, indent=indent, ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(document), indent=indent, ensure_ascii=False, allow_nan=False)
    return _IN_JSON.sub(lambda found: _json_escape(found[0]), text)


def _json_escape(sign: str) -> str:
    """Outside of texts JSON is ASCII, so whatever else is found stands in one."""
    return json.dumps(sign)[1:-1] if sign != "\n" and _is_unseen(sign) else sign


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN or _BLANK.match(sign) is not None


def _escape(sign: str) -> str:
    code = ord(sign)
    return _SHORT.get(sign) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def _finite(document: Any) -> Any:
    if isinstance(document, float):
        return document if document - document == 0 else None
    if isinstance(document, dict):
        return {name: _finite(value) for name, value in document.items()}
    return [_finite(one) for one in document] if isinstance(document, list | tuple) else document
