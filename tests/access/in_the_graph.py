"""Random tenants as the loader would have stored them: nodes and relationships, nothing derived."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from loader.graph import Database
from loader.services.identity.authorization import role_key
from tests.access.random_tenants import Tenant

_NODES = "UNWIND $rows AS row CREATE (n:Entity:{label}) SET n = row.told, n._key = row.key, n._type = '{label}'"
_EDGES = (
    "UNWIND $rows AS row MATCH (a:Entity {{_key: row.a}}) MATCH (b:Entity {{_key: row.b}}) CREATE (a)-[:{verb}]->(b)"
)


class Written:
    """Nodes by label and relationships by verb, gathered of all tenants and written in a few statements."""

    def __init__(self) -> None:
        self._nodes: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._edges: dict[str, list[dict[str, str]]] = defaultdict(list)

    def node(self, label: str, key: str, **told: Any) -> None:
        self._nodes[label].append({"key": key, "told": {"displayName": key, **told}})

    def edge(self, start: str, verb: str, end: str) -> None:
        self._edges[verb].append({"a": start, "b": end})

    def write(self, database: Database) -> None:
        for label, rows in self._nodes.items():
            database.write(lambda run, label=label, rows=rows: run.run(_NODES.format(label=label), rows=rows))
        for verb, rows in self._edges.items():
            database.write(lambda run, verb=verb, rows=rows: run.run(_EDGES.format(verb=verb), rows=rows))


def _label(place: str, tenant: Tenant) -> str:
    if place == tenant.tenant:
        return "azure_account"
    for sign, label in (
        ("/managementgroups/", "azure_management_group"),
        ("/virtualmachines/", "azure_vm"),
        ("/vaults/", "azure_keyvault_service"),
        ("/storageaccounts/", "azure_storage_account"),
        ("/resourcegroups/", "azure_resource_group"),
    ):
        if sign in place:
            return label
    return "azure_subscription"


def add(written: Written, tenant: Tenant) -> None:
    for place in (tenant.tenant, *tenant.parent):
        written.node(_label(place, tenant), place)
    for place, above in tenant.parent.items():
        written.edge(above, "CONTAINS" if "/managementgroups/" in above else "HAS", place)
    for user in tenant.users:
        written.node("azure_user", user)
    for group in tenant.groups:
        written.node("azure_user_group", group)
    for member, group in tenant.members:
        written.edge(group, "HAS", member)
    for member, group in tenant.may_join:
        written.edge(member, "MAY_BECOME", group)
    for role, blocks in tenant.roles.items():
        told: dict[str, Any] = {kind: [one for block in blocks for one in block[kind]] for kind in blocks[0]}
        if len(blocks) > 1:
            told["permissionBlocks"] = [json.dumps(block) for block in blocks]
        written.node("azure_role_definition", role_key(role).lower(), roleName=role, **told)
    for one in tenant.assigned:
        condition = {"condition": one.condition} if one.condition else {}
        written.node("azure_role_eligibility" if one.eligible else "azure_role_assignment", one.id, **condition)
        written.edge(one.id, "ASSIGNED", one.who)
        written.edge(one.id, "ALLOWS", one.at)
        written.edge(one.id, "USES", role_key(one.role).lower())
    for deny in tenant.denied:
        written.node(
            "azure_deny_assignment",
            deny.id,
            principals=[*deny.principals, *(["00000000-0000-0000-0000-000000000000"] if deny.everyone else [])],
            excludePrincipals=deny.excluded,
            doNotApplyToChildScopes=not deny.children,
            **deny.blocks[0],
            **({"condition": deny.condition} if deny.condition else {}),
        )
        written.edge(deny.id, "DENIES", deny.at)
