"""A schedule in fast motion, with commands that are only written down."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from loader.config import settings
from loader.config.model import PackReport
from loader.errors import UsageError
from loader.schedule import Watch, read_plan
from loader.schedule import watch as watch_module
from loader.schedule.commands import Commands, Ended
from loader.schedule.state import State
from loader.schedule.turn import report_path, send

CONFIGURATION = """\
instances:
  - {name: contoso, tenant: contoso.com, interval: 1h}
  - {name: fabrikam, tenant: fabrikam.com, interval: 90m}
  - {name: by hand, tenant: litware.com}
after_run: {packs: [{pack: mcsb-1, output: "reports/{instance}-{date}.html"}, nist-800-53-r5]}
watch: {listen: "127.0.0.1:0", jitter: 0}
"""
SUMMARY = {
    "entities": {"azure_vm": 3, "azure_user": 4},
    "http": {"calls": 11, "throttled": 2},
    "throttling": [{"bucket": "x", "waited": 1.5}],
    "steps": [{"status": "complete"}, {"status": "forbidden"}],
}
ALERTS = [{"severity": "high"}, {"severity": "high"}, {"severity": "low"}]
# An hour is a second.
PACE = 3600


class Written(Commands):
    """Commands that end as they are told to, and at once unless held."""

    def __init__(self, codes: Mapping[str, int] | None = None, seconds: float = 0.02) -> None:
        super().__init__()
        self.codes, self.seconds = codes or {}, seconds
        self.ran: list[tuple[str, ...]] = []
        self.times: list[float] = []
        self.at_work = self.most_at_work = 0
        self.environment: Mapping[str, str] = {}
        self.longest: float | None = None

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], longest: float | None = None) -> Ended:
        if self.stopped:
            return Ended(130)
        self.ran.append(tuple(arguments))
        self.times.append(time.monotonic())
        self.environment, self.longest = environment, longest
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        stopped = self._stopped.wait(self.seconds)
        self.at_work -= 1
        code = 130 if stopped else self.codes.get(arguments[0], 0)
        told: Any = SUMMARY if arguments[0] == "sync" else ALERTS if arguments[:2] == ("alerts", "list") else None
        return Ended(code, told)

    def of(self, name: str) -> int:
        return sum(one[0] == "sync" and name in one for one in self.ran)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("AZGRAPH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AZGRAPH_CONFIG", str(tmp_path / "azgraph.yaml"))
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZGRAPH_INTERVAL", "NEO4J_URI"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "azgraph.yaml").write_text(CONFIGURATION)
    yield tmp_path
    settings.cache_clear()


class Running:
    """A watch in a thread."""

    def __init__(self, commands: Commands, **more: Any) -> None:
        self.said: list[str] = []
        self.watch = Watch(read_plan, self.said.append, commands=commands, pace=PACE, **more)
        self.code: int | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.code = self.watch.run()

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.stop()
        self._thread.join(10)
        assert self.code == 0

    def until(self, what: Any, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)


def told(running: Running) -> dict[str, float]:
    """What Prometheus would be told, by name and labels."""
    lines = running.watch._metrics.text().decode().splitlines()
    rows = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name.removeprefix("azgraph_"): float(value) for name, value in rows}


def test_instances_run_at_their_intervals_one_at_a_time(home: Path) -> None:
    commands = Written()
    with Running(commands) as running:
        running.until(lambda: commands.of("contoso") >= 4)
    assert 2 <= commands.of("fabrikam") <= commands.of("contoso")
    assert commands.of("by hand") == 0
    assert commands.most_at_work == 1
    first = commands.ran[:5]
    assert first[0][:3] == ("sync", "--instance", "contoso")
    assert [one[0] for one in first] == ["sync", "alerts", "alerts", "check", "check"]
    report = Path(first[3][first[3].index("--output") + 1])
    assert report.parent == home / "reports"
    assert report.name.startswith("contoso-2")
    assert first[4] == ("check", "nist-800-53-r5", "--summary", "--format", "json")
    assert commands.environment["AZGRAPH_CONFIG"] == str(home / "home" / "watch.yaml")


def test_what_is_told(home: Path) -> None:
    commands = Written({"sync": 3, "check": 4})
    with Running(commands) as running:
        running.until(lambda: commands.of("fabrikam") >= 1 and len(commands.ran) > 10)
        text = running.watch._metrics.text().decode()
        status, _, ready = running.watch._readyz()
    found = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(found['azgraph_entities{account="contoso"}']) == 7
    assert float(found['azgraph_steps{account="contoso",status="forbidden"}']) == 1
    assert float(found['azgraph_alerts{severity="high"}']) == 2
    assert float(found['azgraph_alerts{severity="critical"}']) == 0
    assert float(found['azgraph_calls_total{account="contoso"}']) >= 11
    assert float(found['azgraph_throttling_wait_seconds_total{account="contoso"}']) >= 1.5
    assert float(found['azgraph_runs_total{account="contoso",status="partial"}']) >= 1
    assert float(found['azgraph_last_whole_run_age_seconds{account="contoso"}']) == -1, "a partial run is not whole"
    assert 0 <= float(found['azgraph_last_run_age_seconds{account="contoso"}']) < 60
    assert float(found['azgraph_follow_up_failures_total{account="contoso",what="check mcsb-1"}']) >= 1
    assert float(found['azgraph_next_run_timestamp_seconds{account="contoso"}']) > time.time() - 5
    assert status == 200
    assert set(json.loads(ready)["instances"]) == {"contoso", "fabrikam"}


def test_after_a_sleep_it_comes_once(home: Path) -> None:
    state = State(home / "home" / "watch.json")
    state.of("contoso").started = time.time() - 50
    state.of("fabrikam").started = time.time()
    state.keep()
    commands = Written()
    with Running(commands, only=("contoso",)) as running:
        running.until(lambda: commands.of("contoso") >= 1, 3)
        time.sleep(0.3)
        assert commands.of("contoso") == 1
    assert State(home / "home" / "watch.json").of("contoso").whole > time.time() - 30


def test_a_clock_that_was_ahead_makes_no_load_young_for_years(home: Path) -> None:
    state = State(home / "home" / "watch.json")
    ahead = time.time() + 4 * 365 * 86400
    for name in ("contoso", "fabrikam"):
        last = state.of(name)
        last.started = last.ended = last.whole = last.loaded = ahead
    state.keep()
    commands = Written({"sync": 4})
    with Running(commands, only=("contoso",)) as running:
        running.until(lambda: commands.of("contoso") >= 1, 3)
        found = told(running)
        assert 0 <= found['last_whole_run_age_seconds{account="contoso"}'] < 60
        assert found['next_run_timestamp_seconds{account="contoso"}'] < time.time() + 60
        running.until(lambda: told(running)['late{account="contoso"}'], 10)


def test_a_clock_that_is_set_back_in_the_middle(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By APScheduler's clock nothing would be due for a day."""
    commands, clock = Written(), time.monotonic
    with Running(commands, only=("contoso",)) as running:
        running.until(lambda: commands.of("contoso") >= 1, 3)
        for job in running.watch._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC) + timedelta(days=1))
        # A wall clock a day behind is a monotonic one a day ahead.
        monkeypatch.setattr(watch_module.time, "monotonic", lambda: clock() + 86400)
        running.until(lambda: any("set back by 86,4" in one for one in running.said), 5)
        monkeypatch.undo()
        before = commands.of("contoso")
        running.until(lambda: commands.of("contoso") > before, 5)


