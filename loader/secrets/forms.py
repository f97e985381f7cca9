"""Taking out of a text what its form tells to be a secret."""

from __future__ import annotations

import re

from loader.secrets.finding import MARKER, Finding, Found, ignore, is_no_value, is_reference
from loader.secrets.form import Form, has_one
from loader.secrets.phrases import PHRASES
from loader.secrets.tokens import TOKENS

FORMS = (*TOKENS, *PHRASES)

# Most texts of Azure are ids, words of an enumeration and times. Every form needs one of these marks, or begins as a
# token with a prefix does, and such texts have none of them.
_MARKS = (
    *("=", " ", '"', "'", "~", "@", "\n", "\t", "%3", "%2"),
    *("-----BEGIN", "USER", "AGE-", "User-Key", "uthorization", "UTHORIZATION", "ssword:", "ecret:", "oken:"),
    *("hook", "pagerduty", "ifttt", "AIoT", "AzSe", "+ACR", "JQQJ99", "AZDO"),
)
_PREFIX = re.compile(
    r"(?<![A-Za-z0-9])(?:eyJ|gh[pousr]_|github_|gl[a-z]{2,3}-|AKIA|ASIA|AIza|ya29|GOCSPX|xox|xapp|[sr]k_|whsec_|SG\."
    r"|npm_|pypi-|dckr_|rubygems_|oy2|sk-|hv[sb]\.|dop_|NRAK|shpat_|lin_|PMAK|sq0|ATATT3|dt0c|glsa_|key-|hf_|dapi|dose"
    r"|PuTTY|-)"
)


def scrub_text(text: str, found: Found = ignore, place: str = "") -> str:
    """The text with every secret known by its form replaced by the marker, and its surroundings as they were."""
    if not has_one(text, _MARKS) and not _PREFIX.search(text):
        return text
    low = text.lower()
    for form in FORMS:
        if form.may_match(low):
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
