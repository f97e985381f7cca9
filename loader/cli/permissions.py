"""`azgraph permissions`: the least rights for what is to be loaded, and what gives them and takes them away."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from loader.cli.common import say
from loader.cli.completion import InstanceName, complete_type
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
            help="Only for this entity type or class and what it belongs to; may be repeated (default: those that the "
            "configuration has on).",
            show_default=False,
            autocompletion=complete_type,
        ),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option("--service", help='Only for this service, such as "Key vault"; may be repeated.'),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="For all types, whatever the configuration says.")] = False,
    instance: InstanceName = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="ID",
            help="With --format role or json: where the role may be assigned, as an id of Azure; may be repeated "
            "(default: the subscriptions or the management group that the configuration names by id).",
            show_default=False,
        ),
    ] = None,
    optional: Annotated[
        bool, typer.Option("--optional", help="With the rights that may be left out, and what they are for.")
    ] = False,
    output: Annotated[
        Form,
        typer.Option(
            "--format",
            "-f",
            help="text, json; role: a custom role; az, bicep, terraform: what makes application, consent and roles.",
        ),
    ] = Form.TEXT,
) -> None:
    """Print the least rights that azgraph needs for what is configured: nothing is asked of Azure.

    With a configuration they are those of its instance: its types, and where the subscriptions are that it names by id.
    --type, --service and --all say otherwise.

    `azgraph permissions --format az > grant.sh && bash grant.sh` makes the application, grants the permissions with
    admin consent and assigns the roles; `bash grant.sh --remove` takes all of it away again.
    """
    from loader.connect.configured import configured
    from loader.connect.granting import Script, as_json, as_role, as_script, as_text
    from loader.connect.rights import rights_for
    from loader.connect.scopes import checked_scopes
    from loader.errors import UsageError
    from loader.instances import chosen
    from loader.sync.choosing import chosen_types

    named = [*(types or ()), *(service or ())]
    if everything and named:
        raise UsageError("--all is for all types; leave out --type and --service, or --all.")
    if named or everything:
        wanted, scopes = chosen_types(named), checked_scopes(scope or ())
    else:
        one = chosen(instance)
        found = configured(one.standing, [pack.pack for pack in one.after_run.packs], rules=one.after_run.rules)
        wanted, scopes = found.types, checked_scopes(scope or found.scopes)
        for line in found.told:
            say(line)
    rights = rights_for(wanted, optional=optional)
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
