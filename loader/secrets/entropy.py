"""The last net: text that looks drawn at random, in places where people and programs write what they like."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from itertools import pairwise

# How long a word is at least that looks random, or packs anything. Shorter ones are as often codes of products and
# orders; longer ones than below are certificates and pictures.
SHORTEST = 24
_RANDOM = re.compile(r"(?<![\w+/=.~-])[A-Za-z0-9_~+/-]{24,512}={0,2}(?![\w+/=~-])")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")
# The same without what parts the names of an id; and what it packs begins with nine letters of ASCII, whose highest bit
# is none, which no GUID and of other words one in hundreds seems to do.
_ASCII = "[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+_-]"
_PACKED = re.compile(rf"(?<![A-Za-z0-9+_-])(?:{_ASCII}){{3}}[A-Za-z0-9+_-]{{12,}}={{0,2}}")
# What parts the lines and words of a script.
_BLANKS = {ord(blank): " " for blank in "\t\n\r"}
_CERTIFICATE = re.compile(r"MII|AAAA[A-Z]3")


def looks_random(text: str) -> bool:
    """Whether a word is drawn at random: it mixes upper case, lower case and digits, and changes between them often.

    Words in camel case change once in five letters, random ones in three of five. Numbers in base 16 are no secrets
    here: hashes, commits, thumbprints and ids look the same and are everywhere.
    """
    classes = [_class_of(letter) for letter in text.rstrip("=")]
    kinds = set(classes)
    if not {"upper", "lower", "digit"} <= kinds or text.count("/") > len(text) / 12 or _CERTIFICATE.match(text):
        return False
    # What joins words ("acs-k8s-agent-0") is no change of its own.
    pairs = [pair for pair in pairwise(classes) if "other" not in pair]
    changes = sum(one != other for one, other in pairs)
    return bool(pairs) and changes / len(pairs) >= 0.45 and len(set(text)) >= 12


def _class_of(letter: str) -> str:
    return "digit" if letter.isdigit() else "upper" if letter.isupper() else "lower" if letter.islower() else "other"


def is_long_enough(text: object) -> bool:
    """Whether a value can hold a word that is long enough to look random."""
    return isinstance(text, str) and len(text) >= SHORTEST


def random_words(text: str) -> list[tuple[int, int]]:
    """Where words that look random stand in a text, as (start, end)."""
    if not is_long_enough(text):
        return []
    return [found.span() for found in _RANDOM.finditer(text) if looks_random(found.group())]


def hides(text: str, holds_secret: Callable[[str], bool]) -> bool:
    """Whether a text is base64 of a text that holds a secret, as cloud-init scripts in tags and the encoded commands of
    PowerShell are; it may be broken into lines.
    """
    packed = "".join(text.split())
    return len(packed) % 4 == 0 and bool(_BASE64.fullmatch(packed)) and _holds(packed, holds_secret)


def may_hide(text: str) -> bool:
    """Whether a text has a word that may be base64; one that is shorter than `SHORTEST` has none."""
    return bool(_PACKED.search(text))


def hiding_words(text: str, holds_secret: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Where words stand in a text, or in an id, that are base64 of a text that holds a secret, as (start, end)."""
    if not is_long_enough(text):
        return []
    return [found.span() for found in _PACKED.finditer(text) if _holds(found.group(), holds_secret)]


def _holds(packed: str, holds_secret: Callable[[str], bool]) -> bool:
    bare = packed.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        inner = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8").replace("\0", "")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return inner.translate(_BLANKS).isprintable() and holds_secret(inner)
