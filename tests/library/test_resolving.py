"""Parameters that name a thing are looked up by name, sign-in name or id; unknown ones are refused with the nearest."""

from __future__ import annotations

import pytest

from loader.errors import UsageError
from loader.graph import Database
from loader.library.kinds import KINDS
from loader.library.library import shipped_library
from loader.library.parameters import Parameter
from loader.library.resolving import resolve
from loader.services import entity_types

GROUP = "/subscriptions/1/resourcegroups/rg"
VAULT = f"{GROUP}/providers/microsoft.keyvault/vaults/kv-contoso-prod"
NODES = [
    ("azure_keyvault_service", VAULT, {"name": "kv-contoso-prod", "displayName": "kv-contoso-prod"}),
    ("azure_subnet", f"{GROUP}/a/subnets/default", {"name": "default", "displayName": "default"}),
    ("azure_subnet", f"{GROUP}/b/subnets/default", {"name": "default", "displayName": "default"}),
    ("azure_user", "c0705000-a1", {"displayName": "Ada Lovelace", "userPrincipalName": "ada@contoso.example"}),
    ("azure_user", "c0705000-a2", {"displayName": "Bo' OR true //", "userPrincipalName": "bo@contoso.example"}),
    ("azure_role_definition", "/providers/r1", {"displayName": "Owner", "roleName": "Owner"}),
    ("azure_role_definition", "/providers/r2", {"displayName": "Reader", "roleName": "Reader"}),
    ("azure_ad_role_definition", "r3", {"displayName": "Global Administrator"}),
    ("azure_application", "app", {"displayName": "Shop", "appId": "c0705000-1111-4222-8333-444455556666"}),
]


@pytest.fixture
def graph(database: Database) -> Database:
    rows = [
        {"labels": ["Entity", kind], "properties": {"_key": key, "id": key, "_type": kind, **more}}
        for kind, key, more in NODES
    ]
    database.write(
        lambda transaction: transaction.run(
            "UNWIND $rows AS row CREATE (n:$(row.labels)) SET n = row.properties", rows=rows
        )
    )
    return database


@pytest.mark.packs
def test_names_become_what_a_query_takes(graph: Database) -> None:
    for query, parameter, given, meant in (
        ("who-can-access-resource", "resource", "KV-Contoso-Prod", VAULT),
        ("who-can-access-resource", "resource", VAULT.upper(), VAULT),
        ("what-can-principal-access", "principal", "ADA@contoso.example", "c0705000-a1"),
        ("what-can-principal-access", "principal", "Ada Lovelace", "c0705000-a1"),
        ("path-from-user", "user", "Bo' OR true //", "c0705000-a2"),
        ("role-holders", "role", "owner", "Owner"),
        ("directory-role-holders", "role", "global administrator", "Global Administrator"),
        ("directory-role-holders", "role", "", ""),
        ("subscription-owners", "roles", "reader, owner", ["Reader", "Owner"]),
        ("stores-without-own-key", "type", "Azure_Storage_Account", "azure_storage_account"),
        ("conditional-access-for-app", "app", "shop", "c0705000-1111-4222-8333-444455556666"),
        ("conditional-access-for-app", "app", "Office365", "Office365"),
        ("tag-values", "tag", "anything", "anything"),
    ):
        found = resolve(graph, shipped_library().query(query), {parameter: given})
        assert found == {parameter: meant}, query
    for query, parameter, given, told in (
        (
            "who-can-access-resource",
            "resource",
            "kv-typo",
            r"no resource with this name or id\. Nearest: kv-contoso-prod",
        ),
        (
            "who-can-access-resource",
            "resource",
            "default",
            r"several have this name(.|\n)*a/subnets/default\n(.|\n)*b/sub",
        ),
        ("what-can-principal-access", "principal", "adda", r"Nearest: Ada Lovelace"),
        ("path-from-user", "user", "x' OR true //", r"no user with this name"),
        ("subscription-owners", "roles", "Owner,Reeder", r"`--param roles=Reeder`.* Nearest: Reader"),
        ("stores-without-own-key", "type", "azure_storage_acount", r"Perhaps: azure_storage_account"),
        ("who-can-access-resource", "resource", "kv-typo", r"what was not loaded: .*azgraph sync"),
    ):
        with pytest.raises(UsageError, match=told):
            resolve(graph, shipped_library().query(query), {parameter: given})


def test_every_kind_is_looked_for_among_types_of_the_model() -> None:
    known = {label for one in entity_types().values() for label in one.labels}
    for kind, named in KINDS.items():
        assert set(named.labels) <= known, kind


def test_whatever_names_a_thing_has_a_kind() -> None:
    names = {"principal", "user", "resource", "machine", "network", "person", "role", "roles", "group", "app", "tier0"}
    for query in shipped_library().queries.values():
        for name, parameter in query.parameters.items():
            assert (name not in names) or parameter.kind, f"{query.id}: {name}"


def test_a_number_has_no_kind() -> None:
    with pytest.raises(ValueError, match="names nothing"):
        Parameter.model_validate({"type": "integer", "kind": "user", "description": "x"})
