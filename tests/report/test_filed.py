"""The HTML report as an auditor files it: what it says it is about, on screens of any width, and as pages of paper."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from loader.library import Severity
from loader.packs import Verdict
from loader.packs.history import TrendPoint
from loader.packs.scores import Score
from loader.report import as_html
from loader.report.facts import age
from tests.report.conftest import ASSESSED, EVIL, checked, control, resource
from tests.report.opened import opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report whose names are hostile, on two runs; one control in a section below its chapter."""
    from loader.packs import PackResult

    failing = [resource(f"{EVIL}{number}", Verdict.FAIL, f"It is {EVIL}.") for number in range(30)]
    passing = [resource(f"fine-{number}", Verdict.PASS, "It is shut.") for number in range(40)]
    first = control("1.1", f"Many {EVIL}", checked("bad-check", Severity.HIGH, failing + passing))
    below = replace(control("1.2.1", "Below", checked("good-check", Severity.LOW, passing[:2])), chapter="1 First")
    result = PackResult(
        "some-pack",
        "A pack",
        "1.0",
        "Contoso",
        "run-7",
        "2026-01-02T03:04:05Z",
        [first, replace(below, section="1.2 X")],
    )
    trend = [
        TrendPoint(f"2026-01-0{day}T03:04:05Z", dict.fromkeys(Verdict, 1), Score(10 * day, 70), Score(day, 9))
        for day in (1, 2)
    ]
    path = tmp_path_factory.mktemp("filed") / "report.html"
    path.write_text(as_html(replace(result, assessed=ASSESSED), trend), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def page(chromium: Browser, report: str) -> Iterator[Page]:
    """The report, opened; it may ask for nothing, and its policy may stop nothing of its own."""
    with opened(chromium, report) as page:
        yield page


@pytest.fixture(scope="module")
def paper(chromium: Browser, report: str) -> bytes:
    """The report as Chromium prints it."""
    page = chromium.new_page()
    page.goto(report)
    printed = page.pdf(format="A4")
    # What was closed before is closed again.
    expect(page.locator(".control[open]")).to_have_count(0)
    page.close()
    return printed


@pytest.mark.parametrize("width", [400, 900, 1600])
def test_nothing_is_wider_than_the_screen(page: Page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_it_says_what_was_assessed(page: Page):
    facts = page.locator(".facts")
    for fact in (
        "c0705000-0000-0000-0000-000000000001",
        "1: Contoso Production",
        "2026-01-02 03:00 UTC to 2026-01-02 03:03 UTC, 2 hours before this report",
        "Not whole: 1 kind of data",
        "run-7, partial, finished 2026-01-02 03:04 UTC, loaded by azgraph 9.8.6",
        "Set for this report: days: 30",
        "Made 2026-01-02 05:04 UTC by auditor on desk with azgraph 9.8.7",
    ):
        expect(facts).to_contain_text(fact)
    expect(page.get_by_role("region", name="What was not loaded")).to_contain_text("Grant the role Reader.")
    expect(page.get_by_role("region", name="Subscriptions")).to_contain_text("11111111-1111-1111-1111-111111111111")


def test_each_row_says_how_many_fail_and_each_section_has_its_score(page: Page):
    expect(page.locator("#control-1\\.1 .count")).to_have_text("30 of 70 fail")
    expect(page.locator("#control-1\\.2\\.1 .count")).to_have_text("2 of 2 pass")
    # Two resources stand under both chapters' checks: each counts once under each.
    headings = page.locator(".section .heading p")
    expect(headings).to_contain_text(["58 % of resources, 1 of 2 of controls pass", "100 % of resources, 1 of 1"])


def test_scores_say_how_they_moved(page: Page):
    expect(page.locator(".moved")).to_contain_text(["+44 since 2026-01-01 03:04 UTC", "since", "as at 2026-01-01"])


def test_hostile_names_do_no_harm(page: Page):
    assert page.title().startswith("A pack 1.0")
    assert page.locator("script").count() == 1
    expect(page.locator("#control-1\\.1 tbody tr").first).to_contain_text("</template></style><script>")
    expect(page.locator("#control-1\\.1 tbody tr").first).to_contain_text("\\u202e")


def test_nothing_but_its_own_script_may_run(page: Page):
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_search_keeps_the_chapter_above_what_it_finds(page: Page):
    page.get_by_label("Search").fill("below")
    expect(page.get_by_role("status")).to_have_text("1 of 2 controls")
    expect(page.locator("#section-1")).to_be_visible()
    page.get_by_role("button", name="Reset").click()


def test_paper_has_links_in_its_contents(paper: bytes):
    assert paper.count(b"/Type /Page\n") > 3
    assert paper.count(b"/Subtype /Link") > 5


def test_paper_has_a_cover_contents_and_numbered_pages(paper: bytes, tmp_path: Path):
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext (poppler) to read the pages with")
    path = tmp_path / "report.pdf"
    path.write_bytes(paper)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True).stdout
    pages = text.removesuffix("\f").split("\f")
    assert all(f"Page {number} of {len(pages)}" in one for number, one in enumerate(pages, start=1))
    assert "Compliance report" in pages[0] or "COMPLIANCE REPORT" in pages[0]
    # The name of this tenant makes the cover long.
    assert any("Contents" in one for one in pages[1:3])
    assert all("A pack 1.0" in one for one in pages[1:])
    # Failing resources are printed in full, passing ones by their names.
    assert "Pass (40): fine-0, fine-1" in " ".join(text.split())
    assert "It is shut." not in text


@pytest.mark.parametrize(
    ("then", "told"),
    [("05:04:00", "less than a minute"), ("05:03:00", "1 minute"), ("03:30:00", "94 minutes"), ("03:00:00", "2 hours")],
)
def test_ages_are_told_in_the_unit_that_fits(then, told):
    assert age(f"2026-01-02T{then}+00:00", "2026-01-02T05:04:05+00:00") == told
