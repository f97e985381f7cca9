"""Mistakes planted in the answers of a played Contoso: of Microsoft Graph, of Azure, of key vaults."""

from __future__ import annotations

import json

from loader.access.directory_capabilities import GRAPH_APP_ID
from loader.azure.transport.wire import Exchange
from loader.connect.app_roles import APP_ROLES
from tests.connect.answers import GRAPH_DENIED, arm_denied
from tests.connect.conftest import answering
from tests.fakeazure.server import CLIENT


def of_graph(path: str) -> bool:
    return path.startswith(("/v1.0/", "/beta/"))


def denied(contoso: list[Exchange]) -> list[Exchange]:
    return answering(contoso, of_graph, 403, GRAPH_DENIED)


def registered(kind: str, names: list[str], more: list[str] | None = None) -> list[Exchange]:
    """The application's own registration, which asks for these permissions, and Graph's list of delegated ones."""
    scopes = {name: f"5c0{number:05}-0000-4000-8000-000000000000" for number, name in enumerate(APP_ROLES)}
    access = [{"id": APP_ROLES[one] if kind == "Role" else scopes[one], "type": kind} for one in names]
    access += [{"id": APP_ROLES[one], "type": "Role"} for one in more or ()]
    own = {"appId": CLIENT, "requiredResourceAccess": [{"resourceAppId": GRAPH_APP_ID, "resourceAccess": access}]}
    graph = {
        "appId": GRAPH_APP_ID,
        "oauth2PermissionScopes": [{"id": identifier, "value": name} for name, identifier in scopes.items()],
    }
    address = "https://graph.microsoft.com/v1.0"
    return [
        Exchange.of_json(f"{address}/applications?$filter=appId eq '{CLIENT}'", {"value": [own]}),
        Exchange.of_json(f"{address}/servicePrincipals?$filter=appId eq '{GRAPH_APP_ID}'", {"value": [graph]}),
    ]


def without_user_rights(contoso: list[Exchange]) -> list[Exchange]:
    return answering(contoso, lambda path: path.endswith("/v1.0/users"), 403, GRAPH_DENIED)


def permissions(subscription: str, *actions: str) -> tuple[str, str]:
    """The path that tells the rights in a subscription, and the answer."""
    path = f"/subscriptions/{subscription}/providers/microsoft.authorization/permissions"
    blocks = [{"actions": list(actions), "notActions": [], "dataActions": [], "notDataActions": []}]
    return path, json.dumps({"value": blocks if actions else []})


def with_rights(contoso: list[Exchange], subscription: str, *actions: str) -> list[Exchange]:
    path, body = permissions(subscription, *actions)
    return answering(contoso, lambda asked: asked == path, 200, body)


def without_subscriptions(contoso: list[Exchange]) -> list[Exchange]:
    return answering(contoso, lambda path: path == "/subscriptions", 200, '{"value": []}')


def with_one_group_only(contoso: list[Exchange], subscription: str) -> list[Exchange]:
    """In this subscription only what a role on one resource group shows."""
    groups = json.dumps({"value": [{"id": f"/subscriptions/{subscription}/resourceGroups/rg-only", "name": "rg-only"}]})
    given = with_rights(contoso, subscription)
    return answering(given, lambda path: path == f"/subscriptions/{subscription}/resourcegroups", 200, groups)


def without_a_role(contoso: list[Exchange], subscription: str) -> list[Exchange]:
    """Who has none may not even ask for the rights there."""
    scope = f"/subscriptions/{subscription}"
    body = arm_denied("Microsoft.Resources/subscriptions/resourceGroups/read", scope)
    return answering(contoso, lambda path: path.startswith(f"{scope}/"), 403, body)


def of_vaults(path: str) -> bool:
    return ".vault.azure.net/" in path and path.rpartition("/")[2] in ("keys", "secrets", "certificates")
