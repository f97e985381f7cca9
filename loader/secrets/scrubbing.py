"""Taking out of a text what its form tells to be a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loader.secrets.finding import MARKER, Finding, Found, ignore, is_no_value, is_reference
from loader.secrets.form import MARKS, Form, has_one
from loader.secrets.phrases import PHRASES
from loader.secrets.tokens import TOKENS

FORMS = (*TOKENS, *PHRASES)

# What each form says of its matches; most texts have none of it.
_WORDS = tuple({word: None for form in FORMS for word in form.words})
_BEGINS = tuple({begin: None for form in FORMS for begin in form.begins})
_UNDERLINED = tuple(one for one in _BEGINS if "_" in one)
_OTHERS = tuple(one for one in _BEGINS if "_" not in one)
_BEGIN = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, _BEGINS))})")
_PARTS = tuple(part for form in FORMS for part in form.parts)


def _is_marked(text: str) -> bool:
    return bool(MARKS.search(text)) or _is_marked_without(text)


def _is_marked_without(text: str) -> bool:
    """Whether a text may hold a secret though it has none of `MARKS`."""
    may = has_one(text, _OTHERS) or ("_" in text and has_one(text, _UNDERLINED))
    if (may and _BEGIN.search(text)) or has_one(text.lower(), _WORDS):
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
    low = text.lower()
    for form in FORMS:
        if _may_match(form, low):
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
    together = "\n".join(texts)
    # What takes longest to look for is in hardly any.
    marked = _is_marked if _is_marked_without(together) else MARKS.search
    looked_at = [text for text in texts if marked(text)]
    low = "\n".join(looked_at).lower()
    if not any(_may_match(form, low) for form in FORMS):
        return False
    # Each for itself: of two that stand side by side the first may end as the second begins.
    return any(_scrubbed(text, ignore, "") != text for text in looked_at)


def _may_match(form: Form, low: str) -> bool:
    return has_one(low, form.signs) and (not form.also or has_one(low, form.also))
