"""The last gate before the graph: of a secret, known by its name or by its form, the marker is stored."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from loader.secrets import MARKER, Cleaning, Finding, holding, holds_secret
from loader.secrets.cleaning import is_free, may_be_json, property_tells_secret
from loader.secrets.entropy import SHORTEST, is_long_enough, may_hide


class SecretsGate:
    """Takes secrets out and counts them by the property's name; never tells the value. Safe for threads."""

    def __init__(self) -> None:
        self._refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def pass_through(self, owner: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties with the marker for what is secret. owner: the entity type or verb, for the warning."""
        return self.pass_all([(owner, properties)])[0]

    def pass_all(self, owned: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """The same of many, for which one look at all of their texts is a fraction of one at those of each."""
        looked_at = _to_look_at([properties for _, properties in owned])
        return [
            self._cleaned(owner, properties) if at in looked_at else dict(properties)
            for at, (owner, properties) in enumerate(owned)
        ]

    def _cleaned(self, owner: str, properties: Mapping[str, Any]) -> dict[str, Any]:
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


def _to_look_at(many: Sequence[Mapping[str, Any]]) -> set[int]:
    """The numbers of those nodes of which any property may be a secret."""
    looked_at: set[int] = set()
    texts: list[str] = []
    # Of which node each text is.
    nodes: list[int] = []
    for at, properties in enumerate(many):
        telling, free = _telling_names(tuple(properties))
        if telling or any(_is_long_enough(properties[name]) for name in free):
            looked_at.add(at)
            continue
        before = len(texts)
        for name, value in properties.items():
            if type(value) is str:
                if name == "webLink" and (address := _before_id(value, properties)) is not None:
                    # Of all links of a tenant the same.
                    if _link_may_tell(address):
                        looked_at.add(at)
                else:
                    texts.append(value)
            elif type(value) is list:
                texts += [item for item in value if type(item) is str]
        nodes += [at] * (len(texts) - before)
    # Most texts of a tenant stand on many nodes: each is looked at once.
    different = list(dict.fromkeys(texts))
    found = {different[at] for at in _telling_texts(different)}
    return looked_at | {node for node, text in zip(nodes, texts, strict=True) if text in found} if found else looked_at


def _telling_texts(texts: Sequence[str]) -> set[int]:
    # Text that is JSON, or base64, or an address with another one in it, is looked into, and not only at.
    within = {
        at
        for at, text in enumerate(texts)
        if "%" in text or may_be_json(text) or (len(text) >= SHORTEST and may_hide(text))
    }
    return within | holding(texts)


def _is_long_enough(value: Any) -> bool:
    return any(map(is_long_enough, value)) if isinstance(value, list) else is_long_enough(value)


@lru_cache(maxsize=1_000)
def _link_may_tell(address: str) -> bool:
    return bool(_telling_texts([address]))


def _before_id(link: str, properties: Mapping[str, Any]) -> str | None:
    """What of a link to an entity stands before its id, which is looked at as the entity's own."""
    identity = properties.get("id")
    return link.removesuffix(identity) if type(identity) is str and identity and link.endswith(identity) else None
