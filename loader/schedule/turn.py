"""One turn of an instance: its load, then the rules, packs and reports that the configuration names."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from loader.config.model import AfterRun, PackReport
from loader.errors import AzgraphError, ExitCode
from loader.files import private_folder
from loader.schedule.commands import Commands, Ended
from loader.schedule.metrics import Metrics
from loader.schedule.plan import Plan, command_environment
from loader.schedule.state import State

Say = Callable[[str], None]
Arguments = Callable[[], Sequence[str]]
# How long a load waits for another loader of the same graph.
_WAIT = 1800
# What a command may take beside its instance's time limit, which is about reading Azure: waiting, links, deriving. What
# goes on for longer hangs, and a load ends itself before that.
_BESIDE = _WAIT + 3600
_ALERTS = ("alerts", "list", "--format", "json")
_SEND = ("notify", "send", "--format", "json")
_LOADED = (0, 3)
# Of those, no load ends with findings.
_OWN = frozenset(ExitCode) - {ExitCode.FINDINGS}
# What follows is fine with findings too, and with what it could not see.
_FOLLOWED = (*_LOADED, ExitCode.FINDINGS)
_STATUS = {0: "complete", 3: "partial"}


def turn(name: str, plan: Plan, commands: Commands, state: State, metrics: Metrics, say: Say) -> int:
    """Loads an instance and does what follows; gives the load's exit code. state and metrics learn of it."""
    last = state.of(name)
    # The clock of the machine may be set while it loads.
    began, last.started = time.monotonic(), time.time()
    state.owed.discard(name)
    _keep(name, state, metrics, say)
    say(f"{name}: loading")
    ended, why = _sync(name, plan, commands)
    stopped = commands.stopped and ended.code == ExitCode.STOPPED
    last.status = "stopped" if stopped else _STATUS.get(ended.code, "failed")
    # A run that was stopped is owed, and made up for at the next start.
    last.ended = last.ended if stopped else time.time()
    took = time.monotonic() - began
    if ended.code in _LOADED:
        last.loaded, last.failures, last.took = last.ended, 0, took
        last.whole = last.ended if ended.code == 0 else last.whole
    elif last.status == "failed":
        last.failures += 1
    _keep(name, state, metrics, say)
    metrics.ran(name, last, took, ended.told)
    say(f"{name}: {last.status} after {took:.0f} s{_counts(ended.told)}{why}")
    if ended.code in _LOADED:
        _follow(name, plan, commands, metrics, say)
    elif last.status == "failed" and last.loaded:
        # Nothing else tells people that the graph grows old.
        _tell(name, plan, commands, metrics, say)
    return ended.code


def _keep(name: str, state: State, metrics: Metrics, say: Say) -> None:
    """What cannot be remembered costs one load too many after a restart, and no load now."""
    try:
        state.keep()
    except (AzgraphError, OSError) as error:
        metrics.follow_up_failed(name, "state")
        say(f"{name}: when it was loaded is not remembered over a restart: {error}")


def _sync(name: str, plan: Plan, commands: Commands) -> tuple[Ended, str]:
    """How the load ended, with a code that azgraph has; and words about an end that is none of its own."""
    which = ("--instance", name) if plan.described else ()
    try:
        sync = ("sync", *which, "--format", "json", "--wait", str(_WAIT))
        ended = commands.run(sync, command_environment(plan), _longest(name, plan))
    except (AzgraphError, OSError) as error:
        return Ended(ExitCode.UNREACHABLE), f": it was not run: {error}"
    if ended.late:
        why = "it did not come to its end and was ended (time_limit); nothing is deleted, and the graph is right"
        return Ended(ExitCode.UNREACHABLE, ended.told), f": {why}"
    if ended.code in _OWN:
        return ended, ""
    return Ended(ExitCode.UNREACHABLE, ended.told), f": {_strange(ended.code)}; the graph is right all the same"


def _longest(name: str, plan: Plan) -> float | None:
    limit = plan.longest(name)
    return None if limit is None else limit.total_seconds() + _BESIDE


