"""Runs inside cartography's virtual environment: loads the tenant twice, prints the two times in seconds as JSON.

`python -m bench.peer_process URI USER ENTITIES`, the password in NEO4J_PASSWORD. Its schemas say what azgraph's records
say: the same properties, the same relationships; a node has one label, and there is no subscription that owns them all.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
import time
from dataclasses import make_dataclass
from typing import Any

import neo4j
from cartography.client.core.tx import load  # type: ignore[import-not-found]
from cartography.models.core.common import PropertyRef  # type: ignore[import-not-found]
from cartography.models.core.nodes import (  # type: ignore[import-not-found]
    CartographyNodeProperties,
    CartographyNodeSchema,
)
from cartography.models.core.relationships import (  # type: ignore[import-not-found]
    CartographyRelProperties,
    CartographyRelSchema,
    LinkDirection,
    OtherRelationships,
    make_target_node_matcher,
)

from bench.tenant import KINDS, Kind, LinkTo, Row, Tenant

_TAG = PropertyRef("lastupdated", set_in_kwargs=True)


def schema_of(kind: Kind, names: list[str]) -> Any:
    """The node schema of a kind. names: its properties, as its rows call them."""
    fields = [(name, PropertyRef, PropertyRef(name)) for name in names]
    properties = _class("Properties", CartographyNodeProperties, *fields, ("lastupdated", PropertyRef, _TAG))
    relationships = OtherRelationships([_relationship(link) for link in kind.links]) if kind.links else None
    return _class(
        "Node",
        CartographyNodeSchema,
        ("label", str, kind.type),
        ("properties", CartographyNodeProperties, properties()),
        ("other_relationships", OtherRelationships | None, relationships),
    )()


def _relationship(link: LinkTo) -> Any:
    far_ends = PropertyRef(link.name, one_to_many=link.count > 1)
    properties = _class("RelProperties", CartographyRelProperties, ("lastupdated", PropertyRef, _TAG))
    return _class(
        "Rel",
        CartographyRelSchema,
        ("target_node_label", str, link.kind),
        ("target_node_matcher", Any, make_target_node_matcher({"id": far_ends})),
        ("direction", LinkDirection, LinkDirection.INWARD if link.incoming else LinkDirection.OUTWARD),
        ("rel_label", str, link.verb),
        ("properties", CartographyRelProperties, properties()),
    )()


def _class(name: str, base: type, *fields: tuple[str, Any, Any]) -> Any:
    return make_dataclass(name, fields, bases=(base,), frozen=True)


def item_of(row: Row) -> dict[str, Any]:
    """A row as cartography takes it: dots in names would be read as paths."""
    item = {name.replace(".", "_"): value for name, value in row.properties.items()}
    # Its nodes are matched by `id`; azgraph's `id` (Azure's own spelling) is stored as `azureId`.
    item |= {"id": row.key, "azureId": row.properties["id"]}
    for link, keys in row.far_ends:
        item[link.name] = keys if link.count > 1 else keys[0]
    return item


def main(uri: str, user: str, entities: str) -> None:
    # It warns of schemas that are not among its own.
    logging.getLogger("cartography").setLevel(logging.ERROR)
    tenant = Tenant(int(entities))
    work = []
    for kind in KINDS:
        items = [item_of(row) for row in tenant.rows(kind)]
        far_ends = {link.name for link in kind.links}
        work.append((schema_of(kind, [name for name in items[0] if name not in far_ends]), items))
    gc.collect()
    gc.freeze()
    seconds = []
    with (
        neo4j.GraphDatabase.driver(uri, auth=(user, os.environ["NEO4J_PASSWORD"])) as driver,
        driver.session() as session,
    ):
        for tag in (1, 2):
            begin = time.perf_counter()
            for schema, items in work:
                load(session, schema, items, lastupdated=tag)
            seconds.append(time.perf_counter() - begin)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
