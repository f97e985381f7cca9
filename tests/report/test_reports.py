"""What people and scripts read of a pack's result and of a query's rows."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from rich.console import Console

from loader.packs import ControlResult, PackResult, ResourceResult, Severity, Verdict
from loader.packs.definitions import Remediation
from loader.report import as_csv, as_html, as_json, print_pack
from loader.report.rows import print_rows, rows_csv, rows_json, rows_markdown

pytestmark = pytest.mark.packs
HOSTILE = '<script>alert("x")</script>\x1b[31m{{ 7*7 }}'


@pytest.fixture
def result() -> PackResult:
    good = ResourceResult(
        "/subscriptions/1/good", "good", Verdict.PASS, "It is encrypted.", "https://portal.azure.com/#good"
    )
    bad = ResourceResult("/subscriptions/1/bad", HOSTILE, Verdict.FAIL, "It is open.", "javascript:alert(1)")
    return PackResult(
        pack="some-pack",
        title="A pack",
        version="1.0",
        source="Contoso",
        run="run-7",
        at="2026-01-02T03:04:05Z",
        controls=[
            ControlResult(
                "1.1", "Good things", "1 First", 1, Verdict.PASS, "All pass.", [good], "good-check", Severity.LOW
            ),
            ControlResult(
                id="1.2",
                title="Bad things",
                section="1 First",
                level=2,
                verdict=Verdict.FAIL,
                reason="1 of 2 fail.",
                resources=[bad, good],
                check="bad-check",
                severity=Severity.HIGH,
                remediation=Remediation(portal="Close it.", az="az close --name <NAME>"),
            ),
            ControlResult("2.1", "Look yourself", "2 Second", 1, Verdict.MANUAL, "Look at it."),
        ],
    )


def test_the_json_has_the_shape_that_scripts_rely_on(result):
    document = json.loads(as_json(result))
    assert list(document) == ["pack", "version", "run", "controls", "summary"]
    assert document["summary"] == {"fail": 1, "not-evaluated": 0, "manual": 1, "pass": 1, "not-applicable": 0}
    assert [one["id"] for one in document["controls"]] == ["1.1", "1.2", "2.1"]
    keys = ["id", "title", "section", "level", "check", "verdict", "reason", "resources"]
    assert all(list(one) == keys for one in document["controls"])
    assert document["controls"][1]["resources"][0] == {
        "key": "/subscriptions/1/bad",
        "name": HOSTILE,
        "verdict": "fail",
        "reason": "It is open.",
    }
    assert document["controls"][2]["check"] is None


def test_the_csv_has_a_line_for_each_resource_and_each_control_without(result):
    rows = list(csv.DictReader(io.StringIO(as_csv(result))))
    assert [(row["control"], row["verdict"]) for row in rows] == [
        ("1.1", "pass"),
        ("1.2", "fail"),
        ("1.2", "pass"),
        ("2.1", ""),
    ]
    assert rows[1]["remediation"] == "Close it."
    assert rows[3]["control_verdict"] == "manual"


def test_csv_cells_are_no_formulas():
    assert rows_csv(["name"], [{"name": "=HYPERLINK(1)"}]) == "name\n'=HYPERLINK(1)\n"


def printed(print_it, *arguments) -> str:
    console = Console(width=100, no_color=True, file=io.StringIO())
    print_it(console, *arguments)
    return console.file.getvalue()


def test_the_table_is_readable_at_100_columns_worst_first(result):
    text = printed(print_pack, result)
    assert max(len(line) for line in text.splitlines()) <= 100
    assert text.index("1 First") < text.index("1.2") < text.index("1.1  ") < text.index("2 Second") < text.index("2.1")
    assert "It is open." in text
    assert "3 controls: 1 fail, 1 manual, 1 pass" in text
    assert "50 % of the 2 controls" in text
    assert "\x1b" not in text


class Page(HTMLParser):
    """Every element of a page, and its text outside of style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.elements and self.elements[-1][0] not in ("script", "style"):
            self.text += data


def test_the_page_holds_everything_and_hostile_names_stay_text(result):
    html = as_html(result)
    page = Page(html)
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert HOSTILE in page.text
    for expected in (
        "A pack",
        "Good things",
        "It is encrypted.",
        "Close it.",
        "az close --name <NAME>",
        "50 %",
        "run-7",
    ):
        assert expected in page.text
    assert [one["data-verdict"] for _, one in page.elements if "data-severity" in one] == ["pass", "fail", "manual"]
    boxes = [one["value"] for tag, one in page.elements if tag == "input" and one.get("name") == "verdict"]
    assert boxes == ["fail", "not-evaluated", "manual", "pass", "not-applicable"]


def test_the_page_asks_nobody_for_anything(result):
    html = as_html(result)
    page = Page(html)
    for tag, attributes in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert "src" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if tag == "a":
            assert attributes["href"].startswith(("https://", "#"))
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|import\(", html)
    policy = next(one["content"] for tag, one in page.elements if tag == "meta" and "http-equiv" in one)
    assert policy.startswith("default-src 'none'")


def test_rows_are_printed_in_every_form():
    rows = [{"name": "a|b", "when": datetime(2026, 1, 2, tzinfo=UTC), "ports": [22, 443], "open": True, "none": None}]
    columns = list(rows[0])
    assert json.loads(rows_json(rows)) == [
        {"name": "a|b", "when": "2026-01-02T00:00:00+00:00", "ports": [22, 443], "open": True, "none": None}
    ]
    assert rows_csv(columns, rows) == 'name,when,ports,open,none\na|b,2026-01-02T00:00:00+00:00,"22, 443",yes,\n'
    assert rows_markdown(["name"], [{"name": "a|b<i>"}]) == "| name |\n| --- |\n| a\\|b&lt;i> |"
    text = printed(print_rows, "What is there?", ["name"], [{"name": HOSTILE}])
    assert "\x1b" not in text
    assert "1 row." in text
    assert rows_csv(["name"], []) == "name\n"
