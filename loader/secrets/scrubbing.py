"""Taking out of a text what its form tells to be a secret."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from loader.secrets.finding import MARKER, Finding, Found, ignore, is_no_value, is_reference
from loader.secrets.form import BLANKS, MARKS, Form
from loader.secrets.phrases import PHRASES
from loader.secrets.signs import SEPARATOR, Signs, ends_of
from loader.secrets.tokens import TOKENS

FORMS = (*TOKENS, *PHRASES)

# What each form says of its matches, in lower case; most texts have none of it. What tells by itself comes first, then
# the beginnings of tokens.
_TELLING = tuple(dict.fromkeys((*MARKS, *BLANKS, *(word for form in FORMS for word in form.words))))
_BEGINS = tuple(dict.fromkeys(begin for form in FORMS for begin in form.begins))
_FIRST_LOOK = Signs((*_TELLING, *(begin.lower() for begin in _BEGINS)))
_BEGIN = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, _BEGINS))})")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_PARTS = tuple(part for form in FORMS for part in form.parts)

_SIGNS = Signs(sign for form in FORMS for sign in (*form.signs, *form.also))
# Of each form the signs, and what a text must have besides.
_NEEDED = tuple((form, _SIGNS.bits(form.signs), _SIGNS.bits(form.also)) for form in FORMS)


def _marked(texts: Sequence[str]) -> set[int]:
    """The numbers of the texts that have anything that some secret has."""
    together = SEPARATOR.join(texts)
    low = together.lower()
    ends = ends_of(texts)
    if len(low) != len(together):  # some letters become two in lower case
        if len(texts) > 1:
            return {at for at, text in enumerate(texts) if _marked([text])}
        ends = [len(low) + 1]
    marked: set[int] = set()
    begun: set[int] = set()
    for number, start, _ in _FIRST_LOOK.found(low):
        at = bisect_right(ends, start)
        if number < len(_TELLING):
            marked.add(at)
        # In lower case other letters may become ASCII's.
        elif not start or low[start - 1] not in _LETTERS or not texts[at].isascii():
            begun.add(at)
    marked |= {at for at in begun - marked if _BEGIN.search(texts[at])}
    for part in _PARTS:
        marked.update(bisect_right(ends, found.start()) for found in part.finditer(together))
    return marked


def scrub_text(text: str, found: Found = ignore, place: str = "") -> str:
    """The text with every secret known by its form replaced by the marker, and its surroundings as they were."""
    return _scrubbed(text, found, place) if _marked([text]) else text


def _scrubbed(text: str, found: Found, place: str) -> str:
    for form in _possible(text, _SIGNS.bits_of([text.lower()])[0]):
        text = form.pattern.sub(lambda match, form=form: _replaced(form, match, found, place), text)  # type: ignore[misc]
    return text


def _possible(text: str, bits: int) -> list[Form]:
    """The forms that a text with these signs may have."""
    size = len(text)
    return [form for form, signs, also in _NEEDED if bits & signs and (bits & also or not also) and size >= form.least]


def _replaced(form: Form, match: re.Match[str], found: Found, place: str) -> str:
    group = match.lastindex or 0
    secret = match.group(group)
    if is_no_value(secret) or is_reference(secret) or not form.holds(secret):
        return match.group()
    found(Finding(place, form.name, secret))
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return match.group()[:start] + MARKER + match.group()[end:]


def holds_secret(text: str) -> bool:
    """Whether a text holds a secret that its form tells."""
    return scrub_text(text) != text


def holding(texts: Sequence[str]) -> set[int]:
    """The numbers of the texts that do: a look at many of them is quicker than one at each."""
    marked = sorted(_marked(texts))
    signs = _SIGNS.bits_of([texts[at].lower() for at in marked])
    may = [at for at, bits in zip(marked, signs, strict=True) if _possible(texts[at], bits)]
    return {at for at in may if _scrubbed(texts[at], ignore, "") != texts[at]}
