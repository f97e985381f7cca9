"""`azgraph init`: writes a configuration, by asking or from flags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loader.cli.common import say

if TYPE_CHECKING:
    from loader.config.template import Answers

_WAYS = "client_secret, certificate, managed_identity, workload_identity, azure_cli, device_code, browser"


def init(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="Where to write it (default: where azgraph reads it).", show_default=False
        ),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="The account's name.")] = None,
    tenant: Annotated[str | None, typer.Option("--tenant", help="The tenant's id or domain.")] = None,
    client_id: Annotated[str | None, typer.Option("--client-id", help="The application's (client) id.")] = None,
    sign_in: Annotated[str | None, typer.Option("--sign-in", help=f"How to sign in: {_WAYS}.")] = None,
    secret: Annotated[
        str | None,
        typer.Option("--secret", help="Where the secret is: env:NAME, file:PATH or its key vault address. Not itself."),
    ] = None,
    certificate: Annotated[str | None, typer.Option("--certificate", help="The certificate's file.")] = None,
    cloud: Annotated[str | None, typer.Option("--cloud", help="public, usgovernment or china.")] = None,
    interval: Annotated[
        str | None, typer.Option("--interval", help="DISABLED, 30m to 1w, or a cron line in UTC.")
    ] = None,
    subscription: Annotated[
        list[str] | None, typer.Option("--subscription", "-s", help="Only this one (id or name); may be repeated.")
    ] = None,
    tag_account_name: Annotated[
        bool, typer.Option("--tag-account-name", help="Store the name on each entity as tag.AccountName.")
    ] = False,
    neo4j_uri: Annotated[str | None, typer.Option("--neo4j-uri", help="The database (default: the local one).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a commented configuration: asks on a terminal for what no flag says, else leaves it commented out."""
    from loader.config import config_file
    from loader.config.template import Answers, write_configuration
    from loader.errors import UsageError

    path = file or config_file()
    if path.exists() and not force:
        raise UsageError(f"{path} is there already, and is left as it is. Write over it with --force, or name another.")
    given = Answers(
        name=name or "contoso",
        tenant=tenant,
        client_id=client_id,
        sign_in=sign_in,
        secret=secret,
        certificate=certificate,
        cloud=cloud,
        interval=interval,
        subscriptions=tuple(subscription or ()),
        tag_account_name=tag_account_name,
        neo4j_uri=neo4j_uri,
    )
    answers = _asked(given, named=name is not None) if sys.stdin.isatty() and sys.stderr.isatty() else given
    written, schema = write_configuration(path, answers, force=force)
    say(f"Written: {written} (and {schema.name} beside it, by which editors complete it).")
    say("Next: `azgraph permissions`, `azgraph config check` and `azgraph doctor`, then `azgraph sync`.")
    if path != config_file():
        say(f"azgraph reads it where AZGRAPH_CONFIG={path} is set, or with `azgraph --config {path} …`.")


def _asked(given: Answers, *, named: bool) -> Answers:
    """With what was left open, asked one by one: an empty answer leaves it open, a wrong one is asked again."""
    from dataclasses import replace

    from loader.config.template import mistake_in

    found = given

    def ask(key: str, question: str, default: str = "", *, anyway: bool = False) -> None:
        nonlocal found
        if getattr(found, key) is not None and not anyway:
            return

        def answered(text: str) -> Answers:
            answer: dict[str, Any] = {key: text.strip() or default or None}
            changed = replace(found, **answer)
            if wrong := mistake_in(changed, key):
                raise typer.BadParameter(wrong)
            return changed

        found = typer.prompt(question, default=default, show_default=bool(default), value_proc=answered, err=True)

    ask("name", "Name of the account", given.name, anyway=not named)
    ask("tenant", "Tenant (its id or a domain)")
    ask("sign_in", f"How to sign in ({_WAYS})", "client_secret")
    if found.sign_in in ("client_secret", "certificate", "workload_identity"):
        ask("client_id", "Application (client) id, empty if there is none yet")
    if found.sign_in == "client_secret":
        ask(
            "secret",
            "Where its secret is (env:NAME, file:PATH or a key vault's https://…/secrets/…)",
            "env:AZURE_CLIENT_SECRET",
        )
    if found.sign_in == "certificate":
        ask("certificate", "The certificate's file")
    ask("interval", "When to load it (DISABLED, 30m to 1w, or a cron line)", "1d")
    return found
