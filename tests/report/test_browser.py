"""The HTML report as a person meets it: in a real headless Chromium, with eyes, keyboard, screen reader and paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from loader.library import Severity
from loader.packs import PackResult, Verdict
from loader.packs.history import TrendPoint
from loader.report import as_html
from tests.report.conftest import HOSTILE, checked, control, resource
from tests.report.opened import opened

pytestmark = pytest.mark.browser
MANY = 10_000


@pytest.fixture
def report(result: PackResult, tmp_path: Path) -> str:
    """The address of a report in which one control has ten thousand failing resources."""
    many = [resource(f"account{number:05d}", Verdict.FAIL, f"It has {number} keys.") for number in range(MANY)]
    big = control("1.1", "Many things", checked("bad-check", Severity.HIGH, many))
    trend = [
        TrendPoint(f"2026-01-{day:02d}T03:04:05Z", dict.fromkeys(Verdict, 1) | {Verdict.PASS: day})
        for day in range(1, 6)
    ]
    path = tmp_path / "report.html"
    path.write_text(as_html(replace(result, controls=[big, *result.controls]), trend), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(chromium: Browser, report: str) -> Iterator[Page]:
    """The report, opened; the test fails if it asked for anything or said an error."""
    with opened(chromium, report, viewport={"width": 1200, "height": 1000}) as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_axe_finds_nothing(page: Page, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 1000})
    page.get_by_role("button", name="Open all").click()
    for summary in page.locator("main > section:not(.section) summary").all():
        summary.click()
    assert violations(page) == []


def violations(page: Page) -> list[tuple[str, str, str]]:
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found]


def test_a_control_with_several_checks_names_the_check_of_each_line(chromium: Browser, result, tmp_path: Path):
    door = resource("door", Verdict.FAIL, "It is open."), resource("door", Verdict.PASS, "It is shut.")
    checks = [
        checked("shut-check", Severity.LOW, [door[1]], of="doors"),
        checked("bad-check", Severity.HIGH, [door[0]]),
    ]
    mapped = replace(control("1.1", "Mapped things", *checks), level=None)
    path = tmp_path / "mapped.html"
    path.write_text(as_html(replace(result, controls=[mapped], licence="Ours.")), encoding="utf-8")
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.locator("#control-1\\.1 summary").click()
    cells = page.locator("#control-1\\.1 tbody td:nth-child(3)")
    expect(cells).to_have_text(["bad-checkhigh", "shut-check (of: doors)low"])
    expect(page.locator("#control-1\\.1 summary")).to_contain_text("1 of 1 fail")
    assert violations(page) == []
    page.close()


def test_ten_thousand_resources_come_a_hundred_at_a_time(page: Page):
    rows = page.locator("#control-1\\.1 tbody tr")
    expect(rows).to_have_count(0)
    page.locator("#control-1\\.1 summary").click()
    expect(rows).to_have_count(100)
    expect(page.locator("#control-1\\.1 caption")).to_have_text(f"100 of {MANY} resources")
    page.get_by_role("button", name=f"Show 100 more of {MANY - 100}").click()
    expect(rows).to_have_count(200)


def test_search_finds_a_resource_among_them(page: Page):
    page.get_by_label("Search").fill("account07777 keys")
    expect(page.get_by_role("status")).to_have_text("1 of 8 controls")
    page.locator("#control-1\\.1 summary").click()
    expect(page.locator("#control-1\\.1 tbody tr")).to_have_count(1)
    expect(page.locator("#control-1\\.1 tbody a")).to_have_text("account07777")
    expect(page.locator("#control-1\\.1 caption")).to_have_text(
        f"1 of 1 resources; {MANY - 1} more do not fit the filter"
    )
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_role("status")).to_have_text("8 of 8 controls")


def test_filters_leave_what_fits(page: Page):
    for verdict in ("fail", "pass", "manual", "not-applicable", "excepted"):
        page.get_by_label(f"{verdict} (", exact=False).first.uncheck()
    expect(page.get_by_role("status")).to_have_text("2 of 8 controls")
    expect(page.locator(".control:visible .id")).to_have_text(["1.11", "2.2"])
    page.get_by_role("checkbox", name="without check").uncheck()
    expect(page.locator(".control:visible .id")).to_have_text(["1.11"])


def test_the_keyboard_gets_everywhere(page: Page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the controls")).to_be_focused()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.closest('.control')?.id || document.activeElement.name"))
        if reached[-1] == "control-1.1":
            break
    assert {"verdict", "severity", "text", "control-1.1"} <= set(reached)
    page.keyboard.press("Enter")
    expect(page.locator("#control-1\\.1 tbody tr")).to_have_count(100)
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="Resources of control 1.1")).to_be_focused()


def test_a_link_from_what_was_not_evaluated_opens_the_control(page: Page):
    page.get_by_label("Search").fill("account07777")
    expect(page.get_by_role("status")).to_have_text("1 of 8 controls")
    page.get_by_role("link", name="1.11").click()
    expect(page.locator("#control-1\\.11 tbody tr")).to_be_visible()


def test_the_page_tells_score_trend_and_exceptions(page: Page):
    expect(page.locator(".figure")).to_have_text(["0 %", "0 %", "33 %"])
    expect(page.get_by_role("img", name="Scores over the runs")).to_be_visible()
    table = page.get_by_role("region", name="Exceptions and what became of them")
    expect(table.locator("tbody tr td:nth-child(2)")).to_have_text(["used", "expired", "unmatched"])


def test_hostile_names_are_text(page: Page):
    page.locator("#control-1\\.2 summary").click()
    expect(page.locator("#control-1\\.2 tbody tr").first).to_contain_text('<script>alert("x")</script>')
    assert page.locator("script").count() == 1
    assert HOSTILE.split("\x1b")[0] in page.locator("#control-1\\.2 tbody").inner_text()


def test_paper_has_everything_and_no_buttons(page: Page):
    page.get_by_label("Search").fill("things")
    expect(page.get_by_role("status")).to_have_text("6 of 8 controls")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#control-1\\.1 tbody tr")).to_have_count(MANY)
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("button:visible")).to_have_count(0)
