"""`azgraph notify`, and what `azgraph alerts evaluate` tells, as scripts and people use them."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from loader.cli.main import app
from loader.config import settings
from tests.alerts.conftest import STATE_RULE, World
from tests.notify.receiver import Answer, Receiver, in_turn

DOCS = Path(__file__).parents[2] / "docs"
LINES = """
notify:
  channels:
    - {name: lines, file: {path: alerts.jsonl}}
    - {name: soc, webhook: {url: "http://127.0.0.1:1/", secret: {env: PLANTED}}}
  routes:
    - {name: everything, channels: [lines], events: [opened, reopened, reminded, resolved, closed]}
"""
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, neo4j_connection: Any) -> Run:
    monkeypatch.setenv("AZGRAPH_CONFIG", str(tmp_path / "azgraph.yaml"))
    monkeypatch.setenv("NEO4J_URI", neo4j_connection.uri)
    monkeypatch.setenv("NEO4J_USER", neo4j_connection.user)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_connection.password)
    monkeypatch.setenv("PLANTED", "planted-webhook-secret")
    (tmp_path / "azgraph.yaml").write_text(LINES)
    settings.cache_clear()

    def running(*arguments: str) -> Any:
        return CliRunner().invoke(app, list(arguments), catch_exceptions=True)

    return running


@pytest.mark.graph
def test_an_evaluation_tells_what_is_new_and_the_commands_tell_of_it(run: Run, database: Any, tmp_path: Path) -> None:
    world, rules = World(database, tmp_path), tmp_path / "rules" / "vaults"
    rules.mkdir(parents=True)
    (rules / "vault-bad.yaml").write_text(STATE_RULE)
    world.run()
    world.vault("old", bad=True)
    evaluate = ("alerts", "evaluate", "--rules", str(rules.parent), "--format", "json")
    first = run(*evaluate)
    assert first.exit_code == 0, first.output
    assert [(one["channel"], one["messages"]) for one in json.loads(first.stdout)["told"]] == [("lines", 0), ("soc", 0)]
    world.run()
    world.vault("new", bad=True)
    assert run(*evaluate, "--no-tell").exit_code == 0
    waiting = json.loads(run("notify", "list", "--format", "json").stdout)
    assert [(one["channel"], one["state"], one["title"]) for one in waiting] == [("lines", "pending", "new is bad")]
    shown = run("notify", "digest", "--print")
    assert shown.exit_code == 0
    assert "azgraph: 1 alert in the digest (1 high)" in shown.stdout
    assert "[high] new is bad" in shown.stdout
    told = json.loads(run("notify", "send", "--format", "json").stdout)
    assert told[0]["messages"] == 1
    (line,) = (tmp_path / "alerts.jsonl").read_text().splitlines()
    assert json.loads(line)["alerts"][0]["title"] == "new is bad"
    assert (tmp_path / "alerts.jsonl").stat().st_mode & 0o777 == 0o600
    assert json.loads(run("notify", "list", "--format", "json").stdout) == []
    # A channel that is down is told of, costs the evaluation nothing, and ends with code 3.
    (tmp_path / "azgraph.yaml").write_text(LINES.replace("channels: [lines], events", "channels: [lines, soc], events"))
    world.run()
    world.vault("newer", bad=True)
    ended = run(*evaluate)
    assert ended.exit_code == 3
    assert "soc: 127.0.0.1:1 could not be reached" in ended.stderr
    assert [one["failed"] for one in json.loads(ended.stdout)["told"]] == [0, 1]
    again = run("notify", "retry", "--channel", "soc")
    assert again.exit_code == 3
    assert run("notify", "list", "--state", "planned").stdout.count("127.0.0.1:1") >= 1
    stored = json.dumps(database.read("MATCH (n) RETURN properties(n) AS p"), default=str)
    assert "planted" not in stored + ended.output + again.output


def test_a_trial_says_what_arrived(run: Run, tmp_path: Path) -> None:
    told = run("notify", "test", "everything")
    assert (told.exit_code, told.stdout) == (0, "lines: it was taken.\n")
    assert json.loads((tmp_path / "alerts.jsonl").read_text())["kind"] == "test"
    failed = run("notify", "test", "soc", "--format", "json")
    assert failed.exit_code == 3
    assert json.loads(failed.stdout)[0]["arrived"] is False
    assert "planted" not in failed.output
    assert "There is no route or channel 'everythin'. Perhaps: everything." in str(
        run("notify", "test", "everythin").exception
    )


def test_without_routes_it_is_said_what_to_write(run: Run, tmp_path: Path) -> None:
    (tmp_path / "azgraph.yaml").write_text("watch: {jitter: 0}\n")
    for arguments in (["send"], ["retry"], ["digest"]):
        assert "docs/notify.md" in str(run("notify", *arguments).exception)
    assert "No channel is configured" in str(run("notify", "test", "x").exception)
    assert "There is no state 'lost'" in str(run("notify", "list", "--state", "lost").exception)


def test_a_receiver_that_checks_as_the_page_shows_believes_us_and_nobody_else(run: Run, tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", (DOCS / "notify.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)
    is_ours = names["is_ours"]
    with Receiver(in_turn(Answer(204))) as server:
        (tmp_path / "azgraph.yaml").write_text(LINES.replace("http://127.0.0.1:1/", f"{server.url}/"))
        assert run("notify", "test", "soc").exit_code == 0
    (got,) = server.got
    headers = dict(got.headers)
    assert is_ours(b"planted-webhook-secret", headers, got.body)
    assert not is_ours(b"another", headers, got.body)
    assert not is_ours(b"planted-webhook-secret", headers, got.body + b" ")
    old = str(int(time.time()) - 600)
    signed = hmac.new(b"planted-webhook-secret", old.encode() + b"." + got.body, hashlib.sha256).hexdigest()
    late = {"X-Azgraph-Timestamp": old, "X-Azgraph-Signature": f"v1={signed}"}
    assert not is_ours(b"planted-webhook-secret", late, got.body)
