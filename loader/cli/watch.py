"""`azgraph watch`: the instances at their intervals, until it is told to stop."""

from __future__ import annotations

from typing import Annotated

import typer

from loader.cli.common import say
from loader.cli.completion import complete_instance


def watch(
    once: Annotated[bool, typer.Option("--once", help="Load each instance once, with what follows, and end.")] = False,
    instance: Annotated[
        list[str] | None,
        typer.Option(
            "--instance",
            metavar="NAME",
            help="Only this instance; may be repeated (default: all).",
            autocompletion=complete_instance,
        ),
    ] = None,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help="Where /healthz, /readyz and /metrics are served (default: watch.listen, then 127.0.0.1:9464).",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Load the instances of the configuration at their intervals, one after the other, each in a process of its own.

    After each run the rules, packs and reports follow that `after_run` names. What was missed is made up for once.
    SIGTERM and Ctrl-C end it, also in the middle of a load; SIGHUP reads the configuration again. Without a
    configuration AZGRAPH_INTERVAL says how often.
    """
    from datetime import UTC, datetime

    from filelock import FileLock, Timeout

    from loader.config import home_dir
    from loader.errors import UsageError
    from loader.files import private_folder
    from loader.schedule import Watch, read_plan

    def tell(message: str) -> None:
        say(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {message}")

    private_folder(home_dir())
    try:
        with FileLock(home_dir() / "watch.lock", timeout=0, mode=0o600):
            running = Watch(read_plan, tell, only=tuple(instance or ()), listen=listen)
            code = running.once() if once else running.run()
    except Timeout:
        raise UsageError(
            f"Another `azgraph watch` is at work with {home_dir()}; end it first, or give this one an AZGRAPH_HOME of "
            "its own."
        ) from None
    if code:
        raise typer.Exit(code)
