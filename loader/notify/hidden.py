"""Texts of others without our secrets: what a server or a library says may quote them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote, urlsplit

from loader.secrets import MARKER, scrub_text
from loader.visible import one_line

_LONGEST = 200
# Shorter pieces are no secrets, and stand in any sentence.
_SHORTEST = 5


def without(secrets: Iterable[str], text: str) -> str:
    """One line of a text, cut, with these secrets and all that looks like one taken out."""
    found = {form for secret in secrets for form in (secret, unquote(secret), quote(secret, safe=""))}
    for form in sorted(found, key=len, reverse=True):
        if len(form) >= _SHORTEST:
            text = text.replace(form, MARKER)
    told = one_line(scrub_text(text)).strip()
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"


def parts_of(url: str) -> set[str]:
    """All that may be secret in an address: itself, and each of its parts but the host."""
    cut = urlsplit(url)
    pieces = {url, *cut.path.split("/"), *cut.query.replace("=", "&").split("&"), cut.fragment}
    return {one for one in (*pieces, cut.username or "", cut.password or "", cut.netloc.rpartition("@")[0]) if one}
