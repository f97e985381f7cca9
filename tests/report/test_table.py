"""The table that people read: what it comes to, what fails in a line each, and what to do next, at any width."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from loader.library import Severity
from loader.library.overridden import Overridden
from loader.packs import PackResult, Verdict
from loader.packs.history import TrendPoint
from loader.packs.scores import Score
from loader.packs.selection import Selection
from loader.report import View, print_pack
from tests.report.conftest import checked, control, resource

pytestmark = pytest.mark.packs


def printed(result: PackResult, *arguments: object, width: int = 100, terminal: bool = False) -> str:
    console = Console(width=width, no_color=not terminal, force_terminal=terminal or None, file=io.StringIO())
    print_pack(console, result, *arguments)
    return console.file.getvalue()


@pytest.fixture
def large(result: PackResult) -> PackResult:
    """The same with a control of many failing resources, whose names and title are long."""
    many = [resource(f"storage-{number:02}-統合", Verdict.FAIL, "It is open.") for number in range(12)]
    many.append(resource("closed", Verdict.PASS, "It is closed."))
    title = "Storage accounts that hold what nobody outside of the company may ever see are closed to the Internet"
    more = control("3.1", title, checked("store-check", Severity.CRITICAL, many), section="3 Third")
    return replace(result, controls=[*result.controls, more], subscriptions={"1111": "Contoso Production"})


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_each_failing_control_has_one(large, width):
    text = printed(large, width=width)
    lines = text.splitlines()
    commands = [line for line in lines if line.startswith("    azgraph ")]
    assert all(cell_len(line) <= width for line in lines if line not in commands)
    failing = [line for line in lines if re.search(r"\d of \d+ fail", line)]
    assert [line.split()[0] for line in failing] == ["3.1", "1.2"]
    assert "12 of 13 fail" in failing[0]
    assert ("storage-00-統合" if width > 60 else "storage-00-…") in failing[0]
    assert re.search(r"\+\d+$", failing[0].rstrip()) or width == 200
    assert "1 of 3 fail" in failing[1]
    assert "\x1b" not in text


def test_names_stand_below_one_another_wherever_a_title_is_cut(large):
    for width in range(70, 110):
        lines = [line for line in printed(large, width=width).splitlines() if re.search(r"\d of \d+ fail", line)]
        begins = {cell_len(line[: line.rstrip().rindex("  ")]) for line in lines}
        assert len(lines) == 2
        assert len(begins) == 1, (width, lines)


def test_the_summary_comes_first_and_what_to_do_next_last(large):
    text = printed(large)
    places = ["of resources", "weighted", "of controls", "Severity", "Section", "Subscription"]
    places += ["What would help most", "Worst resources", "2 controls fail", "Next"]
    found = [text.index(place) for place in places]
    assert found == sorted(found)
    plain = " ".join(text.split())
    assert "A control passes only if all of its resources do." in plain
    assert "8 controls: 2 fail, 2 not-evaluated, 1 excepted, 1 manual, 1 pass, 1 not-applicable." in plain
    assert "Not counted: controls: 2 not-evaluated, 1 excepted, 1 manual, 1 not-applicable" in plain
    assert "6 of 8 controls have a check." in plain
    assert "azgraph check some-pack --control 3.1 --all" in text
    assert "azgraph check some-pack --verdict not-evaluated --all" in text
    assert text.rstrip().endswith("azgraph check some-pack --format html --output report.html")
    assert "It expired on 2026-01-01" in text
    assert "Close it." not in text


def test_all_has_each_control_worst_first_with_reasons_and_what_to_do(result):
    text = printed(result, (), View.ALL)
    places = ["1 First", " 1.2 ", " 1.11 ", " 1.10 ", " 1.12 ", "2 Second", " 2.2 ", " 2.1 ", " 2.3 "]
    found = [text.index(place, text.index("1 First", text.index("Worst resources"))) for place in places]
    assert found == sorted(found)
    plain = " ".join(text.split())
    for told in ("It is open to *.", "Accepted by cloud@contoso.example", "- pass: good", "Close it.", "Look at it."):
        assert told in plain
    assert "Key vaults were forbidden." in plain


def test_the_summary_alone_has_no_controls_and_lines_alone_have_nothing_else(large):
    assert "controls fail" not in printed(large, (), View.SUMMARY)
    lines = printed(large, (), View.LINES).splitlines()
    assert [line.split()[:2] for line in lines] == [["critical", "3.1"], ["high", "1.2"]]
    nothing = replace(large, controls=[one for one in large.controls if one.verdict is not Verdict.FAIL])
    assert printed(nothing, (), View.LINES) == ""
    assert "No control fails." in printed(nothing)


def test_each_score_tells_how_it_moved_since_the_run_before(large):
    def point(day: int, passed: int) -> TrendPoint:
        counts = dict.fromkeys(Verdict, 0) | {Verdict.PASS: passed, Verdict.FAIL: 10 - passed}
        kept = None if day == 1 else Score(passed, 10)
        return TrendPoint(f"2026-01-0{day}T03:04:05Z", counts, kept, kept)

    text = printed(replace(large, at="2026-01-04T03:04:05Z"), [point(1, 9), point(2, 0), point(3, 5), point(4, 4)])
    resources, weighted, controls = (
        next(line for line in text.splitlines() if words in line)
        for words in ("% of resources", "% weighted", "% of controls")
    )
    assert re.search(r"[+-]\d+ since 2026-01-03 \S{3}$", resources.rstrip())
    assert re.search(r"[+-]\d+ since 2026-01-03 \S{3}$", weighted.rstrip())
    assert re.search(r"-17 since 2026-01-03 \S{4}$", controls.rstrip())
    assert "since" not in printed(large)


def test_a_part_says_what_it_is_and_its_commands_keep_to_it(large):
    wanted = Selection(subscription=["Contoso 'Production'"], verdict=[Verdict.FAIL])
    text = printed(wanted.listed(large, 99))
    plain = " ".join(text.split())
    assert (
        "Filtered: subscription Contoso 'Production'; verdict fail. 8 of 99 controls; 2 of these are listed." in plain
    )
    quoted = """--subscription 'Contoso '"'"'Production'"'"''"""
    assert f"azgraph check some-pack {quoted} --control 3.1 --all" in text
    assert f"azgraph check some-pack {quoted} --verdict fail --format html" in text
    one = printed(Selection(control=["3.1"]).listed(large, 99))
    assert one.count("azgraph check some-pack --control 3.1 --all") == 1, "a command stands under Next once"
    passing = printed(Selection(verdict=[Verdict.PASS]).listed(large, 99))
    assert "1 of 3 pass" in passing
    assert "1 of 1 pass" in passing


def test_what_is_not_as_shipped_is_told_below_the_controls(large):
    changed = Overridden("check bad-check", "mine/overrides.yaml:2", {"severity": "low"}, {"severity": "high"})
    controls = [replace(one, overridden=(changed,)) for one in large.controls]
    for view in (View.USUAL, View.SUMMARY):
        text = printed(replace(large, controls=controls), (), view)
        assert text.count("Of check bad-check, severity is high (shipped: low), by mine/overrides.yaml:2.") == 1
    assert "Not as shipped" not in printed(large)


def test_a_terminal_has_colours_and_links_and_one_without_letters_has_plain_bars(large):
    assert "\x1b]8;" in printed(large, terminal=True)
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    console = Console(width=100, no_color=True, file=narrow)
    print_pack(console, large)
    narrow.flush()
    assert "##" in narrow.buffer.getvalue().decode()