def test_what_is_remembered_may_be_damaged(home: Path) -> None:
    file = home / "home" / "watch.json"
    file.parent.mkdir()
    file.write_text(
        '{"contoso": {"started": "soon", "loaded": NaN, "ended": 1e400, "status": 7, "failures": 2, "new": 1}, "x": []}'
    )
    last = State(file).of("contoso")
    assert (last.started, last.loaded, last.ended, last.status, last.failures) == (0, 0, 0, "", 2)


def test_a_state_that_cannot_be_kept_costs_no_load(home: Path) -> None:
    commands, said = Written(), list[str]()
    watch = Watch(read_plan, said.append, commands=commands, only=("contoso",))
    (home / "home" / "watch.json").mkdir()
    assert watch.once() == 0
    assert [one[0] for one in commands.ran] == ["sync", "alerts", "alerts", "check", "check"]
    assert any("is not remembered over a restart" in one for one in said)
    assert b'follow_up_failures_total{account="contoso",what="state"} 2.0' in watch._metrics.text()


@pytest.mark.parametrize(
    ("code", "words"), [(-9, "too little memory"), (-11, "ended by signal 11"), (1, "ended with code 1"), (4, "")]
)
def test_a_load_that_is_killed_is_a_failure_and_says_why(home: Path, code: int, words: str) -> None:
    said: list[str] = []
    watch = Watch(read_plan, said.append, commands=Written({"sync": code}), only=("contoso",))
    assert watch.once() == 4
    assert words in said[-1]
    assert State(home / "home" / "watch.json").of("contoso").failures == 1