def _strange(code: int) -> str:
    """What an end means that azgraph itself does not know."""
    if code == -signal.SIGKILL:
        return "it was killed; where nobody did that, the machine or container had too little memory"
    if code < 0:
        return f"it was ended by signal {-code}"
    return f"it ended with code {code}"


def _counts(told: Any) -> str:
    if not isinstance(told, dict):
        return ""
    entities, calls = sum((told.get("entities") or {}).values()), (told.get("http") or {}).get("calls", 0)
    return f": {entities:,} entities, {calls:,} calls"


def _follow(name: str, plan: Plan, commands: Commands, metrics: Metrics, say: Say) -> None:
    _tell(name, plan, commands, metrics, say)
    for one in plan.after_run.packs:
        _run(name, f"check {one.pack}", partial(_check, one, name, plan.folder), plan, commands, metrics, say)


def _tell(name: str, plan: Plan, commands: Commands, metrics: Metrics, say: Say) -> None:
    """Evaluates the rules, which tells people of their alerts; without rules what waits is told."""
    after = plan.after_run
    if after.rules:
        _run(name, "alerts evaluate", lambda: _evaluate(after, plan.folder), plan, commands, metrics, say)
        listed = _run(name, "alerts list", lambda: _ALERTS, plan, commands, metrics, say)
        if isinstance(listed.told, list):
            metrics.alerts(listed.told)
    elif plan.configuration.notify.routes:
        _run(name, "notify send", lambda: _SEND, plan, commands, metrics, say)


def send(plan: Plan, commands: Commands, metrics: Metrics, say: Say) -> None:
    """Tells people what is due between the runs."""
    _run("", "notify send", lambda: _SEND, plan, commands, metrics, say, fine=(ExitCode.FINE,))


def _run(
    name: str,
    what: str,
    arguments: Arguments,
    plan: Plan,
    commands: Commands,
    metrics: Metrics,
    say: Say,
    *,
    fine: Sequence[int] = _FOLLOWED,
) -> Ended:
    """Runs one command of what follows. Whatever goes wrong with it is told and counted, and the rest still follows.

    name: the instance, empty between the runs. fine: the codes with which nothing is wrong.
    """
    try:
        ended = commands.run(arguments(), command_environment(plan), _longest(name, plan))
        why = "did not come to its end and was ended (time_limit)" if ended.late else f"ended with code {ended.code}"
    except Exception as error:  # noqa: BLE001 - the load is done, and what follows it must not undo that
        ended = Ended(int(getattr(error, "exit_code", ExitCode.UNREACHABLE)))
        why = f"was not run: {error}"
    if (ended.late or ended.code not in fine) and not commands.stopped:
        metrics.follow_up_failed(name, what)
        say(f"{name}: {what} {why}" if name else f"{what} {why}")
    return ended


def _evaluate(after: AfterRun, folder: Path) -> tuple[str, ...]:
    packs = (part for name in after.rule_packs for part in ("--pack", name))
    accepted = after.rule_exceptions
    more = ("--exceptions", str(folder / accepted.expanduser())) if accepted else ()
    return ("alerts", "evaluate", *packs, *more, "--format", "json")


def _check(one: PackReport, name: str, folder: Path) -> tuple[str, ...]:
    more = ("--exceptions", str(folder / one.exceptions.expanduser())) if one.exceptions else ()
    if one.output is None:
        return ("check", one.pack, "--summary", "--format", "json", *more)
    path = report_path(one, name, folder, datetime.now(UTC))
    private_folder(path.parent)
    return ("check", one.pack, "--format", one.format, "--output", str(path), *more)


def report_path(one: PackReport, name: str, folder: Path, now: datetime) -> Path:
    """The report's file. An instance's name may be any; in a file's name it has no say about folders."""
    safe = re.sub(r"[^\w.-]+", "-", name).strip(".-") or "instance"
    text = str(one.output)
    for key, value in (("instance", safe), ("date", f"{now:%Y-%m-%d}"), ("time", f"{now:%H%M}")):
        text = text.replace(f"{{{key}}}", value)
    path = folder / Path(text).expanduser()
    if text.endswith("/"):
        path /= f"{one.pack}-{safe}-{now:%Y-%m-%d}{one.format.ending}"
    return path
