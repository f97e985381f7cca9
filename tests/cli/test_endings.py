"""How commands end where something is in the way: a sentence that says what to do, and never the code of findings."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from neo4j.exceptions import Neo4jError

from loader.alerts.library import load_rules, pick, shipped_rules
from loader.azure.transport.har import read_har
from loader.cli.streams import BROKEN_PIPE
from loader.errors import ExitCode, UsageError
from loader.graph.refusals import refusal
from loader.library import shipped_library
from loader.library.own import library_with
from tests.e2e.support import ROOT, clean_environment


def shell(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which `"$@"` is azgraph with the arguments."""
    azgraph = [sys.executable, "-m", "loader.cli", *arguments]
    line = ["bash", "-c", command, "bash", *azgraph]
    return subprocess.run(
        line, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("way", ["", "PYTHONUNBUFFERED=1 "])
@pytest.mark.parametrize("arguments", [["model", "--format", "json"], ["model"]])
def test_a_reader_that_has_seen_enough_ends_the_command_quietly(arguments: list[str], way: str) -> None:
    told = shell(f'{way}"$@" | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}', *arguments)
    # What fits into the pipe's buffer may be written before anyone closes it.
    assert told.returncode in ((BROKEN_PIPE,) if arguments[1:] else (BROKEN_PIPE, 0))
    assert told.stderr == ""


def test_a_check_tells_at_once_what_it_is_doing_where_a_person_looks() -> None:
    """Also before it has a database; an error follows on a line of its own."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "loader.cli", "check", "cis-azure-foundations-6.0.0"]
    environment = clean_environment() | {"NEO4J_URI": "bolt://127.0.0.1:9", "NEO4J_PASSWORD": "x", "TERM": "xterm"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # what a terminal says whose last writer has gone
            while part := os.read(ours, 65536):
                shown += part
        os.close(ours)
    text = shown.decode()
    assert process.returncode == ExitCode.UNREACHABLE
    assert text.index("Reading cis-azure-foundations-6.0.0") < text.index("Error: Neo4j at bolt://127.0.0.1:9")
    assert "Looking at what was loaded" in text


def test_a_full_disk_behind_stdout_is_a_sentence() -> None:
    told = shell('"$@" > /dev/full', "model")
    assert told.returncode == ExitCode.USAGE
    assert "No space left on device" in told.stderr
    assert "does not know" not in told.stderr


def test_no_stdout_and_a_narrow_encoding_are_no_end() -> None:
    assert shell('"$@" >&-', "model").returncode == 0
    assert shell('PYTHONIOENCODING=ascii "$@" >/dev/null', "query", "list").returncode == 0


@pytest.mark.parametrize(
    ("code", "message", "kind", "words"),
    [
        ("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", "x", ExitCode.UNREACHABLE, "read-only"),
        ("Neo.ClientError.Security.Forbidden", "Create node is not allowed", ExitCode.UNREACHABLE, "grant"),
        ("Neo.DatabaseError.General.UnknownError", "No space left on device", ExitCode.UNREACHABLE, "Make room"),
        ("Neo.DatabaseError.Transaction.TransactionCommitFailed", "x", ExitCode.UNREACHABLE, "disk"),
        ("Neo.ClientError.Database.DatabaseNotFound", "x", ExitCode.USAGE, "NEO4J_DATABASE"),
        ("Neo.DatabaseError.Schema.ConstraintCreationFailed", "Node(1) has", ExitCode.USAGE, "somebody else's"),
        ("Neo.ClientError.Statement.SyntaxError", "Invalid\n input", ExitCode.UNREACHABLE, "Invalid input."),
    ],
)
def test_what_the_database_refuses_is_a_sentence(code: str, message: str, kind: ExitCode, words: str) -> None:
    told = refusal(Neo4jError._hydrate_neo4j(code=code, message=message))
    assert told is not None
    assert told.exit_code is kind
    assert words in str(told)
    assert "\n" not in str(told)


def test_what_is_no_refusal_of_the_database_stays_what_it_is() -> None:
    assert refusal(KeyError("x")) is None


@pytest.mark.parametrize(
    ("url", "status", "reason"),
    [
        ("https://management.azure.com:99999/subscriptions", 200, "entry 1"),
        ("https://management.azure.com:x/subscriptions", 200, "entry 1"),
        ("https://[::1/subscriptions", 200, "entry 1"),
        ("https:///subscriptions", 200, "names no host"),
        ("https://management.azure.com/subscriptions", 99999, "from 100 to 599"),
        ("https://management.azure.com/subscriptions", "9" * 5000, "number that cannot be read"),
    ],
)
def test_an_impossible_recording_is_named(tmp_path: Path, url: str, status: int | str, reason: str) -> None:
    entry = {"request": {"method": "GET", "url": url}, "response": {"status": "STATUS", "content": {"text": "{}"}}}
    path = tmp_path / "odd.har"
    path.write_text(json.dumps({"log": {"entries": [entry]}}).replace('"STATUS"', str(status)))
    with pytest.raises(UsageError, match=rf"odd\.har.*{reason}"):
        list(read_har(path))


def test_an_unknown_name_is_told_with_the_nearest_ones() -> None:
    library = shipped_library()
    with pytest.raises(UsageError, match=r"Perhaps: .*cis-azure-foundations-6\.0\.0"):
        library.pack("azure-foundations")
    with pytest.raises(UsageError, match=r"Perhaps: storage-accounts"):
        library.query("storage_accounts")
    with pytest.raises(UsageError, match=r"Perhaps: network-admin-ports-open\b"):
        pick(shipped_rules().rules.values(), ["admin-port-open"])
    for look, command in (
        (library.pack, "check --list"),
        (library.check, "check --list-checks"),
        (library.query, "query list"),
        (lambda name: pick(shipped_rules().rules.values(), [name]), "alerts rules"),
    ):
        with pytest.raises(UsageError, match=rf"`azgraph {command}` lists them"):
            look("zzz")


def test_overrides_of_what_is_gone_are_told_and_passed_over(tmp_path: Path) -> None:
    """The others hold: an upgrade that renames a check does not end every command."""
    (tmp_path / "overrides.yaml").write_text(
        "checks:\n  storage-gone: {severity: low}\n  storage-secure-transfer: {severity: info}\n"
        "packs:\n  cis-azure-foundations-6.0.0:\n    title: Ours\n    controls:\n      '99.9': {title: x}\n"
        "rules:\n  rule-gone: {severity: low}\n"
    )
    told: list[str] = []
    library = library_with([tmp_path], told.append)
    rules = load_rules(libraries=[tmp_path], tell=told.append)
    assert library.check("storage-secure-transfer").severity == "info"
    assert library.pack("cis-azure-foundations-6.0.0").title == "Ours"
    assert rules
    assert [one.partition(": ")[0].rpartition(":")[2] for one in told] == ["2", "8", "10"]
    assert all("passed over" in one for one in told)
