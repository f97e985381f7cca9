"""The last gate before the graph: of a secret, known by its name or by its form, the marker is stored."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from loader.secrets import MARKER, Cleaning, Finding, any_holds_secret, holds_secret
from loader.secrets.cleaning import is_free, may_be_json, property_tells_secret
from loader.secrets.entropy import is_long_enough, may_hide


class SecretsGate:
    """Takes secrets out and counts them by the property's name; never tells the value. Safe for threads."""

    def __init__(self) -> None:
        self._refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def pass_through(self, owner: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties with the marker for what is secret. owner: the entity type or verb, for the warning."""
        if not _needs_a_look(properties):
            return dict(properties)
        cleaned, refused = {}, []
        for name, value in properties.items():
            found: list[Finding] = []
            shown = Cleaning().text(name)
            cleaned[shown] = Cleaning(found=found.append).named(name, value)
            if found:
                refused.append(f"{owner}.{'?' if shown != name else name}")
        with self._lock:
            self._refused.update(refused)
        return cleaned

    def warnings(self) -> list[str]:
        """One sentence for each property of which something was refused."""
        return [
            f"{name} was not stored: it looks like a secret ({count} times), and {MARKER} stands in its place. "
            "Keep secrets in a key vault."
            for name, count in sorted(self._refused.items())
        ]

    @property
    def counted(self) -> Counter[str]:
        """How many values were refused, by the property's name."""
        with self._lock:
            return Counter(self._refused)

    def add(self, counted: Mapping[str, int]) -> None:
        """Counts what another process refused."""
        with self._lock:
            self._refused.update(counted)

    @property
    def refused(self) -> int:
        """How many values were refused."""
        return self._refused.total()


@lru_cache(maxsize=5_000)
def _telling_names(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the names of a node's properties: those that may tell a secret, and those of free text."""
    telling = tuple(name for name in names if property_tells_secret(name, "") or holds_secret(name) or may_hide(name))
    return telling, tuple(name for name in names if is_free(name))


def _needs_a_look(properties: Mapping[str, Any]) -> bool:
    """Whether any property may be a secret. One look at all texts of a node is quicker than a look at each."""
    telling, free = _telling_names(tuple(properties))
    if telling or any(_is_long_enough(properties[name]) for name in free):
        return True
    texts: list[str] = []
    for name, value in properties.items():
        if type(value) is str:
            if name == "webLink" and (address := _before_id(value, properties)) is not None:
                # Of all links of a tenant the same.
                if _link_may_tell(address):
                    return True
            else:
                texts.append(value)
        elif type(value) is list:
            texts += [item for item in value if type(item) is str]
    return _may_tell(texts)


def _may_tell(texts: Sequence[str]) -> bool:
    # Text that is JSON, or an address with another one in it, is looked into, and not only at. Written out: a generator
    # takes twice as long.
    for text in texts:
        if may_be_json(text) or "%" in text:
            return True
    return may_hide("\0".join(texts)) or any_holds_secret(texts)


def _is_long_enough(value: Any) -> bool:
    return any(map(is_long_enough, value)) if isinstance(value, list) else is_long_enough(value)


@lru_cache(maxsize=1_000)
def _link_may_tell(address: str) -> bool:
    return _may_tell([address])


def _before_id(link: str, properties: Mapping[str, Any]) -> str | None:
    """What of a link to an entity stands before its id, which is looked at as the entity's own."""
    identity = properties.get("id")
    return link.removesuffix(identity) if type(identity) is str and identity and link.endswith(identity) else None