def test_of_a_graph_that_grows_old_people_hear(home: Path) -> None:
    """Their reports would say again what they said before; a graph that was never loaded has nothing to evaluate."""
    commands = Written({"sync": 4})
    watch = Watch(read_plan, lambda _: None, commands=commands, only=("contoso",))
    watch.once()
    assert [one[0] for one in commands.ran] == ["sync"]
    watch._state.of("contoso").loaded = time.time() - 9 * 86400
    watch.once()
    assert [one[:2] for one in commands.ran[2:]] == [("alerts", "evaluate"), ("alerts", "list")]


def test_a_load_that_failed_is_tried_again_before_its_time_and_less_and_less_often(home: Path) -> None:
    (home / "azgraph.yaml").write_text(CONFIGURATION.replace("1h", "1w"))
    commands = Written({"sync": 4})
    with Running(commands, only=("contoso",)) as running:
        running.until(lambda: commands.of("contoso") >= 5, 10)
        assert json.loads(running.watch._readyz()[2])["instances"]["contoso"]["late"] is False
        commands.codes = {}
        running.until(lambda: running.watch._state.of("contoso").status == "complete", 10)
        time.sleep(0.3)
        assert running.watch._due()["contoso"] > time.time() + 100, "then it waits for its time"
    pauses = [later - earlier for earlier, later in pairwise(commands.times[:5])]
    assert pauses[3] > 2 * pauses[0]


def test_an_instance_that_is_not_loaded_makes_the_watch_unready(home: Path) -> None:
    commands = Written({"sync": 4})
    with Running(commands, only=("fabrikam",)) as running:
        running.until(lambda: told(running)['late{account="fabrikam"}'], 15)
        assert running.watch._readyz()[0] == 503
        commands.codes = {"sync": 3}
        running.until(lambda: running.watch._readyz()[0] == 200, 15)


def test_stopping_in_the_middle_of_a_load_is_made_up_for(home: Path) -> None:
    commands = Written(seconds=60)
    began = time.monotonic()
    with Running(commands, only=("contoso",)) as running:
        running.until(lambda: commands.ran)
    assert time.monotonic() - began < 10
    assert len(commands.ran) == 1, "nothing follows a run that was stopped"
    last = State(home / "home" / "watch.json").of("contoso")
    assert (last.status, last.failures, last.loaded) == ("stopped", 0, 0)
    commands = Written()
    with Running(commands, only=("contoso",)) as running:
        running.until(lambda: commands.of("contoso") >= 1, 3)


@pytest.mark.parametrize("interval", ["1w", "0 3 1 1 *"])
def test_a_run_that_was_killed_is_made_up_for_at_the_next_start(home: Path, interval: str) -> None:
    """Nobody told the state that it ended."""
    (home / "azgraph.yaml").write_text(CONFIGURATION.replace("1h", interval))
    state = State(home / "home" / "watch.json")
    state.of("contoso").loaded = state.of("contoso").ended = time.time() - 60
    state.of("contoso").started = time.time() - 5
    state.keep()
    commands = Written()
    with Running(commands, only=("contoso",)) as running:
        running.until(lambda: commands.of("contoso") >= 1, 3)
        running.watch.reload()
        running.until(lambda: any("read again" in one for one in running.said))
        time.sleep(0.3)
        assert commands.of("contoso") == 1
    assert State(home / "home" / "watch.json").owed == set()


