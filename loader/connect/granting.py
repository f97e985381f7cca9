"""The rights in the forms in which they are given: text, JSON, a custom role, and scripts that give and take them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from loader.access.directory_capabilities import GRAPH_APP_ID
from loader.connect.rights import Kind, Right, Rights, app_role

ROLE_NAME = "azgraph reader"
# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
BUILT_IN = {
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Management Group Reader": "ac63b705-f282-497d-ac71-919bf39d939d",
    "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
}
# Where the user's own scope is to be put.
ANY_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
_DESCRIPTION = "What azgraph needs to read, and nothing else."


class Script(StrEnum):
    """What gives the rights and takes them away again."""

    AZ = "az"
    BICEP = "bicep"
    TERRAFORM = "terraform"


_TEMPLATES = {Script.AZ: "grant.sh.j2", Script.BICEP: "main.bicep.j2", Script.TERRAFORM: "main.tf.j2"}


def as_role(rights: Rights, scopes: Sequence[str] = ()) -> dict[str, Any]:
    """A custom role in the form that `az role definition create --role-definition @FILE` takes.

    scopes: where it may be assigned. A role that is assigned on a management group can have no data actions, so there
    it has none, and Key Vault Reader is assigned beside it:
    https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-limits
    """
    places = list(scopes) or [ANY_SUBSCRIPTION]
    high = any("/managementgroups/" in one.lower() for one in places)
    return {
        "Name": ROLE_NAME,
        "IsCustom": True,
        "Description": _DESCRIPTION,
        "Actions": list(rights.actions),
        "NotActions": [],
        "DataActions": [] if high else list(rights.data_actions),
        "NotDataActions": [],
        "AssignableScopes": places,
    }


def as_json(rights: Rights, scopes: Sequence[str] = ()) -> dict[str, Any]:
    """All of it as one object, with the steps that each right is for."""
    return {
        "graph": {
            "resourceAppId": GRAPH_APP_ID,
            "permissions": [{"id": app_role(one.name), **_told(one)} for one in rights.graph],
        },
        "role": as_role(rights, scopes),
        "actions": [_told(one) for one in rights.of(Kind.ACTION)],
        "dataActions": [_told(one) for one in rights.of(Kind.VAULT)],
        "providers": [_told(one) for one in rights.of(Kind.PROVIDER)],
        "vaultAccessPolicy": {f"{one}s": ["list"] for one in rights.vault_policy},
        "readerOnly": [_told(one) for one in rights.of(Kind.READER)],
        "signedInUsersOnly": [_told(one) for one in rights.of(Kind.USER)],
        "instead": instead(rights),
    }


def instead(rights: Rights) -> list[dict[str, Any]]:
    """The built-in roles that together allow what the custom role does, and more: name, id, where, and what is left."""
    found: list[dict[str, Any]] = []
    if rights.actions:
        found.append({"role": "Reader", "lacks": list(rights.beyond_reader)})
    if rights.management_groups:
        found.append({"role": "Management Group Reader", "lacks": []})
    if rights.data_actions:
        found.append({"role": "Key Vault Reader", "lacks": []})
    return [{"id": BUILT_IN[one["role"]], **one} for one in found]


def as_text(rights: Rights) -> str:
    """What to grant, in words, with the steps that each right is for."""
    return _render("rights.txt.j2", rights)


def as_script(rights: Rights, script: Script) -> str:
    """A file that gives the rights; how they are taken away again stands at its top."""
    return _render(_TEMPLATES[script], rights)


def for_whom(right: Right) -> str:
    """The steps of a right in a few words: `azure_vnet`, or `azure_vnet and 3 more`."""
    first, *more = right.steps or ("nothing that azgraph asks for",)
    return f"{first} and {len(more)} more" if len(more) > 1 else " and ".join((first, *more))


def _told(right: Right) -> dict[str, Any]:
    return {"name": right.name, "steps": list(right.steps), **({"optional": right.optional} if right.optional else {})}


def _render(template: str, rights: Rights) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            rights=rights,
            kind=Kind,
            app_role=app_role,
            for_whom=for_whom,
            graph_app_id=GRAPH_APP_ID,
            role_name=ROLE_NAME,
            description=_DESCRIPTION,
            built_in=BUILT_IN,
        )
    )


@cache
def _environment() -> Environment:
    # Shell, Bicep and Terraform, filled with nothing but names of the declarations: HTML's escapes would break them.
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
