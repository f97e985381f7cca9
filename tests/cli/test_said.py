"""What a command says on stderr, however it ends: no secret, nothing that steers a terminal, always a sentence."""

from __future__ import annotations

import errno
import logging
import re

import pytest
import typer

from loader.cli import foreign
from loader.cli import main as cli
from loader.cli.common import say
from loader.errors import UnreachableError, UsageError

SECRET = "pl4nted8Q~N33dle-of-a-password-which-is-1"
QUOTED = f"AccountName=x;AccountKey={SECRET};x=y"
STEERING = "a\x1b[2Jb\x9bc\u202ed\x07\r"


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageError(f"Not so. {QUOTED}"), 2, "Error: Not so."),
        (UnreachableError(f"Not there. {QUOTED}"), 4, "Error: Not there."),
        (OSError(errno.ENOSPC, "No space left on device", "/x/report.html"), 2, "open or write /x/report.html"),
        (OSError(errno.EACCES, "Permission denied"), 2, "the system refused"),
        (RecursionError(QUOTED), 2, "too deeply nested"),
        (MemoryError(), 2, "too large"),
        (KeyError(QUOTED), 4, "something it does not know: KeyError"),
        (KeyboardInterrupt(), 130, "made up for by the next"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, BaseException) else None,
)
def test_every_end_is_a_sentence_without_secrets(
    error: BaseException,
    code: int,
    words: str,
    debug: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def app() -> None:
        raise error

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr("sys.argv", ["azgraph", *(["--debug"] if debug else [])])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert ended.value.code == code
    assert words in said.err
    assert SECRET not in said.err + said.out
    assert ("Traceback" in said.err) is (debug and not isinstance(error, KeyboardInterrupt))


def test_the_log_is_scrubbed_and_steers_nobody() -> None:
    record = logging.LogRecord("azure", logging.ERROR, "x", 1, "it said %s and %s", (QUOTED, STEERING), None)
    shown = cli._log_handler().format(record)
    assert SECRET not in shown
    assert "AccountKey=REDACTED" in shown
    assert shown.isprintable()


def test_what_is_said_steers_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"first {STEERING}\nsecond")
    first, second, rest = capsys.readouterr().err.split("\n")
    assert (first.isprintable(), second, rest) == (True, "second", "")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("scan", "azgraph sync"),
        ("neo4j start", "azgraph neo4j up"),
        ("check p --json", "--format json"),
        ("changes --since 1 --json", "--format json"),
        ("runs list -o json", "--format json"),
        ("--config sync rules", "azgraph alerts rules"),
        ("sync --debug", "azgraph --debug … sync"),
        ("access who-can a b --config=x", "azgraph --config … access who-can"),
        ("notify test x -v", "azgraph --debug notify test"),
        # The value of an option is its own, however it looks, and what nobody knows is left to Typer.
        ("check p --resource --json --nonsense", None),
        ("nonsense", None),
    ],
)
def test_words_of_other_tools_lead_to_ours(
    line: str, words: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["azgraph", *line.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert ended.value.code == 2
    assert (words in last) if words else last.startswith(("╰", "+"))


@pytest.mark.parametrize(
    ("line", "words"),
    [("version", "azgraph "), ("-V", "azgraph "), ("help neo4j up", "Start Neo4j"), ("help", "Load Azure")],
)
def test_version_and_help_are_words_too(
    line: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["azgraph", *line.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    assert words in capsys.readouterr().out


def test_the_commands_that_are_named_instead_of_others_exist() -> None:
    root = typer.main.get_command(cli.app)
    told = [*foreign._OPTIONS.values(), *(one for words in foreign._COMMANDS.values() for one in words.values())]
    for name, *_ in (match.split() for one in told for match in re.findall(r"`azgraph ([a-z][^`]*)`", one)):
        assert name in root.commands
    assert not any(word in root.commands for word in foreign._COMMANDS[""])