def test_a_wrong_configuration_is_refused_and_the_old_one_stays(home: Path) -> None:
    commands = Written()
    file = home / "azgraph.yaml"
    with Running(commands) as running:
        file.write_text(CONFIGURATION.replace("interval: 1h", "intervall: 1h, secret: hush"))
        running.watch.reload()
        running.until(lambda: any("mistakes" in one for one in running.said))
        told = next(one for one in running.said if "mistakes" in one)
        assert "did you mean interval?" in told
        assert "what held before goes on to hold" in told
        assert b"azgraph_configuration_valid 0.0" in running.watch._metrics.text()
        before = commands.of("contoso")
        running.until(lambda: commands.of("contoso") > before + 1)
        assert (home / "home" / "watch.yaml").read_text() == CONFIGURATION
        file.write_text(CONFIGURATION.replace("name: by hand", "name: new, interval: 1h").replace("1h}", "1w}", 1))
        running.watch.reload()
        running.until(lambda: commands.of("new") >= 2)
        assert b"azgraph_configuration_valid 1.0" in running.watch._metrics.text()
        assert set(running.watch._due()) == {"contoso", "fabrikam", "new"}
        assert running.watch._due()["contoso"] > time.time() + 100
        running.until(lambda: commands.at_work == 0)


def test_a_report_that_cannot_be_written_stops_nothing_else(home: Path) -> None:
    (home / "reports").write_text("a file where the folder would be")
    said: list[str] = []
    commands = Written()
    watch = Watch(read_plan, said.append, commands=commands)
    assert watch.once() == 0, "it loaded"
    follows = ["sync", "alerts evaluate", "alerts list", "check nist-800-53-r5"]
    assert [" ".join(one[:2]).removesuffix(" --instance") for one in commands.ran] == follows * 2
    assert [one for one in said if "contoso: check mcsb-1 was not run: " in one and "a file of that name" in one]
    counted = b'azgraph_follow_up_failures_total{account="contoso",what="check mcsb-1"} 1.0'
    assert counted in watch._metrics.text()


def test_what_cannot_be_started_after_a_load_is_counted(home: Path) -> None:
    class Broken(Written):
        def run(self, arguments: Sequence[str], environment: Mapping[str, str], longest: float | None = None) -> Ended:
            if arguments[0] == "sync":
                return super().run(arguments, environment, longest)
            raise BlockingIOError(11, "Resource temporarily unavailable")

    commands, said = Broken(), list[str]()
    watch = Watch(read_plan, said.append, commands=commands, only=("contoso",))
    assert watch.once() == 0, "it loaded"
    send(watch._plan, commands, watch._metrics, said.append)
    text = watch._metrics.text().decode()
    whats = {"alerts evaluate", "alerts list", "check mcsb-1", "check nist-800-53-r5"}
    for account, what in [*(("contoso", what) for what in whats), ("", "notify send")]:
        assert f'azgraph_follow_up_failures_total{{account="{account}",what="{what}"}} 1.0' in text
    assert said[-1] == "notify send was not run: [Errno 11] Resource temporarily unavailable"


def test_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = Written({"sync": 3})
    assert Watch(read_plan, lambda _: None, commands=commands).once() == 3
    assert [commands.of(name) for name in ("contoso", "fabrikam", "by hand")] == [1, 1, 0]
    commands = Written()
    assert Watch(read_plan, lambda _: None, commands=commands, only=("by hand",)).once() == 0
    assert commands.of("by hand") == 1
    with pytest.raises(UsageError, match="no instance 'nobody'"):
        Watch(read_plan, lambda _: None, only=("nobody",)).once()
    monkeypatch.delenv("AZGRAPH_CONFIG")
    commands = Written()
    assert Watch(read_plan, lambda _: None, commands=commands).once() == 0
    assert commands.ran[0] == ("sync", "--format", "json", "--wait", "1800")
    with pytest.raises(UsageError, match="AZGRAPH_INTERVAL"):
        Watch(read_plan, lambda _: None).run()


