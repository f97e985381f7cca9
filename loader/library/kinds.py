"""What a parameter may name: a resource, a principal, a role, …, and by what people call each of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "application",
    "directory-role",
    "entity",
    "entity-type",
    "group",
    "machine",
    "network",
    "person",
    "place",
    "principal",
    "resource",
    "resource-group",
    "role",
    "subnet-or-interface",
    "user",
]


@dataclass(frozen=True, slots=True)
class Named:
    """One kind. what: in a sentence. labels: the nodes it is looked for among. by: the properties that name it, beside
    its id. gives: the property that a query gets for it.
    """

    what: str
    labels: tuple[str, ...]
    by: tuple[str, ...] = ("displayName", "name")
    gives: str = "_key"


_SIGN_IN = ("userPrincipalName", "mail")
# Entity types are none of the graph but of the model, and have no row here.
ENTITY_TYPE: Kind = "entity-type"
KINDS: dict[Kind, Named] = {
    "application": Named(
        "application",
        ("azure_application", "azure_service_principal"),
        ("displayName", "appId"),
        gives="appId",
    ),
    "directory-role": Named("directory role", ("azure_ad_role_definition",), gives="displayName"),
    "entity": Named("entity", ("Entity",), ("displayName", "name", *_SIGN_IN)),
    "group": Named("group", ("azure_user_group",), ("displayName", "mail")),
    "machine": Named("machine", ("azure_vm",)),
    "network": Named("virtual network", ("azure_vnet",)),
    "person": Named("person", ("person",), ("displayName", "mail", "signInName", "employeeId")),
    "place": Named("resource or directory object", ("Entity",), ("displayName", "name", *_SIGN_IN)),
    "principal": Named(
        "user, group or application",
        # The last are those of other tenants, whom only assignments and delegations name.
        (
            "azure_user",
            "azure_user_group",
            "azure_service_principal",
            "azure_foreign_group",
            "azure_unknown_principal_type",
        ),
        ("displayName", "appId", *_SIGN_IN),
    ),
    "resource": Named("resource", ("Entity",)),
    "resource-group": Named("resource group", ("azure_resource_group",)),
    "role": Named("role", ("azure_role_definition",), ("roleName", "displayName"), gives="roleName"),
    "subnet-or-interface": Named("subnet or network interface", ("azure_subnet", "azure_nic")),
    "user": Named("user", ("azure_user",), ("displayName", *_SIGN_IN)),
}
# What stands for itself where a kind is asked for. Policies name applications of Microsoft that no tenant has to have.
OWN_WORDS: dict[Kind, re.Pattern[str]] = {
    "application": re.compile(r"(?i)all|none|office365|microsoftadminportals|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
}
