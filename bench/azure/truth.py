"""A graph beside the truth: what is missing, and what nobody made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bench.azure.made import Link, Made
from loader.graph import Database

# What of access and exposure follows from what is loaded is held by tests of its own (tests/access, tests/reach).
_NODES = "MATCH (n:Entity) WHERE NOT n:internet RETURN n._key AS key, labels(n) AS labels"
_LINKS = (
    "MATCH (a:Entity)-[r:!(CAN|MEMBER_OF|ACTS_AS|MAY_BECOME|REACHES)]->(b:Entity) "
    "RETURN a._key AS start, type(r) AS verb, b._key AS end"
)


@dataclass(slots=True)
class Difference:
    """What differs: entities as "type key", relationships as start, verb, end; doubled: found more than once."""

    missing: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    missing_links: list[Link] = field(default_factory=list)
    invented_links: list[Link] = field(default_factory=list)
    doubled: list[object] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.missing or self.invented or self.missing_links or self.invented_links or self.doubled)


def compare(database: Database, truth: Made) -> Difference:
    """The entities and relationships of the graph against those that were made up."""
    rows = [(row["key"], frozenset(row["labels"])) for row in database.read(_NODES)]
    found = dict(rows)
    links = Counter((row["start"], row["verb"], row["end"]) for row in database.read(_LINKS))
    lost = [f"{kind} {key}" for key, kind in truth.nodes.items() if kind not in found.get(key, ())]
    return Difference(
        sorted(lost),
        sorted(f"{'/'.join(sorted(found[key]))} {key}" for key in found.keys() - truth.nodes.keys()),
        sorted(truth.links - links.keys()),
        sorted(links.keys() - truth.links),
        [*(key for key, count in Counter(key for key, _ in rows).items() if count > 1),
         *(link for link, count in links.items() if count > 1)],
    )  # fmt: skip
