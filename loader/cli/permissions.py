"""`azgraph permissions`: the least rights for what is to be loaded, and what gives them and takes them away."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from loader.cli.common import say
from loader.cli.completion import complete_type
from loader.visible import json_text


class Form(StrEnum):
    """How the rights are printed."""

    TEXT = "text"
    JSON = "json"
    ROLE = "role"
    AZ = "az"
    BICEP = "bicep"
    TERRAFORM = "terraform"


def permissions(
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            help="Only for this entity type or class and what it belongs to; may be repeated (default: all).",
            autocompletion=complete_type,
        ),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option("--service", help='Only for this service, such as "Key vault"; may be repeated (default: all).'),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="ID",
            help="With --format role or json: where the role may be assigned, as an id of Azure; may be repeated.",
        ),
    ] = None,
    optional: Annotated[
        bool, typer.Option("--optional", help="With the rights that may be left out, and what they are for.")
    ] = False,
    output: Annotated[
        Form,
        typer.Option(
            "--format",
            help="text, json; role: a custom role; az, bicep, terraform: what makes application, consent and roles.",
        ),
    ] = Form.TEXT,
) -> None:
    """Print the least rights that azgraph needs: nothing is asked of Azure.

    `azgraph permissions --format az > grant.sh && bash grant.sh` makes the application, grants the permissions with
    admin consent and assigns the roles; `bash grant.sh --remove` takes all of it away again.
    """
    from loader.connect.granting import Script, as_json, as_role, as_script, as_text
    from loader.connect.rights import rights_for
    from loader.connect.scopes import checked_scopes
    from loader.sync.choosing import chosen_types

    rights = rights_for(chosen_types([*(types or ()), *(service or ())]), optional=optional)
    scopes = checked_scopes(scope or ())
    if output is Form.TEXT:
        print(as_text(rights), end="")
    elif output is Form.JSON:
        print(json_text(as_json(rights, scopes)))
    elif output is Form.ROLE:
        print(json_text(as_role(rights, scopes)))
        if not scopes:
            say("Put your own subscriptions or management group into AssignableScopes, or name them with --scope.")
    else:
        print(as_script(rights, Script(output.value)), end="")
