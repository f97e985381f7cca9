"""What a form is: the pattern of one kind of secret, and the plain words without which it cannot match."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

# Most texts of Azure are ids, words of an enumeration and times, and have none of these: blanks of all kinds, quotes,
# and what parts names from values.
BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
MARKS = "=\"'~@"

_HARMLESS_WORDS = frozenset(
    {"true", "false", "null", "none", "yes", "no", "on", "off", "enabled", "disabled"}
    | {"required", "optional", "unknown", "notset", "default"}
    | {"basic", "bearer", "digest", "negotiate", "ntlm", "windows", "anonymous", "oauth", "oauth2", "integrated"}
)


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of secret.

    pattern: one of its alternatives; its first group that matched is taken out; without groups, all of the match is.
    signs, also: in lower case; a text without one of each cannot match, so no pattern need be tried on it.
    least: how long a text with a match is at least.
    holds: tells a secret from what only looks so.
    words, begins, parts: what stands in each match that has none of `MARKS`: a word, in lower case; the beginning of a
    token, in its own casing and after no letter or digit; or what a pattern of its own finds.
    """

    name: str
    alternatives: tuple[str, ...]
    signs: tuple[str, ...]
    pattern: re.Pattern[str]
    holds: Callable[[str], bool]
    also: tuple[str, ...]
    words: tuple[str, ...]
    begins: tuple[str, ...]
    parts: tuple[re.Pattern[str], ...]
    least: int


def form(
    name: str,
    *pattern: str,
    signs: str = "",
    words: str = "",
    begins: str = "",
    parts: tuple[str, ...] = (),
    holds: Callable[[str], bool] = bool,
    flags: int = 0,
    also: tuple[str, ...] = (),
    least: int = 1,
) -> Form:
    """A form; the parts of its pattern are alternatives, and signs are told apart by blanks. Words and beginnings are
    signs as well.
    """
    return Form(
        name,
        pattern,
        (*signs.split(), *words.split(), *begins.lower().split()),
        re.compile("|".join(pattern), flags),
        holds,
        also,
        tuple(words.split()),
        tuple(begins.split()),
        tuple(re.compile(one) for one in parts),
        least,
    )


def is_plain_word(value: str) -> bool:
    """Whether a value under a secret's name is a switch ("Enabled", "none") and no secret."""
    return value.strip().lower() in _HARMLESS_WORDS


def is_valued(secret: str) -> bool:
    """Whether what follows `name=` is a value and no switch."""
    return not is_plain_word(secret)


def is_mixed(secret: str) -> bool:
    """Prose after a colon ("Password: required for all") is told from a value by the value's digits and signs."""
    has_letter = any(letter.isalpha() for letter in secret)
    return has_letter and any(not letter.isalpha() for letter in secret.rstrip(".,;:!?")) and "://" not in secret


def is_quoted_value(secret: str) -> bool:
    """Whether what follows `name:` is a value: mixed, a number, or long."""
    return is_valued(secret) and (is_mixed(secret) or any(letter.isdigit() for letter in secret) or len(secret) > 24)


def is_drawn(secret: str) -> bool:
    """A token is told from the next word of a sentence by digits and signs, or by capitals within."""
    return is_mixed(secret) or bool(re.search(r"[a-z][A-Z]", secret))


def is_sign_in(secret: str) -> bool:
    """What follows "Authorization:" is a token, or in a sentence of Azure's the name of a right."""
    return is_drawn(secret) and not re.match(r"Microsoft\.\w+/", secret)


def is_user_and_password(secret: str) -> bool:
    """What follows "Basic" in a header is base64 of "user:password"."""
    try:
        return b":" in base64.b64decode(secret + "=" * (-len(secret) % 4), validate=True)
    except ValueError:  # No base64; or no ASCII, as a pattern that is blind to casing takes ı and ſ for i and s.
        return False


def is_no_status(secret: str) -> bool:
    """Links of error messages have a number at `?code=`; keys and codes that sign in are long or mixed."""
    return not (secret.isdigit() and len(secret) < 9) and (len(secret) > 7 or is_mixed(secret))