def test_a_port_that_is_taken_is_a_sentence(home: Path) -> None:
    with Running(Written()) as running:
        running.until(lambda: running.said)
        address = running.said[0].partition("http://")[2].partition("/")[0]
        with pytest.raises(UsageError, match=r"cannot be served .*watch\.listen"):
            Watch(read_plan, lambda _: None, listen=address).run()


def test_a_report_stays_in_its_folder(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 11, 28, 3, 5, tzinfo=UTC)
    one = PackReport(pack="mcsb-1", format="sarif", output="reports/{instance}-{date}-{time}.sarif")
    assert report_path(one, "../../etc/x", tmp_path, now) == tmp_path / "reports" / "etc-x-2026-11-28-0305.sarif"
    folder = one.model_copy(update={"output": "reports/"})
    assert report_path(folder, "contoso", tmp_path, now).name == "mcsb-1-contoso-2026-11-28.sarif"


def test_people_are_told_between_the_runs_where_the_configuration_says_so(home: Path) -> None:
    told = "notify:\n  channels: [{name: a, file: {path: x}}]\n  routes: [{name: r, channels: [a]}]\n"
    (home / "azgraph.yaml").write_text(CONFIGURATION + told)
    commands = Written()
    send = ("notify", "send", "--format", "json")
    with Running(commands, only=("fabrikam",)) as running:
        running.until(lambda: commands.ran.count(send) > 3)
        assert commands.most_at_work == 1
        (home / "azgraph.yaml").write_text(CONFIGURATION)
        running.watch.reload()
        running.until(lambda: any("read again" in one for one in running.said))
        time.sleep(0.3)
        before = commands.ran.count(send)
        time.sleep(0.5)
        assert commands.ran.count(send) == before


def test_without_rules_after_a_run_it_is_told_all_the_same(home: Path) -> None:
    told = "notify:\n  channels: [{name: a, file: {path: x}}]\n  routes: [{name: r, channels: [a]}]\n"
    said = CONFIGURATION.replace("after_run: {packs: [", "after_run: {rules: false, packs: [")
    (home / "azgraph.yaml").write_text(said + told)
    commands = Written({"notify": 3})
    running = Running(commands, only=("contoso",))
    assert running.watch.once() == 0
    assert [one[0] for one in commands.ran] == ["sync", "notify", "check", "check"]
    # What failed is tried again; nobody needs to look into the schedule for that.
    assert not any("notify" in one for one in running.said)


def test_a_command_that_hangs_is_ended_and_told(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others have their turn; who is asked kindly and does not hear is ended all the same."""
    deaf = tmp_path / "deaf"
    deaf.write_text("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.05; done\n")
    deaf.chmod(0o700)
    monkeypatch.setattr("loader.schedule.commands.sys.executable", str(deaf))
    monkeypatch.setattr("loader.schedule.turn._longest", lambda _name, _plan: 0.2)
    said: list[str] = []
    watch = Watch(read_plan, said.append, commands=Commands(grace=0.2))
    assert watch.once() == 4
    for name in ("contoso", "fabrikam"):
        assert any(line.startswith(f"{name}: failed") and "(time_limit)" in line for line in said), said


def test_how_long_a_command_may_take_follows_from_the_instance(home: Path) -> None:
    (home / "azgraph.yaml").write_text(CONFIGURATION.replace("interval: 1h", "interval: 1h, time_limit: 2h"))
    settings.cache_clear()
    plan = read_plan()
    assert plan.longest("contoso") == timedelta(hours=2)
    assert plan.longest("fabrikam") == timedelta(days=1)
    commands = Written()
    with Running(commands) as running:
        running.until(lambda: commands.of("contoso") and len(commands.ran) > 2)
    (home / "azgraph.yaml").write_text(CONFIGURATION.replace("interval: 1h", "interval: 1h, time_limit: disabled"))
    settings.cache_clear()
    assert read_plan().longest("contoso") is None
    assert commands.longest is not None
    assert commands.longest > 2 * 3600
