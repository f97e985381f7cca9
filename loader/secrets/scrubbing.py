"""Taking out of a text what its form tells to be a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loader.secrets.finding import MARKER, Finding, Found, ignore, is_no_value, is_reference
from loader.secrets.form import BLANKS, MARKS, Form
from loader.secrets.phrases import PHRASES
from loader.secrets.signs import Signs
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


def _is_marked(text: str) -> bool:
    """Whether a text has anything that some secret has."""
    low = text.lower()
    begins = False
    for number, start, _ in _FIRST_LOOK.found(low):
        if number < len(_TELLING):
            return True
        # In lower case other letters may become ASCII's.
        begins = begins or not start or low[start - 1] not in _LETTERS or not text.isascii()
    if begins and _BEGIN.search(text):
        return True
    # Written out: a generator costs more than what it looks for.
    for part in _PARTS:  # noqa: SIM110
        if part.search(text):
            return True
    return False


def scrub_text(text: str, found: Found = ignore, place: str = "") -> str:
    """The text with every secret known by its form replaced by the marker, and its surroundings as they were."""
    return _scrubbed(text, found, place) if _is_marked(text) else text


def _scrubbed(text: str, found: Found, place: str) -> str:
    for form in _possible(text):
        text = form.pattern.sub(lambda match, form=form: _replaced(form, match, found, place), text)  # type: ignore[misc]
    return text


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


def any_holds_secret(texts: Sequence[str]) -> bool:
    """The same of several texts, for which a look at all of them is quicker than one at each."""
    # Nothing that a secret has, nor what may stand before it, is a NUL.
    if not _is_marked("\0".join(texts)):
        return False
    looked_at = [text for text in texts if _is_marked(text)]
    if not _possible("\0".join(looked_at)):
        return False
    # Each for itself: of two that stand side by side the first may end as the second begins.
    return any(_scrubbed(text, ignore, "") != text for text in looked_at)


def _possible(text: str) -> list[Form]:
    """The forms whose signs a text has."""
    has = _SIGNS.bits_of(text.lower())
    return [form for form, signs, also in _NEEDED if has & signs and (has & also or not also)]
