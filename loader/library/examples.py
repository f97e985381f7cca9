"""Puts the small graph of an example into an empty database, as a sync would have left it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from loader import services
from loader.access.blocks import blocks_of
from loader.access.capabilities import capabilities_of
from loader.areas import TENANT
from loader.coverage.steps import closure, in_each_subscription
from loader.errors import UsageError
from loader.library.example_conclusions import conclude
from loader.library.example_format import CheckExample, ExampleNode, ExampleRelationship, QueryExample
from loader.library.example_history import WRITE, history_rows
from loader.services import SUBSCRIPTION

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.graph.database import Transaction

# Dynamic labels and types keep the text the same for every example, so that Neo4j plans it once.
_WRITE = """
CALL () { UNWIND $nodes AS node CREATE (n:$(node.labels)) SET n = node.properties }
CALL () {
  UNWIND $relationships AS one
  MATCH (a:Entity {_key: one.start}), (b:Entity {_key: one.end})
  CREATE (a)-[r:$(one.verb)]->(b) SET r = one.properties
}
CALL () { UNWIND $scopes AS scope CREATE (s:SyncScope) SET s = scope }
"""
_RELATIVE = re.compile(r"^now(?:([+-]\d+)([dhm]))?$")
_ACCOUNT = "azure_account"
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def subscription_id(alias: str) -> str:
    """The made-up id of an example's subscription."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{alias}.contoso.example"))


def place_example(
    database: Database, example: QueryExample | CheckExample, needs: Iterable[str], texts: Iterable[str] = ()
) -> dict[str, str]:
    """Writes the example's nodes, relationships and scopes; gives each alias's `_key` back.

    needs: the steps that the query or check watches; they count as loaded whole unless the example says otherwise.
    texts: its Cypher; what of a sync's conclusions about access it reads is drawn over the example's graph.
    Raises UsageError where the database already holds a graph, or the example names a node that it does not have.
    """
    if database.read("MATCH (n) RETURN 1 AS one LIMIT 1"):
        raise UsageError("Examples are only put into an empty database.")
    keys: dict[str, str] = {}
    for alias in example.graph.nodes:
        _key_of(alias, example, keys)
    nodes = [_node(alias, node, keys) for alias, node in example.graph.nodes.items()]
    relationships = [_relationship(one, example, keys) for one in example.graph.relationships]
    relationships += _of_the_tenant(example, keys)
    scopes = _scopes(example, closure(needs), keys)
    history = _history(example, nodes, keys) if isinstance(example, QueryExample) else {}

    def work(transaction: Transaction) -> None:
        transaction.run(_WRITE, nodes=nodes, relationships=relationships, scopes=scopes)
        if any(history.values()):
            transaction.run(WRITE, **history)

    database.write(work)
    conclude(database, texts)
    return keys


def _key_of(alias: str, example: QueryExample | CheckExample, keys: dict[str, str]) -> str:
    """A key in the form Azure gives it: a path in the subscription or under the parent, or a bare id in the tenant."""
    if alias in keys:
        return keys[alias]
    node = example.graph.nodes[alias]
    if "_key" in node.properties:
        keys[alias] = str(node.properties["_key"])
    elif node.type == SUBSCRIPTION:
        keys[alias] = f"/subscriptions/{subscription_id(node.subscription)}"
    elif node.parent is not None:
        keys[alias] = f"{_key_of(node.parent, example, keys)}/{alias.lower()}"
    else:
        keys[alias] = _place(alias, node.type, node.subscription)
    return keys[alias]


def _relationship(
    one: ExampleRelationship, example: QueryExample | CheckExample, keys: dict[str, str]
) -> dict[str, Any]:
    properties = {name: stored_value(value) for name, value in one.properties.items()}
    if one.verb == "USES" and example.graph.nodes[one.to].type == "azure_service_principal":
        # As a sync leaves every managed identity of a resource.
        properties = {"managedIdentityType": "SystemAssigned"} | properties
    return {"start": keys[one.from_], "end": keys[one.to], "verb": one.verb, "properties": properties}


def _of_the_tenant(example: QueryExample | CheckExample, keys: dict[str, str]) -> list[dict[str, Any]]:
    """As a sync leaves it: the only tenant of an example has whatever is declared to be in its tenant.

    Of several tenants nobody knows which is meant; there, and where an example says it, that alone holds.
    """
    nodes = example.graph.nodes
    tenants = [alias for alias, node in nodes.items() if node.type == _ACCOUNT and not node.stub]
    if len(tenants) != 1:
        return []
    told = {one.to for one in example.graph.relationships if one.verb == "HAS" and nodes[one.from_].type == _ACCOUNT}
    return [
        {"start": keys[tenants[0]], "end": keys[alias], "verb": "HAS", "properties": {}}
        for alias, node in nodes.items()
        if _is_in_tenant(node.type) and not node.stub and alias not in told
    ]


