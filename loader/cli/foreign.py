"""What people write who come from other tools: `azgraph version`, `--json`, `neo4j start`; and what it is called here.

Typer's own suggestions are by spelling, so `version` was `permissions` to it, and of `--json` it made `--section`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from loader import __version__
from loader.cli.common import say
from loader.errors import ExitCode

# By the command that they are written under; what stands first is written instead.
_COMMANDS: dict[str, dict[str, str]] = {
    "": {
        "audit": "`azgraph check PACK` evaluates what is loaded, `azgraph check --list` lists the packs.",
        "auth": "`azgraph doctor` signs in and tests every right; docs/authentication.md has the ways to sign in.",
        "benchmark": "`azgraph check PACK` evaluates what is loaded, `azgraph check --list` lists the packs.",
        "checks": "`azgraph check --list-checks` lists the checks.",
        "diff": "`azgraph changes diff --from DATE` compares Azure then and now, `azgraph runs diff` two runs.",
        "ingest": "`azgraph sync` loads Azure and Entra ID.",
        "load": "`azgraph sync` loads Azure and Entra ID.",
        "login": "`azgraph doctor` signs in and tests every right; docs/authentication.md has the ways to sign in.",
        "packs": "`azgraph check --list` lists the packs.",
        "queries": "`azgraph query list` lists the queries.",
        "report": "`azgraph check PACK --format html --output report.html` writes a report.",
        "rules": "`azgraph alerts rules` lists the rules.",
        "run": "`azgraph sync` loads Azure, `azgraph query run NAME` asks a question, `azgraph check PACK` evaluates.",
        "scan": "`azgraph sync` loads Azure and Entra ID, then `azgraph check PACK` evaluates what is loaded.",
        "shell": "`azgraph browser` opens Neo4j Browser, `azgraph query run NAME` asks a question of the library.",
        "status": "`azgraph runs show` tells of the latest run, `azgraph neo4j status` of the local Neo4j.",
        "who-can": "`azgraph access who-can CAPABILITY RESOURCE` tells it.",
    },
    "neo4j": {
        "delete": "`azgraph neo4j wipe` deletes the local graph.",
        "dump": "`azgraph neo4j backup FILE` writes the local graph to a file.",
        "reset": "`azgraph neo4j wipe` deletes the local graph.",
        "start": "`azgraph neo4j up` starts it.",
        "stop": "`azgraph neo4j down` stops it.",
    },
    "query": {"search": "`azgraph query list --search WORD` finds queries."},
}
_GLOBAL = "It stands before the command: `azgraph {option} … {command}`."
_FORM = "`--format` says how the result is written, such as `--format json`; it goes to stdout."
_LOG = "`azgraph --debug {command}` tells more."
_OPTIONS = {
    "--color": "Colours are for terminals only; NO_COLOR=1 turns them off there.",
    "--config": _GLOBAL,
    "--csv": "Write `--format csv`.",
    "--debug": _GLOBAL,
    "--dry-run": "`azgraph sync --plan` tells what would be loaded.",
    "--json": "Write `--format json`.",
    "--no-color": "Colours are for terminals only; NO_COLOR=1 turns them off there.",
    "--output": _FORM,
    "--output-format": _FORM,
    "--subscription-id": "Write `--subscription`, which takes names and ids.",
    "--subscription-ids": "Write `--subscription`, which takes names and ids and may be repeated.",
    "--verbose": _LOG,
    "-o": _FORM,
    "-v": _LOG,
}


def version() -> None:
    """Print the version, as `--version` does."""
    print(f"azgraph {__version__}")


def help_(
    context: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="COMMAND", show_default=False)] = None,
) -> None:
    """Print the help of a command, as its `--help` does."""
    root = context.find_root()
    root.command.main([*(words or []), "--help"], prog_name=root.info_name)


@contextmanager
def understood(arguments: Sequence[str], root: Callable[[], Any]) -> Iterator[None]:
    """What is refused as wrong usage inside gets a line more, where a word of `arguments` is another tool's."""
    try:
        yield
    except SystemExit as ended:
        if ended.code == ExitCode.USAGE and (told := hint(arguments, root())):
            say(told)
        raise


def hint(arguments: Sequence[str], root: Any) -> str | None:
    """What to write instead, if a word that was refused is another tool's. root: azgraph as Typer's command."""
    command, rest = root, list(arguments)
    path: list[str] = []
    while True:
        below = getattr(command, "commands", None) or {}
        options = {spelling: one for one in command.params for spelling in (*one.opts, *one.secondary_opts)}
        while rest:
            word = rest.pop(0)
            if word in options:
                # What follows an option that takes a value is that value, however it looks.
                del rest[: 0 if getattr(options[word], "is_flag", False) else 1]
            elif word.startswith("-") and (told := _told(word, path)):
                return told
            elif word in below:
                command = below[word]
                path.append(word)
                break
            elif below and not word.startswith("-"):
                return _COMMANDS.get(" ".join(path), {}).get(word)
        else:
            return None


def _told(option: str, path: Sequence[str]) -> str | None:
    name = option.partition("=")[0]
    told = _OPTIONS.get(name)
    return told and told.format(option=name, command=" ".join(path) or "COMMAND")
