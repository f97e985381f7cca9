"""Runs the instances at their intervals in one process, one after the other: a graph takes one loader at a time."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from loader.config import home_dir, instance_named
from loader.config.interval import Cron
from loader.errors import AzgraphError, ExitCode, UsageError
from loader.schedule.commands import Commands
from loader.schedule.endpoint import TEXT, Endpoint, as_json
from loader.schedule.metrics import Metrics
from loader.schedule.plan import Plan
from loader.schedule.state import Last, State
from loader.schedule.triggers import first_time, late_at, trigger
from loader.schedule.turn import send, turn

Say = Callable[[str], None]
# A machine that slept stands behind the clock: so often at least it is looked at.
_LOOK_EVERY = 15
_JOBS, _CLOCK, _TELL = "default", "clock", "notify"
# Digests, quiet hours that end and what failed before do not wait for the next run.
_TELL_EVERY = 300
# A load that failed is tried again after this pause, then after twice as long, until its own time comes.
_AGAIN_AFTER, _MOST_DOUBLINGS = 300, 16
# What an instance may be late, beside the loads that it has to wait for.
_ALLOWED = 3600
# The clock was set back where it lost so many seconds against one that nobody sets.
_SET_BACK = 30
# APScheduler tells of each job that runs, and of those that wait for their turn.
logging.getLogger("apscheduler").setLevel(logging.ERROR)


class Watch:
    """read: gives the plan, now and on each reload; raises UsageError where the configuration is wrong.

    only: names of the instances to run; all that have an interval where there are none. pace: how many seconds pass in
    one, for who cannot wait half an hour. commands: what runs azgraph.
    """

    def __init__(
        self,
        read: Callable[[], Plan],
        say: Say,
        *,
        only: tuple[str, ...] = (),
        listen: str | None = None,
        pace: float = 1,
        commands: Commands | None = None,
    ) -> None:
        self._read, self._say, self._only, self._listen, self._pace = read, say, only, listen, pace
        self._plan = read()
        self._commands, self._state = commands or Commands(), State(home_dir() / "watch.json")
        self._metrics = Metrics(self._lasts, self._due, self._late)
        self._began = datetime.now(UTC)
        self._scheduler: Any = None
        self._wake, self._stopping, self._reload = threading.Event(), False, False
        self._names()

    # --- once --------------------------------------------------------------------------------------------------

    def once(self) -> int:
        """Runs each instance once; gives the worst exit code."""
        # Who names an instance means it, and who describes none means the one there is.
        names = list(self._wanted()) or (self._names() if self._plan.described else [self._plan.instances[0].name])
        if not names:
            raise UsageError("No instance has an interval; name those to load with --instance.")
        self._on_signals()
        codes = []
        done = threading.Thread(target=lambda: codes.extend(self._all(names)), daemon=True)
        done.start()
        while done.is_alive():
            self._wake.wait(0.2)
            self._wake.clear()
            if self._stopping:
                self._commands.stop()
                done.join()
                return ExitCode.STOPPED
        return max(codes, default=0)

    def _all(self, names: list[str]) -> list[int]:
        return [self._turn(name) for name in names]

    # --- for ever ------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Runs until SIGTERM or SIGINT; gives 0. Raises UsageError where nothing is scheduled."""
        if not self._names():
            raise UsageError(
                "No instance has an interval, so there is nothing to wait for: write `interval: 1d` into the "
                "configuration, or set AZGRAPH_INTERVAL=1d. `azgraph watch --once` loads at once, and ends."
            )
        endpoint = self._serve()
        self._on_signals()
        self._start()
        self._say(f"Watching {', '.join(self._names())}. See http://{endpoint.address}/metrics")
        try:
            ahead = time.time() - time.monotonic()
            while not self._stopping:
                self._wake.wait(1)
                self._wake.clear()
                before, ahead = ahead, time.time() - time.monotonic()
                if before - ahead > _SET_BACK:
                    self._clock_was_set(before - ahead)
                if self._reload and not self._stopping:
                    self._reload = False
                    self._read_again()
        finally:
            self._say("Stopping.")
            self._scheduler.shutdown(wait=False)
            self._commands.stop()
            self._scheduler_done.wait(5)
            endpoint.close()
        return 0

    def stop(self) -> None:
        """Ends it, from any thread or signal; a second time at once."""
        if self._stopping:
            self._commands.kill()
        self._stopping = True
        self._wake.set()

    def reload(self) -> None:
        """Reads the configuration again, as soon as it can."""
        self._reload = True
        self._wake.set()

    def _start(self) -> None:
        self._scheduler_done = threading.Event()
        self._scheduler_done.set()
        self._scheduler = BackgroundScheduler(
            executors={_JOBS: ThreadPoolExecutor(1), _CLOCK: ThreadPoolExecutor(1)},
            # However late a run is, and however often it was due meanwhile: it comes once.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        self._look()
        self._schedule()
        self._scheduler.start()

    def _clock_was_set(self, back: float) -> None:
        """What is due by the clock as it was would wait until that time comes again."""
        self._state.clock_was_set(time.time())
        self._began = min(self._began, datetime.now(UTC))
        self._scheduler.remove_all_jobs()
        self._look()
        self._schedule()
        self._say(f"The clock was set back by {back:,.0f} s; runs go by it as it is now.")

    def _look(self) -> None:
        self._scheduler.add_job(lambda: None, "interval", seconds=_LOOK_EVERY, executor=_CLOCK, id=_CLOCK)

    def _schedule(self) -> None:
        """Makes the jobs those of the plan: an instance whose interval is what it was keeps its time."""
        now = datetime.now(UTC)
        scheduled = {name: one for name, one in self._plan.scheduled.items() if name in self._names()}
        for job in self._scheduler.get_jobs():
            if job.id not in (_CLOCK, _TELL) and job.id.partition(":")[2] not in scheduled:
                job.remove()
        for name, interval in scheduled.items():
            pace = self._paced(interval)
            since = self._state.of(name).since
            jitter = int(self._plan.configuration.watch.jitter / self._pace)
            one = trigger(pace, since=since, now=now, jitter=jitter)
            owed = name in self._state.owed
            self._scheduler.add_job(
                self._job,
                one,
                args=(name,),
                id=f"instance:{name}",
                name=name,
                next_run_time=now if owed else first_time(one, pace, since=since, now=now),
                replace_existing=True,
            )

        if not self._plan.configuration.notify.routes:
            with suppress(JobLookupError):
                self._scheduler.remove_job(_TELL)
        elif self._scheduler.get_job(_TELL) is None:
            self._scheduler.add_job(self._tell, "interval", seconds=_TELL_EVERY / self._pace, id=_TELL)

    def _tell(self) -> None:
        self._scheduler_done.clear()
        try:
            send(self._plan, self._commands, self._metrics, self._say)
        finally:
            self._scheduler_done.set()

    def _paced(self, interval: timedelta | Cron) -> timedelta | Cron:
        return interval / self._pace if isinstance(interval, timedelta) else interval

    def _job(self, name: str) -> None:
        self._scheduler_done.clear()
        try:
            self._turn(name)
            self._try_again(name)
        finally:
            self._scheduler_done.set()

    def _try_again(self, name: str) -> None:
        """What failed is not left until its next time, which may be in a week."""
        last = self._state.of(name)
        if last.status != "failed" or self._commands.stopped:
            return
        pause = _AGAIN_AFTER * 2 ** min(max(last.failures - 1, 0), _MOST_DOUBLINGS)
        at = datetime.now(UTC) + timedelta(seconds=pause / self._pace)
        job = self._scheduler.get_job(f"instance:{name}")
        if job is not None and job.next_run_time > at:
            with suppress(JobLookupError):
                job.modify(next_run_time=at)
                self._say(f"{name}: it is tried again at {at:%Y-%m-%dT%H:%M:%SZ}")

    def _turn(self, name: str) -> int:
        if self._commands.stopped:
            return ExitCode.STOPPED
        try:
            return turn(name, self._plan, self._commands, self._state, self._metrics, self._say)
        except (AzgraphError, OSError) as error:
            self._say(f"{name}: {error}")
            return int(getattr(error, "exit_code", 2))

    def _read_again(self) -> None:
        try:
            plan = self._read()
            previous, self._plan = self._plan, plan
            try:
                if not self._names():
                    raise UsageError("No instance has an interval in it.")
            except UsageError:
                self._plan = previous
                raise
        except AzgraphError as error:
            self._metrics.configured(valid=False)
            self._say(f"The configuration was read again and is not used; what held before goes on to hold.\n{error}")
            return
        self._metrics.configured(valid=True)
        self._schedule()
        self._say(f"The configuration was read again. Watching {', '.join(self._names())}.")

    # --- what is told ----------------------------------------------------------------------------------------------

    def _names(self) -> list[str]:
        """The instances that are scheduled. Raises UsageError for one that does not exist."""
        wanted = self._wanted()
        return [name for name in self._plan.scheduled if not wanted or name in wanted]

    def _wanted(self) -> set[str]:
        listed, described = self._plan.instances, self._plan.described
        return {instance_named(name, listed, described=described).name for name in self._only}

    def _serve(self) -> Endpoint:
        pages = {
            "/healthz": lambda: (200, TEXT, b"ok\n"),
            "/readyz": self._readyz,
            "/metrics": lambda: (200, TEXT, self._metrics.text()),
        }
        return Endpoint(self._listen or self._plan.configuration.watch.listen, pages)

    def _readyz(self) -> tuple[int, str, bytes]:
        """Ready is who waits for the next run, or is at work on one, while no instance is late."""
        running = self._scheduler is not None and self._scheduler.running and not self._stopping
        due, late = self._due(), self._late()
        shown = {
            name: {
                "status": last.status or "never",
                "next": _moment(due.get(name, 0)),
                "lastWhole": _moment(last.whole),
                "late": late[name],
            }
            for name, last in self._lasts().items()
        }
        is_ready = running and not any(late.values())
        return as_json(200 if is_ready else 503, {"ready": is_ready, "instances": shown})

    def _late(self) -> dict[str, bool]:
        """Which instances were not loaded, not even in part, for two of their turns and what they may wait."""
        lasts, now = self._lasts(), datetime.now(UTC)
        # They are loaded one after the other.
        allowed = timedelta(seconds=_ALLOWED / self._pace + sum(last.took for last in lasts.values()))
        scheduled = self._plan.scheduled
        return {
            name: now > late_at(self._paced(scheduled[name]), last.loaded_at or self._began, allowed)
            for name, last in lasts.items()
        }

    def _lasts(self) -> dict[str, Last]:
        return {name: self._state.of(name) for name in self._names()}

    def _due(self) -> dict[str, float]:
        if self._scheduler is None:
            return {}
        jobs = [job for job in self._scheduler.get_jobs() if job.id != _CLOCK]
        return {job.name: job.next_run_time.timestamp() for job in jobs if getattr(job, "next_run_time", None)}

    def _on_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for kind in (signal.SIGTERM, signal.SIGINT):
            signal.signal(kind, lambda *_: self.stop())
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: self.reload())


def _moment(at: float) -> str | None:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) if at else None
