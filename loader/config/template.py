"""The file that `azgraph init` writes: what was answered, and beside it, as comments, what else can be said."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from loader.config.model import schema
from loader.config.reading import ConfigurationError, Problem, read_configuration
from loader.errors import UsageError
from loader.files import FILE_MODE, private_folder, write_whole

SCHEMA_FILE = "azgraph.schema.json"


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked, or given as flags; None is not said. secret: "env:NAME", "file:PATH" or a key vault's address."""

    name: str = "contoso"
    tenant: str | None = None
    client_id: str | None = None
    sign_in: str | None = None
    secret: str | None = None
    certificate: str | None = None
    cloud: str | None = None
    interval: str | None = None
    subscriptions: tuple[str, ...] = ()
    tag_account_name: bool = False
    neo4j_uri: str | None = None


def write_configuration(path: Path, answers: Answers, *, force: bool = False) -> tuple[Path, Path]:
    """Writes the file, for its owner alone, and the schema that editors complete it by; gives the paths of both.

    Raises UsageError for a file that is there already, without force, and for answers that are not valid.
    """
    if path.exists() and not force:
        raise UsageError(f"{path} is there already, and is left as it is. Write over it with --force, or name another.")
    text = configuration_text(answers)
    _check(text)
    private_folder(path.parent)
    write_whole(path, text)
    if os.name == "posix":
        path.chmod(FILE_MODE)
    beside = path.parent / SCHEMA_FILE
    write_whole(beside, schema_text())
    return path, beside


def mistake_in(answers: Answers, key: str) -> str | None:
    """What is wrong with that one answer (tenant, interval, …), as a sentence; None if nothing is.

    It is judged alone, so that a question can be asked again at once, whatever the others are.
    """
    try:
        text = configuration_text(answers)
    except UsageError as error:
        return str(error) if key == "secret" else None
    return "; ".join(one.sentence for one in _problems(text) if key in one.place.split(".")) or None


def schema_text() -> str:
    """The JSON schema of the file, as it is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def configuration_text(answers: Answers) -> str:
    """The file's text."""
    return _TEXT.format(
        schema=SCHEMA_FILE,
        neo4j=_line("uri", answers.neo4j_uri, "bolt://localhost:7687", indent=2, parent="neo4j:"),
        name=_quoted(answers.name),
        tag=str(answers.tag_account_name).lower(),
        interval=_quoted(answers.interval or "DISABLED"),
        tenant=_line("tenant", answers.tenant, "contoso.onmicrosoft.com"),
        client_id=_line("client_id", answers.client_id, "00000000-0000-0000-0000-000000000000"),
        sign_in=_line("sign_in", answers.sign_in, "client_secret"),
        secret=_secret(answers.secret),
        certificate=_line("certificate", answers.certificate, "/etc/azgraph/contoso.pem"),
        cloud=_line("cloud", answers.cloud, "public"),
        subscriptions=_subscriptions(answers.subscriptions),
    )


def _check(text: str) -> None:
    """What is written can be read."""
    if problems := _problems(text):
        told = "; ".join(f"{one.place.rpartition('.')[2]}: {one.sentence}" for one in problems)
        raise UsageError(f"Nothing is written: {told}.")


def _problems(text: str) -> Sequence[Problem]:
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "azgraph.yaml"
        trial.write_text(text, encoding="utf-8")
        try:
            read_configuration(trial)
        except ConfigurationError as error:
            return error.problems
    return []


def _quoted(value: str) -> str:
    # A string of JSON is one of YAML, whatever is in it.
    return json.dumps(value, ensure_ascii=False)


def _line(key: str, value: str | None, example: str, *, indent: int = 4, parent: str = "") -> str:
    if value is None:
        lines = [*([f"# {parent}"] if parent else []), f"{'' if parent else ' ' * indent}# {key}: {example}"]
        if parent:
            lines[-1] = f"#   {key}: {example}"
        return "\n".join(lines)
    return "\n".join([*([parent] if parent else []), f"{' ' * indent}{key}: {_quoted(value)}"])


def _secret(written: str | None) -> str:
    if written is None:
        return "    # secret: {env: AZURE_CLIENT_SECRET}"
    if written.startswith("https://"):
        return f"    secret: {{key_vault: {_quoted(written)}}}"
    kind, colon, place = written.partition(":")
    if not colon or kind not in ("env", "file"):
        raise UsageError(
            "The secret itself is never written down: say where it is, as env:NAME, file:PATH or "
            "https://NAME.vault.azure.net/secrets/NAME."
        )
    return f"    secret: {{{kind}: {_quoted(place)}}}"


def _subscriptions(names: tuple[str, ...]) -> str:
    return (
        "\n".join(["      include:", *(f"        - {_quoted(name)}" for name in names)])
        if names
        else ("      # include: [Contoso Production, 00000000-0000-0000-0000-000000000000]")
    )


_TEXT = """\
# yaml-language-server: $schema={schema}
# What azgraph loads, how it signs in, and when. `azgraph config check` reads it through, `azgraph config show` tells
# what holds. Each line that is commented out says what it could say; docs/configuration.md tells all of it.
# No secret stands here: only where it is.

# The database; without it the local one, which azgraph starts by itself. Its password stands in NEO4J_PASSWORD, or in
# the file that password_file names.
{neo4j}

instances:
  - name: {name}
    # description: What this account is, for people
    # Whether its name stands on each of its entities, as tag.AccountName:
    tag_account_name: {tag}
    # When `azgraph watch` loads it: DISABLED, 30m to 1w, or a cron line in UTC such as "0 3 * * *".
    interval: {interval}

    # Who signs in, and how: client_secret, certificate, managed_identity, workload_identity, azure_cli, device_code,
    # browser. Of a secret only the place stands here: {{env: NAME}}, {{file: PATH}} or {{key_vault: https://…}}.
{tenant}
{client_id}
{sign_in}
{secret}
{certificate}
{cloud}

    # Whether this instance loads the directory (Entra ID): on in one instance of a tenant.
    ingest_directory: true

    # All subscriptions that are visible, unless something is said here.
    subscriptions:
{subscriptions}
      # management_groups: [production]
      exclude:
        # ids: [00000000-0000-0000-0000-000000000000]
        names: []        # such as ["*-sandbox"]
        # tags: {{environment: sandbox}}
        # management_groups: [decommissioned]

    # resource_groups:
    #   exclude: ["MC_*"]
    #   provider_managed: leave_out
    # types:
    #   skip: [azure_advisor_recommendation]

# What follows each run of `azgraph watch`.
after_run:
  rules: true
  # Packs of alert rules (azgraph alerts rules lists them); without any: essentials and your own.
  # rule_packs: [essentials]
  # Compliance packs, and where their reports go. ~ is the home of the user who runs azgraph; a relative path begins at
  # this file's folder, where a service may not write.
  packs: []
  #  - {{pack: cis-azure-foundations-6.0.0, format: html, output: "~/reports/{{instance}}-{{date}}.html"}}

# How long the graph remembers.
retention:
  changes: {{days: 90}}
  # runs: {{days: 365}}
  # resolved_alerts: {{days: 365}}
  # A folder into which changes are written before they go:
  # archive: ~/archive
"""
