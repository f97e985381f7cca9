"""The command `azgraph`. Each command group is a module of this package; what they do is done in the other rooms."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli import (
    access,
    alerts,
    browser,
    changes,
    check,
    config,
    demo,
    doctor,
    export,
    foreign,
    init,
    library,
    model,
    neo4j,
    notify,
    paths,
    people,
    permissions,
    query,
    reach,
    recording,
    runs,
    sync,
    watch,
)
from loader.cli.common import log_is_json, log_line, say
from loader.cli.stopping import StoppedError, leave, stop_says
from loader.cli.streams import PipeClosed, guarded, leave_quietly
from loader.errors import AzgraphError, ExitCode
from loader.files import reason_of
from loader.visible import visible

if TYPE_CHECKING:
    import logging

app = typer.Typer(
    name="azgraph",
    help="Load Azure and Entra ID into Neo4j, and ask questions of the graph.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.command("help", hidden=True)(foreign.help_)
app.command("version", hidden=True)(foreign.version)
app.command("sync")(sync.sync)
app.command("watch")(watch.watch)
app.command("demo")(demo.demo)
app.command("permissions")(permissions.permissions)
app.command("doctor")(doctor.doctor)
app.command("model")(model.model)
app.command("check")(check.check)
app.command("reach")(reach.reach)
app.add_typer(changes.app, name="changes")
app.add_typer(runs.app, name="runs")
app.add_typer(query.app, name="query")
app.add_typer(library.app, name="library")
app.add_typer(access.app, name="access")
app.add_typer(paths.app, name="paths")
app.add_typer(export.app, name="export")
app.add_typer(alerts.app, name="alerts")
app.add_typer(notify.app, name="notify")
app.add_typer(people.app, name="people")
app.add_typer(recording.app, name="recording")
app.add_typer(config.app, name="config")
app.add_typer(neo4j.app, name="neo4j")
app.add_typer(browser.app, name="browser")


def _print_version(wanted: bool) -> None:
    if wanted:
        foreign.version()
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error, and the log.")] = False,
    configuration: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="The configuration (default: AZGRAPH_CONFIG, then azgraph.yaml in azgraph's home).",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options of every command."""
    import logging
    import os

    if configuration is not None:
        os.environ["AZGRAPH_CONFIG"] = str(configuration)

    logging.basicConfig(level=logging.INFO if debug else logging.ERROR, handlers=[_log_handler()])
    # The SDKs log request headers; tokens must not reach a log, however curious the user is.
    for talkative in ("azure", "httpx", "msal", "neo4j", "apprise"):
        logging.getLogger(talkative).setLevel(logging.WARNING if debug else logging.CRITICAL)


def _log_handler() -> logging.Handler:
    """The log on stderr, scrubbed: Entra's refusals quote the secret that was wrong, and the SDK logs them whole."""
    import logging

    class Scrubbing(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            from loader.secrets import scrub_text

            told = scrub_text(super().format(record))
            return (
                log_line("log", level=record.levelname.lower(), message=told)
                if log_is_json()
                else visible(told, lines=True)
            )

    handler = logging.StreamHandler()
    handler.setFormatter(Scrubbing("%(name)s: %(message)s"))
    return handler


_STOPPED = "Stopped. What is in the graph stays, and a run that was broken off is made up for by the next."


def _show_traceback() -> None:
    """The SDKs' errors carry whole answers of Azure, so what is shown is scrubbed of secrets."""
    import traceback

    from loader.secrets import scrub_text

    say(scrub_text(traceback.format_exc()))


def _act(error: OSError) -> str:
    return f"open or write {error.filename}" if error.filename else "write the output"


def main() -> None:
    """Entry point: errors end as one sentence and an exit code, never as a traceback unless `--debug` asks for it."""
    debug = "--debug" in sys.argv
    sys.stdout, sys.stderr = guarded(sys.stdout), guarded(sys.stderr)
    try:
        try:
            with stop_says(_STOPPED), foreign.understood(sys.argv[1:], lambda: typer.main.get_command(app)):
                app()
        finally:
            sys.stdout.flush()
    except PipeClosed:
        # Whoever read our output has seen enough: `azgraph check … | head`. Nothing is left to be said to anyone.
        leave_quietly()
    except AzgraphError as error:
        if debug:
            _show_traceback()
        from loader.secrets import scrub_text

        say(scrub_text(f"Error: {error}"))
        sys.exit(error.exit_code)
    except StoppedError:
        leave()
    except KeyboardInterrupt:
        # Of a run that has ended cleanly, or where no signal could be heard.
        say(_STOPPED)
        sys.exit(ExitCode.STOPPED)
    except OSError as error:
        if debug:
            _show_traceback()
        say(f"Error: the system refused to {_act(error)}: {reason_of(error)}. Mend that and run the command again.")
        sys.exit(ExitCode.USAGE)
    except (RecursionError, MemoryError) as error:
        if debug:
            _show_traceback()
        say(f"Error: the input is too large or too deeply nested to be read ({type(error).__name__}).")
        sys.exit(ExitCode.USAGE)
    except Exception as error:  # noqa: BLE001 - whatever it is, users get a sentence
        if debug:
            _show_traceback()
        say(f"Error: azgraph met something it does not know: {type(error).__name__}. `--debug` shows where.")
        sys.exit(ExitCode.UNREACHABLE)


if __name__ == "__main__":
    main()
