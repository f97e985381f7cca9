"""How far a run is: in words, in lines where there is no terminal, in JSON, and drawn."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from rich.console import Console

from loader.azure.transport.gates import Throttling
from loader.cli.common import LogFormat, set_log_format
from loader.cli.following import Following, duration
from loader.model import Quiet, Status
from loader.sync import StepReport

SHOP = "aaaaaaaa-0000-4000-8000-000000000001"


class Played:
    """A session's counts, and a clock."""

    def __init__(self) -> None:
        self.now, self.calls, self.throttled = 1000.0, 0, 0
        self.waiting: dict[str, float] = {}
        self.throttling: list[Throttling] = []

    def clock(self) -> float:
        return self.now


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
def shown(played: Played) -> Following:
    shown = Following(clock=played.clock)
    shown.planned(played, 4, {SHOP: 16}, {SHOP: "Sh\x1bop\n"})
    return shown


@pytest.fixture
def as_json() -> Iterator[None]:
    set_log_format(LogFormat.JSON)
    yield
    set_log_format(LogFormat.TEXT)


def step(name: str, area: str = SHOP, *, entities: int = 0, status: Status = Status.COMPLETE, **more) -> StepReport:
    return StepReport(name, area, status, more.pop("reason", ""), 1, entities, 0.5, **more)


def test_words(shown: Following, played: Played) -> None:
    played.now, played.calls = 1010.0, 50
    shown(step("azure_vnet", entities=7))
    shown(step("azure_vnet.part", entities=7))
    shown(step("azure_user", "tenant", status=Status.FORBIDDEN, reason="No."))
    shown(step("azure_lb", status=Status.UNAVAILABLE, quiet=Quiet.NOT_OFFERED))
    words = shown.words()
    assert (
        words == "4 of 20 steps · 7 entities · 50 calls (5 a second) · 1 steps not loaded · waits for Azure's answers"
    )
    shown(step("azure_nic"))
    assert shown.words().endswith("about 30 s left")
    assert shown.kept() == "5 of 20 steps had ended, with 7 entities: they are kept."


def test_what_is_left_goes_by_the_calls_of_the_run_before(played: Played) -> None:
    shown = Following(clock=played.clock)
    shown.planned(played, 2, {SHOP: 2}, {SHOP: "Shop"}, 200)
    played.now, played.calls = 1010.0, 50
    assert shown.seconds_left == pytest.approx(30)
    played.now, played.calls = 1050.0, 250
    assert shown.seconds_left == 0
    for name, area in (("a", SHOP), ("b", SHOP), ("c", "tenant"), ("d", "tenant")):
        shown(step(name, area))
    assert shown.words().endswith("what belongs together is being linked")


def test_nothing_is_said_of_what_is_left_too_early(shown: Following) -> None:
    assert shown.seconds_left is None
    assert "left" not in shown.words()
    assert shown.kept().startswith("No step had ended")


def test_lines_where_there_is_no_terminal(shown: Following, played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    shown(step("azure_vnet", entities=7))
    shown(step("azure_user", "tenant", status=Status.FORBIDDEN, reason="Grant User.Read.All."))
    played.now += 20
    played.waiting = {"management.azure.com, reads of subscription x": 12.3}
    shown(step("azure_lb"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"  azure_vnet in {SHOP}: 7"
    assert lines[1] == "  azure_user in tenant: forbidden. Grant User.Read.All."
    assert lines[2].startswith("… 3 of 20 steps")
    assert lines[3] == "  Azure throttles: management.azure.com, reads of subscription x lets nothing through for 12 s."


@pytest.mark.usefixtures("as_json")
def test_lines_of_json(played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    shown = Following(clock=played.clock)
    shown.planned(played, 4, {SHOP: 16}, {SHOP: "Shop"})
    shown(step("azure_vnet", entities=7, reason="a\nb"))
    played.now += 20
    shown(step("azure_lb"))
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [one["event"] for one in told] == ["planned", "step", "step", "progress"]
    assert told[0]["steps"] == 20
    assert told[1]["reason"] == "a\nb"
    assert told[3]["done"] == 2
    assert all("at" in one for one in told)


def test_drawn_on_a_terminal(shown: Following, played: Played) -> None:
    screen = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    screen.print(Following())
    played.waiting = {"graph.microsoft.com, directory": 3.0}
    shown.lines = False
    shown(step("azure_vnet", entities=7))
    screen.print(shown)
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "1 of 20 steps" in text
    assert "1 of 16 steps, 7 entities" in text
    assert "Azure throttles: graph.microsoft.com, directory" in text
    assert "\x1bop" not in text


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (89, "89 s"), (300, "5 min"), (7800, "2 h 10 min")])
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("waiting", "writes_wait", "processor", "told"),
    [
        ({}, False, 2.0, "Azure's answers"),
        ({}, False, 9.5, "this machine's processor"),
        ({}, True, 9.5, "Neo4j"),
        ({"arm, reads of subscription a": 4.0}, True, 9.5, "Azure's limits"),
    ],
)
def test_what_bounds_a_run_is_told(
    played: Played, waiting: dict[str, float], writes_wait: bool, processor: float, told: str
) -> None:
    used = [0.0]
    shown = Following(clock=played.clock, processor=lambda: used[0])
    shown.planned(played, 4, {SHOP: 16}, {SHOP: "Shop"}, writes_wait=lambda: writes_wait)
    played.now, played.waiting, used[0] = 1010.0, waiting, processor
    assert shown.bound_by == told
    assert shown.words().endswith(f"waits for {told}")