def _is_in_tenant(entity_type: str) -> bool:
    declared = services.entity_types().get(entity_type)
    return declared is not None and any(
        one.is_incoming and one.verb == "HAS" and one.other == _ACCOUNT and str(one.to).endswith("@tenant")
        for one in declared.relationships
    )


def _node(alias: str, node: ExampleNode, keys: dict[str, str]) -> dict[str, Any]:
    declared = services.entity_types().get(node.type)
    labels = declared.labels if declared else ("Entity", node.type)
    area = subscription_id(node.subscription) if in_each_subscription(node.type) else TENANT
    parent = keys[node.parent] if node.parent else ""
    own = {name: stored_value(value) for name, value in node.properties.items()}
    if node.type == "azure_role_definition" and {"actions", "dataActions"} & own.keys():
        own = {"capabilities": list(capabilities_of(blocks_of(own)))} | own
    common = {
        "_key": keys[alias],
        "_type": node.type,
        "_class": list(labels[2:]),
        "_scope": f"{node.type}|{area}|{parent}",
        "id": keys[alias],
        "name": alias,
        "displayName": own.get("name", alias),
    }
    return {"labels": list(labels), "properties": common | ({"_stub": True} if node.stub else {}) | own}


def _history(
    example: QueryExample, nodes: list[dict[str, Any]], keys: dict[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Rows of runs, changes and alerts. keys: gains those of what is gone."""
    known = {
        alias: {"key": own["_key"], "type": own["_type"], "name": own["displayName"], "scope": own["_scope"]}
        for alias, own in zip(example.graph.nodes, (node["properties"] for node in nodes), strict=True)
    }
    for change in example.changes:
        if change.of not in known:
            if change.type is None:
                raise UsageError(
                    f"The example {example.name!r} has a change of {change.of!r}, which is none of its nodes; "
                    "give the `type` of what is gone."
                )
            gone = _node(change.of, ExampleNode(type=change.type), keys | {change.of: _place(change.of, change.type)})
            own = gone["properties"]
            keys[change.of] = own["_key"]
            known[change.of] = {"key": own["_key"], "type": own["_type"], "name": change.of, "scope": own["_scope"]}
    for alert in example.alerts:
        if alert.of not in known:
            raise UsageError(f"The example {example.name!r} has an alert on {alert.of!r}, which is none of its nodes.")
    return history_rows(example.runs, example.changes, example.alerts, known, stored_value)


def _place(alias: str, entity_type: str, subscription: str = "one") -> str:
    """A key in the form that Azure gives it."""
    if in_each_subscription(entity_type):
        return f"/subscriptions/{subscription_id(subscription)}/providers/{entity_type}/{alias.lower()}"
    return alias.lower()


def stored_value(value: Any) -> Any:
    """A value of an example's YAML as the graph has it: times with a zone, `now-91d` worked out."""
    if isinstance(value, str) and (match := _RELATIVE.match(value)):
        ahead = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match[1] else timedelta()
        return datetime.now(UTC) + ahead
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def _scopes(example: QueryExample | CheckExample, steps: Iterable[str], keys: dict[str, str]) -> list[dict[str, Any]]:
    """One `SyncScope` for each step in each subscription of the example, whole unless it says otherwise."""
    permissions = services.steps()
    areas = [subscription_id(one) for one in sorted({n.subscription for n in example.graph.nodes.values()} or {"one"})]
    written = []
    for step in dict.fromkeys((*steps, *example.scopes)):
        told = example.scopes.get(step)
        only = subscription_id(told.subscription) if told and told.subscription else None
        for area in areas if in_each_subscription(step) else [TENANT]:
            meant = told if only in (None, area) else None
            status = meant.status if meant else "complete"
            if status == "missing":
                continue
            written.append(
                {
                    "id": f"{step}|{area}",
                    "step": step,
                    "area": area,
                    "status": status,
                    "reason": meant.reason if meant and status != "complete" else "",
                    "permission": permissions.get(step, ""),
                    "incompleteParents": [keys[alias] for alias in meant.parents] if meant else [],
                }
            )
    return written
