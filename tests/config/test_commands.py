"""`azgraph init` and `azgraph config`: what is written can be read, what holds is told with its source."""

from __future__ import annotations

import contextlib
import io
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loader.cli import init as init_module
from loader.cli.main import app
from loader.config import read_configuration, settings
from loader.config.template import Answers, configuration_text, write_configuration
from loader.errors import UsageError

NASTY = "Cön\"to'so`\n#: {x}"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command with an empty home."""
    monkeypatch.setenv("AZGRAPH_HOME", str(tmp_path / "home"))
    for name in ("AZGRAPH_CONFIG", "NEO4J_URI", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.setenv(name, "")  # so that what a command sets is taken back
        monkeypatch.delenv(name)

    def one(*arguments: str):
        settings.cache_clear()
        return CliRunner().invoke(app, list(arguments), catch_exceptions=True)

    yield one
    settings.cache_clear()


def test_init_writes_what_can_be_read_and_never_over_it(run, tmp_path: Path) -> None:
    path = tmp_path / "home" / "azgraph.yaml"
    made = run("init", "--name", NASTY, "--tenant", "contoso.com", "--secret", "env:X", "-s", NASTY, "--interval", "6h")
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (instance,) = read_configuration(path).configuration.instances
    assert (instance.name, instance.tenant, instance.interval) == (NASTY, "contoso.com", "6h")
    assert instance.subscriptions.include == [NASTY]
    text = path.read_text()
    assert text.startswith("# yaml-language-server: $schema=azgraph.schema.json\n")
    assert json.loads((path.parent / "azgraph.schema.json").read_text())["title"] == "azgraph.yaml"
    again = run("init", "--name", "other")
    assert isinstance(again.exception, UsageError)
    assert path.read_text() == text
    path.chmod(0o644)
    assert run("init", "--name", "other", "--force").exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "other" in path.read_text()


def test_init_writes_nothing_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "azgraph.yaml"
    for answers, says in (
        (Answers(tenant="a/b", interval="5m"), "tenant: .*interval: |interval: .*tenant: "),
        (Answers(secret="hush-Pl4nted"), "never written down"),
    ):
        with pytest.raises(UsageError, match=says) as caught:
            write_configuration(path, answers)
        assert "Pl4nted" not in str(caught.value)
    assert not path.exists()


def test_what_is_commented_out_is_right_too(tmp_path: Path) -> None:
    """A reader takes the `#` away and has something that works."""
    path = tmp_path / "azgraph.yaml"
    for line in configuration_text(Answers()).splitlines():
        key = line.strip().removeprefix("# ").partition(":")[0]
        if line.strip().startswith("# ") and key in ("tenant", "client_id", "sign_in", "cloud", "secret"):
            path.write_text(configuration_text(Answers()).replace(line, line.replace("# ", "", 1)))
            assert read_configuration(path).configuration.instances


def test_the_report_and_the_archive_that_are_commented_out_go_where_a_service_may_write(tmp_path: Path) -> None:
    """A relative path would begin beside the file, which services have read-only."""
    text = configuration_text(Answers())
    for commented, meant in (("packs: []\n  #  - {", "packs:\n    - {"), ("  # archive:", "  archive:")):
        assert text.count(commented) == 1
        text = text.replace(commented, meant)
    path = tmp_path / "azgraph.yaml"
    path.write_text(text)
    said = read_configuration(path).configuration
    (report,) = said.after_run.packs
    assert str(report.output).startswith("~/")
    assert str(said.retention.archive).startswith("~/")


def asked(monkeypatch: pytest.MonkeyPatch, *answers: str) -> tuple[Answers, str]:
    """What was understood of answers typed one after another, and what was said on the way."""
    typed, said = io.StringIO("".join(f"{one}\n" for one in answers)), io.StringIO()
    monkeypatch.setattr("sys.stdin", typed)
    with contextlib.redirect_stderr(said):
        found = init_module._asked(Answers(), named=False)
    assert typed.read() == ""
    return found, said.getvalue()


def test_init_asks_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    found, said = asked(monkeypatch, "fabrikam", "fabrikam.com", "certificate", "", "/x.pem", "1w")
    assert found == Answers(
        name="fabrikam", tenant="fabrikam.com", sign_in="certificate", certificate="/x.pem", interval="1w"
    )
    assert "Error" not in said


def test_init_asks_again_at_once_for_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = "11111111-2222-4333-8444-555555555555"
    found, said = asked(
        monkeypatch, "", "not a tenant", "contoso.com", "magic", "", "a/b", ours, "hush-Pl4nted", "", "5m", "6h"
    )
    assert found == Answers(
        name="contoso",
        tenant="contoso.com",
        sign_in="client_secret",
        client_id=ours,
        secret="env:AZURE_CLIENT_SECRET",
        interval="6h",
    )
    assert said.count("Error: ") == 5
    for part in ("not an id (a GUID)", "'client_secret', 'certificate'", "never written down", "30 minutes to 1 week"):
        assert part in said
    assert "Pl4nted" not in said


def test_show_tells_who_said_it_and_no_secret(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "azgraph.yaml"
    path.write_text("neo4j_uri: bolt://x\ninstances:\n  - name: a\n    cloud: china\n    secret: {env: HUSH}\n")
    monkeypatch.setenv("HUSH", "Pl4nted")
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "Pl4nted")
    monkeypatch.setenv("AZURE_CLIENT_ID", "an-id")
    told = run("--config", str(path), "config", "show", "--format", "json")
    assert told.exit_code == 0, told.output
    assert "Pl4nted" not in told.output
    values = {row["name"]: (row["value"], row["from"]) for row in json.loads(told.stdout)["values"]}
    assert values["neo4j.uri"] == ("bolt://x", f"{path}:1")
    assert values["neo4j.user"] == ("neo4j", "default")
    assert values["instances[0].cloud.name"] == ("china", f"{path}:4")
    assert values["instances[0].secret.env"] == ("HUSH", f"{path}:5")
    assert values["instances[0].client_id"] == ("an-id", "environment AZURE_CLIENT_ID")
    assert values["AZURE_CLIENT_SECRET"] == ("(set)", "environment AZURE_CLIENT_SECRET")
    signed = "bolt://azgraph:Pl4nted-Pa55word@x?sig=Pl4ntedS1gnature"
    for form in ("json", "table"):
        shown = run("--config", str(path), "config", "show", "--neo4j-uri", signed, "--format", form).output
        assert "Pl4nted" not in shown, "an address may hold one"
    flagged = run("--config", str(path), "config", "show", "--neo4j-uri", "bolt://flag", "--format", "json")
    values = {row["name"]: (row["value"], row["from"]) for row in json.loads(flagged.stdout)["values"]}
    assert values["neo4j.uri"] == ("bolt://flag", "flag")
    assert run("--config", str(path), "config", "check").exit_code == 0
    monkeypatch.delenv("HUSH")
    assert "HUSH" in str(run("--config", str(path), "config", "check").exception)


def test_all_secrets_that_are_not_there_are_told(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "azgraph.yaml"
    path.write_text(
        "instances:\n"
        "  - name: a\n"
        "    secret: {env: NOT_THERE}\n"
        "    certificate:\n"
        "      path: x.pem\n"
        "      password: {file: none.txt}\n"
        "    sign_in: certificate\n"
        "notify:\n"
        "  channels:\n"
        "    - {name: chat, apprise: {env: NOT_THERE_EITHER}}\n"
        "    - name: hook\n"
        "      webhook:\n"
        "        url_from: {env: THERE}\n"
        "        secret:\n"
        "          env: NOR_THIS\n"
        "  routs: []\n"
    )
    monkeypatch.setenv("THERE", "https://hook.example")
    told = str(run("--config", str(path), "config", "check").exception)
    places = [line.removeprefix(f"{path}:").split(": ")[:2] for line in told.splitlines()[1:]]
    assert places == [
        ["3", "instances[0].secret"],
        ["3", "instances[0].secret.env"],
        ["6", "instances[0].certificate.password.file"],
        ["10", "notify.channels[0].apprise.env"],
        ["15", "notify.channels[1].webhook.secret.env"],
        ["16", "notify.routs"],
    ]
    assert "The environment variable NOR_THIS, which the configuration names, is not set. Set it." in told
    assert f"The secret's file {tmp_path / 'none.txt'} cannot be read" in told
    assert run("--config", str(path), "config", "show").exception.problems[0].place == "instances[0].secret"


def test_a_configuration_that_is_not_there_is_told(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    none = tmp_path / "none.yaml"
    told = str(run("--config", str(none), "config", "check").exception)
    assert told == f"The configuration {none}, which --config or AZGRAPH_CONFIG names, does not exist."


@pytest.mark.parametrize("command", [("sync",), ("watch", "--once")])
def test_an_instance_without_a_configuration_is_told(run, tmp_path: Path, command: tuple[str, ...]) -> None:
    told = str(run(*command, "--instance", "foo").exception)
    file = tmp_path / "home" / "azgraph.yaml"
    assert told.startswith(f"There is no instance 'foo': there is no configuration file ({file})")
    assert "`azgraph init` writes the file" in told
    file.parent.mkdir(exist_ok=True)
    file.write_text("people_file: x\n")
    told = str(run(*command, "--instance", "foo").exception)
    assert f"{file} describes none. Describe it there under `instances:`" in told


def test_without_a_file_the_environment_says_everything(run) -> None:
    assert run("config", "check").exit_code == 0
    assert "default" in run("config", "show", "--format", "json").stdout
