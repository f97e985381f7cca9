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

from loader.report import as_csv, as_html, as_json
from loader.report.rows import print_rows, rows_csv, rows_json, rows_markdown
from loader.visible import visible
from tests.report.conftest import HOSTILE

pytestmark = pytest.mark.packs


def test_the_json_has_the_shape_that_scripts_rely_on(result):
    document = json.loads(as_json(result))
    assert list(document)[:5] == ["pack", "version", "run", "controls", "summary"]
    counts = {"fail": 1, "not-evaluated": 2, "excepted": 1, "manual": 1, "pass": 1, "not-applicable": 1}
    assert document["summary"] == counts
    assert document["score"] == 50
    assert [one["id"] for one in document["controls"]] == ["1.2", "1.10", "1.11", "1.12", "2.1", "2.2", "2.3"]
    keys = {"id", "title", "section", "level", "check", "severity", "verdict", "reason", "resources"}
    more = {"remediation", "references", "checks", "overridden", "raised"}
    assert all(set(one) == keys | more for one in document["controls"])
    assert document["coverage"] == {"controls": 7, "with_check": 5}
    first = document["controls"][0]
    assert (first["severity"], first["remediation"]["az"]) == ("high", "az close --name <NAME>")
    assert first["reason"].endswith("What remains for a person: Ask the owner.")
    bad, kept, _ = first["resources"]
    assert (bad["name"], bad["verdict"], bad["reason"], bad["link"]) == (HOSTILE, "fail", "It is open to *.", None)
    assert (kept["verdict"], kept["without_exception"]) == ("excepted", "fail")
    assert kept["exception"]["expires"] == "2026-06-30"
    assert [one["state"] for one in document["exceptions"]] == ["used", "expired", "unmatched"]
    assert document["controls"][4]["check"] is None


def test_the_csv_has_a_line_for_each_resource_and_each_control_without(result):
    rows = list(csv.DictReader(io.StringIO(as_csv(result))))
    assert [(row["control"], row["verdict"]) for row in rows] == [
        ("1.2", "fail"),
        ("1.2", "excepted"),
        ("1.2", "pass"),
        ("1.10", "excepted"),
        ("1.11", "not-evaluated"),
        ("1.12", "pass"),
        ("2.1", ""),
        ("2.2", ""),
        ("2.3", ""),
    ]
    assert (rows[0]["remediation"], rows[0]["link"]) == ("Close it.", "")
    assert (rows[1]["exception_owner"], rows[1]["exception_expires"]) == ("cloud@contoso.example", "2026-06-30")
    assert rows[6]["control_verdict"] == "manual"


def test_csv_cells_are_no_formulas():
    assert rows_csv(["name"], [{"name": "=HYPERLINK(1)"}]) == "name\n'=HYPERLINK(1)\n"


def printed(print_it, *arguments) -> str:
    console = Console(width=100, no_color=True, file=io.StringIO())
    print_it(console, *arguments)
    return console.file.getvalue()


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
    assert visible(HOSTILE) in page.text
    expected = ("A pack", "Good things", "It is encrypted.", "Close it.", "az close --name <NAME>", "50 %", "run-7")
    accepted = "Accepted by cloud@contoso.example until 2026-06-30"
    for text in (*expected, accepted, "It expired on 2026-01-01", "There is no check yet."):
        assert text in page.text
    shown = [one["data-verdict"] for _, one in page.elements if "data-severity" in one]
    assert shown == [control.verdict.value for control in result.controls]
    boxes = [one["value"] for tag, one in page.elements if tag == "input" and one.get("name") == "verdict"]
    assert boxes == ["fail", "not-evaluated", "excepted", "manual", "pass", "not-applicable"]


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
