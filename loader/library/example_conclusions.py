"""What a sync would conclude from an example's graph: who can do what, who is in which group, who acts as whom.

An example states what Azure answers, and the conclusions of a sync are drawn over it, so that no example can say of
somebody's access what its own assignments do not give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from loader import conclusions
from loader.model import Derivation

if TYPE_CHECKING:
    from loader.graph import Database

_VERBS = frozenset({"CAN", "MEMBER_OF", "ACTS_AS", "MAY_BECOME"})
_FORGET = "UNWIND $verbs AS verb MATCH ()-[r]->() WHERE type(r) = verb DELETE r"
_WRITE = (
    "UNWIND $links AS one MATCH (a:Entity {_key: one.start}), (b:Entity {_key: one.end}) "
    "CREATE (a)-[r:$(one.verb)]->(b) SET r = one.properties"
)


def conclude(database: Database, texts: Iterable[str]) -> None:
    """Draws over the graph in the database the conclusions that the Cypher texts read, in the place of earlier ones."""
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    verbs = sorted(_VERBS & words)
    if not verbs:
        return
    links = [link for derivation in _making(verbs) for link in _links(database, derivation)]

    def work(transaction: Any) -> None:
        transaction.run(_FORGET, verbs=verbs)
        transaction.run(_WRITE, links=links)

    database.write(work)


def _making(verbs: Iterable[str]) -> Iterator[Derivation]:
    for one in conclusions.conclusions():
        for derivation in one.derivations:
            if {verb for _, verb, _ in derivation.relationships} & set(verbs):
                yield derivation


def _links(database: Database, derivation: Derivation) -> Iterator[dict[str, Any]]:
    for link in derivation.links(database.read(derivation.query)):
        properties = {**link.properties, **({"_key": link.key} if link.key else {}), "_derivation": derivation.name}
        yield {"start": link.from_key, "verb": link.verb, "end": link.to_key, "properties": properties}
