"""A small invented graph whose runs, steps and entities a test moves by hand, and rules made for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loader.alerts.alert import Alert, State
from loader.alerts.evaluate import evaluate
from loader.alerts.library import load_rule, shipped_rules
from loader.alerts.listing import list_alerts
from loader.alerts.outcomes import RuleOutcome
from loader.alerts.rule import Rule

RULES = list(shipped_rules().rules.values())

ONE = "11111111-1111-1111-1111-111111111111"
TWO = "22222222-2222-2222-2222-222222222222"
START = datetime(2026, 3, 1, 8, tzinfo=UTC)

STATE_RULE = """
id: vault-bad
title: A vault is bad
severity: high
kind: state
description: It is bad.
remediation: Make it good.
needs: [azure_keyvault_service]
identity: [entity]
message: "{name} is bad"
cypher: |
  MATCH (v:azure_keyvault_service {bad: true}) RETURN v._key AS entity, v.name AS name, v.why AS why
examples:
  - name: one
    graph: {nodes: {a: {type: azure_keyvault_service, properties: {bad: true}}, b: {type: azure_keyvault_service}}}
    opens: [a]
    not: [b]
"""
CHANGE_RULE = """
id: vault-changed
title: A vault changed
severity: medium
kind: change
description: It changed.
remediation: Look.
needs: [azure_keyvault_service]
identity: [change]
close_after: 14d
cypher: |
  MATCH (c:Change) WHERE c.runSeq > $sinceSeq RETURN c.entityKey AS entity, c.runSeq AS seq, c.id AS change
examples:
  - name: one
    graph: {nodes: {a: {type: azure_keyvault_service}, b: {type: azure_keyvault_service}}}
    changes: [{op: created, entity: a}]
    opens: [a]
    not: [b]
"""
EXPIRY_RULE = """
id: vault-expiring
title: A vault expires
severity: medium
kind: expiry
description: It expires.
remediation: Renew it.
needs: [azure_keyvault_service]
identity: [entity]
buckets: [{days: 30, severity: low}, {days: 7, severity: high}, {days: 0, severity: critical}]
cypher: |
  MATCH (v:azure_keyvault_service) WHERE v.due IS NOT NULL RETURN v._key AS entity, v.due AS due
examples:
  - name: one
    graph: {nodes: {a: {type: azure_keyvault_service, properties: {due: now+3d}}, b: {type: azure_keyvault_service}}}
    opens: [a]
    not: [b]
"""


class World:
    """The graph as syncs would have left it, day after day."""

    def __init__(self, database: Any, folder: Any) -> None:
        self.database, self._folder = database, folder
        self.seq, self.now = 0, START

    def rule(self, text: str) -> Any:
        name = text.split("id: ", 1)[1].split("\n", 1)[0]
        path = self._folder / f"{name}.yaml"
        path.write_text(text)
        return load_rule(path)

    def run(self, status: str = "complete", scopes: dict[str, str] | None = None) -> None:
        """A run on the next day, in which the vaults of both subscriptions were loaded with these statuses."""
        self.seq, self.now = self.seq + 1, self.now + timedelta(days=1)
        self.write(
            "CREATE (:SyncRun {id: 'run-' + toString($seq), seq: $seq, status: $status, finishedAt: $now})",
            seq=self.seq,
            status=status,
            now=self.now,
        )
        for area in (ONE, TWO):
            self.write(
                "MERGE (s:SyncScope {id: 'azure_keyvault_service|' + $area}) SET s.step = 'azure_keyvault_service', "
                "s.area = $area, s.status = $status, s.reason = $reason, s.seq = $seq",
                area=area,
                status=(scopes or {}).get(area, "complete"),
                reason="" if area not in (scopes or {}) else "We may not list them.",
                seq=self.seq,
            )

    def vault(self, name: str, subscription: str = ONE, **properties: Any) -> str:
        key = f"/subscriptions/{subscription}/resourcegroups/shop/providers/microsoft.keyvault/vaults/{name}"
        self.write(
            "MERGE (v:Entity:azure_keyvault_service {_key: $key}) SET v = $properties",
            key=key,
            properties={
                "_key": key,
                "_type": "azure_keyvault_service",
                "_scope": f"azure_keyvault_service|{subscription}|",
                "name": name,
                "webLink": "https://portal.example/vault",
                **properties,
            },
        )
        return key

    def change(self, number: int, key: str, op: str = "updated", **more: Any) -> None:
        self.write(
            "CREATE (c:Change) SET c = $row",
            row={
                "id": f"change-{number}",
                "runSeq": self.seq,
                "at": self.now,
                "op": op,
                "entityKey": key,
                "entityType": "azure_keyvault_service",
                "entityName": key.rpartition("/")[2],
                "path": "bad",
                **more,
            },
        )

    def delete(self, key: str) -> None:
        self.write("MATCH (v:Entity {_key: $key}) DETACH DELETE v", key=key)

    def evaluate(self, rule: Any) -> RuleOutcome:
        return evaluate(self.database, [rule], now=self.now).outcomes[0]

    def alerts(self, *states: str) -> list[Alert]:
        names = states or ("open", "acknowledged", "muted", "resolved")
        found = (listed.alert for listed in list_alerts(self.database, states=names))
        return [alert for alert in found if alert.rule_id != "rule-failed"]

    def failures(self) -> dict[str, str]:
        """The states of the alerts about rules that failed, by the rule."""
        found = (listed.alert for listed in list_alerts(self.database, states=State, rules=["rule-failed"]))
        return {alert.entity_key.removeprefix("rule/"): str(alert.state) for alert in found}

    def one(self) -> Alert:
        (alert,) = self.alerts()
        return alert

    def write(self, query: str, **parameters: Any) -> Any:
        return self.database.write(lambda transaction: transaction.run(query, **parameters))[0]


@pytest.fixture
def world(database, tmp_path):
    return World(database, tmp_path)


@pytest.fixture
def state_rule(world):
    return world.rule(STATE_RULE)


@pytest.fixture
def change_rule(world):
    return world.rule(CHANGE_RULE)


@pytest.fixture
def expiry_rule(world):
    return world.rule(EXPIRY_RULE)


# All tests about a rule follow one another, as those about a query do (`tests/library/conftest.py`).
@pytest.fixture(scope="session", params=RULES, ids=lambda one: one.id)
def rule(request: pytest.FixtureRequest) -> Rule:
    """A rule of the shipped library."""
    return request.param
