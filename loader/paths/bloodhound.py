"""The graph of hops in BloodHound's OpenGraph format: nodes and edges, one at a time, so that no size is too large.

https://bloodhound.specterops.io/opengraph/developer/schema. Kinds of our own begin with `AZG`, since BloodHound's own
may not be used for what means something else; each edge tells in `bloodhoundkinds` to which of these it answers. What
is given in a scope stands as one edge to the scope, as in BloodHound, and `AZGContains` leads on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from loader.paths.kinds import HopKind
from loader.paths.naming import Named, names_of
from loader.paths.network import ENTITY, ON_THE_WAY, Network

if TYPE_CHECKING:
    from loader.graph import Database

SOURCE_KIND = "AZGBase"


def opengraph(database: Database, network: Network) -> Iterator[str]:
    """The file in pieces, in order. Names are written as JSON and can say nothing else."""
    from orjson import dumps

    keys = [name for place, name in enumerate(network.names) if network.sorts[place] == ENTITY]
    # A scope from which no hop leads on is none of them.
    keys += sorted({end for _, end, _ in _given(network)} - set(keys))
    names = names_of(database, keys)
    yield f'{{"metadata":{{"source_kind":"{SOURCE_KIND}"}},"graph":{{"nodes":[\n'
    yield from _listed(dumps(_node(key, names[key])).decode() for key in keys)
    yield '],"edges":[\n'
    yield from _listed(dumps(edge).decode() for edge in _edges(network))
    yield "]}}\n"


def _listed(texts: Iterator[str]) -> Iterator[str]:
    for place, text in enumerate(texts):
        yield f",\n{text}" if place else text


def _kind(words: str) -> str:
    return "AZG" + "".join(part.capitalize() for part in words.removeprefix("azure_").replace("-", "_").split("_"))


def _node(key: str, named: Named) -> dict[str, Any]:
    return {
        "id": key.upper(),
        "kinds": [_kind(named.type or "unknown"), SOURCE_KIND],
        "properties": {"name": named.name, "displayname": named.name, "azgraphkey": key, "azgraphtype": named.type},
    }


def _edges(network: Network) -> Iterator[dict[str, Any]]:
    for start, end, edge in network.graph.weighted_edge_list():
        number = network.kinds[edge]
        if number != ON_THE_WAY and network.sorts[start] == ENTITY and network.sorts[end] == ENTITY:
            kind = network.of_kind[number]
            yield _edge(network.names[start], network.names[end], kind, {})
    for row, scope, kind in _given(network):
        yield _edge(row["holder"], scope, kind, _evidence(row))


def _given(network: Network) -> Iterator[tuple[Mapping[str, Any], str, HopKind]]:
    """Each given role with each hop that it is: into the scope itself, into a part, or into the capability's layer."""
    layers = {f"{kind.id} in ": kind for kind in network.of_kind if kind.is_given}
    for node, row in network.evidence.items():
        for _, end, edge in network.graph.out_edges(node):
            number = network.kinds[edge]
            if number != ON_THE_WAY:
                yield row, network.names[end], network.of_kind[number]
            else:
                name = network.names[end]
                yield row, row["scope"], next(kind for start, kind in layers.items() if name.startswith(start))


def _evidence(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("role", "assignment", "condition", "until", "needsApproval") if row[name]}
    return {name.lower(): value for name, value in told.items()} | {"eligible": bool(row["eligible"])}


def _edge(start: str, end: str, kind: HopKind, more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": _kind(kind.id),
        "start": {"match_by": "id", "value": start.upper()},
        "end": {"match_by": "id", "value": end.upper()},
        "properties": {
            "words": kind.words,
            "bloodhoundkinds": list(kind.bloodhound),
            "documentation": kind.page,
            **more,
        },
    }
