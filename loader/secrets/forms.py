"""Taking out of a text what its form tells to be a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loader.secrets.finding import MARKER, Finding, Found, ignore, is_no_value, is_reference
from loader.secrets.form import Form, has_one
from loader.secrets.phrases import PHRASES
from loader.secrets.tokens import TOKENS

FORMS = (*TOKENS, *PHRASES)

# Most texts of Azure are ids, words of an enumeration and times. Every form needs one of these marks, or begins as a
# token with a prefix does, and such texts have none of them.
_CHARACTERS = re.compile("[= \"'~@\n\t]")
_WORDS = (
    *("%3", "%2", "-----BEGIN", "USER", "AGE-", "User-Key", "uthorization", "UTHORIZATION", "ssword:"),
    *("ecret:", "oken:", "hook", "pagerduty", "ifttt", "AIoT", "AzSe", "+ACR", "JQQJ99", "AZDO"),
)
_PREFIXES = (
    *("eyJ", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_", "glpat-", "gldt-", "glrt-", "glptt-", "AKIA", "ASIA"),
    *("AIza", "ya29", "GOCSPX", "xox", "xapp", "sk_", "rk_", "whsec_", "SG.", "npm_", "pypi-", "dckr_", "rubygems_"),
    *("oy2", "sk-", "hvs.", "hvb.", "dop_", "NRAK", "shpat_", "lin_", "PMAK", "sq0", "ATATT3", "dt0c", "glsa_", "key-"),
    *("hf_", "dapi", "dose", "PuTTY"),
)
_UNDERLINED = tuple(one for one in _PREFIXES if "_" in one)
_OTHERS = tuple(one for one in _PREFIXES if "_" not in one)
_PREFIX = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, _PREFIXES))})")
# The options of a command. The hyphen is found first, which many ids have, and then what stands before it.
_OPTION = re.compile(r"-(?<![A-Za-z0-9]-)")


def _is_marked(text: str) -> bool:
    return bool(_CHARACTERS.search(text)) or has_one(text, _WORDS) or _begins(text)


def _begins(text: str) -> bool:
    """Whether a token with a prefix may begin in it."""
    may = has_one(text, _OTHERS) or ("_" in text and has_one(text, _UNDERLINED))
    return (may and bool(_PREFIX.search(text))) or bool(_OPTION.search(text))


def scrub_text(text: str, found: Found = ignore, place: str = "") -> str:
    """The text with every secret known by its form replaced by the marker, and its surroundings as they were."""
    return _scrubbed(text, found, place) if _is_marked(text) else text


def _scrubbed(text: str, found: Found, place: str) -> str:
    low = text.lower()
    for form in FORMS:
        if has_one(low, form.signs) and (not form.also or has_one(low, form.also)):
            text = form.pattern.sub(lambda match, form=form: _replaced(form, match, found, place), text)  # type: ignore[misc]
    return text


def _replaced(form: Form, match: re.Match[str], found: Found, place: str) -> str:
    group = match.lastindex or 0
    secret = match.group(group)
    if is_no_value(secret) or MARKER in secret or is_reference(secret) or not form.holds(secret):
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
    marked = _is_marked if has_one(together, _WORDS) or _begins(together) else _CHARACTERS.search
    looked_at = "\n".join(text for text in texts if marked(text))
    return bool(looked_at) and _scrubbed(looked_at, ignore, "") != looked_at
