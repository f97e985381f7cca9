"""What README.md and the pages show as a command is one: its options are there, and so is what it names."""

from __future__ import annotations

import re
import shlex
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from loader.access.capabilities import CAPABILITIES
from loader.alerts.library import shipped_rules
from loader.cli.common import Format
from loader.cli.main import app
from loader.cli.neo4j import _show
from loader.demo import exchanges
from loader.library.library import shipped_library
from loader.localdb import DEFAULT_VERSION, State
from loader.services import entity_types

ROOT = Path(__file__).parents[2]
# docs/cli.md is written from the commands themselves.
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{one.name}" for one in ROOT.glob("docs/*.md") if one.stem != "cli"),
]
# What the reader puts something in the place of, as DIR, and what a page has made before.
_PLACEHOLDER = re.compile(r"…|^[A-Z][A-Z_]*$|contoso-baseline|machines-without-owner")
_COMMAND = re.compile(r"(?:^|&& |\$ |\$\(|bin/)(?:[A-Z]\w+=\S+ )*azgraph(?:-service)? ([a-z][^\n&|;>`]*)")


def shown(page: str) -> list[tuple[str, bool]]:
    """The commands of a page, and whether each stands alone: a piece of code in a sentence may leave something out."""
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^ *```(?:sh|bash|console)?\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"^    (azgraph .*)$", prose, re.MULTILINE)
    spans = [" ".join(one.split()) for one in re.findall(r"`(azgraph (?!reader`)[^`]+)`", prose)]  # a role's name
    return [
        (one, alone)
        for some, alone in ((lines, True), (spans, False))
        for line in some
        for one in _COMMAND.findall(line)
    ]


class Line:
    """A shown command taken apart. words: the command; given: the values by option; rest: the others."""

    def __init__(self, line: str) -> None:
        arguments = shlex.split(line, comments=True)
        self.command: Any = _root()
        self.words: list[str] = []
        while arguments and arguments[0] in getattr(self.command, "commands", {}):
            self.words.append(arguments.pop(0))
            self.command = self.command.commands[self.words[-1]]
        options: dict[str, Any] = dict.fromkeys(("--help", "-h", "--version", "--debug", "--install-completion"))
        options |= {name: one for one in self.command.params for name in (*one.opts, *one.secondary_opts)}
        self.given: list[tuple[str, str]] = []
        self.rest: list[str] = []
        self.short = False
        while arguments:
            word = arguments.pop(0)
            if not word.startswith("-"):
                self.rest.append(word)
                continue
            assert word in options, f"there is no {word}"
            if options[word] is not None and not options[word].is_flag:
                self.short = not arguments
                self.given += [(word, value) for value in arguments[:1]]
                kind = options[word].bare_type
                if (
                    arguments
                    and isinstance(kind, type)
                    and issubclass(kind, Enum)
                    and not _PLACEHOLDER.search(arguments[0])
                ):
                    kind(arguments[0])
                arguments = arguments[1:]
        places = [one for one in self.command.params if one.param_type_name == "argument"]
        self.most = 999 if any(one.nargs == -1 for one in places) else len(places)
        self.least = sum(one.required for one in places)


@cache
def _root() -> Any:
    return typer.main.get_command(app)


@pytest.mark.parametrize("page", PAGES)
def test_shown_commands_are_taken(page: str) -> None:
    for text, alone in shown(page):
        try:
            line = Line(text)
        except (AssertionError, ValueError) as error:
            pytest.fail(f"{text}: {error}")
        group = hasattr(line.command, "commands") and not line.command.invoke_without_command
        assert len(line.rest) <= line.most, f"{text}: {line.rest}"
        if alone:
            assert not group, text
            assert not line.short, text
            assert len(line.rest) >= line.least, text


@cache
def _names(command: str) -> frozenset[str]:
    """What the first word after these commands may be."""
    library = shipped_library()
    return frozenset(
        {
            "query run": library.queries,
            "query show": library.queries,
            "check": library.packs,
            "alerts try": shipped_rules().rules,
            "access who-can": [one.id for one in CAPABILITIES],
            "--check": library.checks,
            "--check-pack": library.packs,
            "--pack": shipped_rules().packs,
            "--rule": shipped_rules().rules,
            "--only": entity_types(),
            "--type": entity_types(),
        }.get(command, ())
    )


@cache
def _contoso() -> str:
    """All that the demo tenant says, on both days."""
    return "".join(str(one.body) for day in (1, 2) for one in exchanges(day)).lower()


def _of_the_demo(line: Line) -> list[str]:
    """What a line takes for a resource or somebody there."""
    words = " ".join(line.words)
    rest = {"access who-can": line.rest[1:]}.get(words, line.rest)
    taken = (
        rest if words in ("access who-can", "access explain", "access of", "changes show", "paths blast-radius") else []
    )
    options = (
        ("--from", "--to", "--subscription", "--actor") if line.words[:1] != ["changes"] or "diff" not in words else ()
    )
    taken += [value for option, value in line.given if option in options]
    taken += [value.partition("=")[2] for option, value in line.given if option == "--param" and "resource=" in value]
    return [one for one in taken if one not in ("internet", "tier-0")]


@pytest.mark.parametrize("page", PAGES)
def test_what_shown_commands_name_is_there(page: str) -> None:
    """In the library, and in Contoso: who reads the pages after `make demo` can paste them."""
    lost = []
    for text, _ in shown(page):
        line = Line(text)
        first = [(" ".join(line.words), line.rest[0])] if line.rest else []
        for command, name in (*first, *line.given):
            if (known := _names(command)) and name not in known and " " not in name and not _PLACEHOLDER.search(name):
                lost.append(f"{text}: {name}")
        for name in _of_the_demo(line):
            sought = [f'"{part}"' for part in name.lower().split("=")]
            if not _PLACEHOLDER.search(name) and not all(one in _contoso() for one in sought):
                lost.append(f"{text}: {name}")
    assert lost == []


@pytest.mark.parametrize(("page", "home"), [("README.md", "…"), ("docs/local-neo4j.md", "~/.local/share")])
def test_what_make_demo_ends_with_is_shown_as_it_is_printed(
    page: str, home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    browser, driver = "http://127.0.0.1:7474/browser/", "bolt://127.0.0.1:7687"
    password = Path(home) / "azgraph" / "neo4j" / "password"
    _show(State(True, DEFAULT_VERSION, driver, browser, "neo4j", password), Format.TABLE)
    assert capsys.readouterr().out in (ROOT / page).read_text(encoding="utf-8")
