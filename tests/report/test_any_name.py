"""Names with all of Unicode: every written document is read again by its real reader and shows nothing unseen."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from loader.cli.watching import Watching
from loader.library import Severity
from loader.packs import PackResult, Verdict
from loader.packs.exceptions import apply_exceptions
from loader.report import View, as_csv, as_html, as_json, as_junit, as_markdown, as_ocsf, as_sarif, print_pack
from loader.report.rows import print_rows, rows_csv, rows_json, rows_markdown
from tests.report.conftest import TODAY, checked, control, exception, resource

pytestmark = pytest.mark.packs
UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
# What steers somebody's program, more often than chance would give it.
HOSTILE = [
    *"=+-@;,|`<>&'\"[]\\\t\r\n \x1b\x00\x7f\x85\x9b\u202e\u2066\u200b\u2028\ufeff\uff1d\ud800",
    "\x1b]8;;x\x1b\\",
]
NAMES = st.lists(st.one_of(st.sampled_from(HOSTILE), st.characters()), min_size=1, max_size=12).map("".join)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def result_of(name: str, reason: str, link: str) -> PackResult:
    """A pack with a resource of this name that fails, and one that an exception with this reason is about."""
    bad, kept = (
        resource(name, Verdict.FAIL, reason, f"https://portal.azure.com/{link}"),
        resource("Kept", Verdict.FAIL, ""),
    )
    checks = checked("bad-check", Severity.HIGH, [replace(bad, key=f"/subscriptions/1/{name}"), kept])
    accepted = exception("Kept").model_copy(update={"reason": reason, "owner": name})
    unseen = replace(resource(name, Verdict.NOT_EVALUATED, reason), key=name)
    controls = [control("1.1", "Things", checks), control("1.2", "More", checked("other", Severity.LOW, [unseen]))]
    result = PackResult("pack", "A pack", "1", "Contoso", "run-1", "2026-01-02T03:04:05Z", controls)
    return apply_exceptions(result, [accepted], TODAY)


def shows_nothing_unseen(text: str) -> bool:
    text.encode()
    return not {unicodedata.category(sign) for sign in text.replace("\n", "")} & UNSEEN


def texts_in(document: Any) -> list[str]:
    if isinstance(document, str):
        return [document]
    inside = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    return [text for one in inside for text in texts_in(one)]


def is_formula(cell: str) -> bool:
    return re.match(r"[\s\"']*[=+\-@＝＋－＠]", cell) is not None and not cell.startswith("'")


def _watched(result: PackResult) -> Watching:
    watch = Watching(verdicts=True)
    watch.step(result.controls[0].id)
    watch.heard(1, 2, result.controls)
    return watch


def table_of(result: PackResult) -> str:
    out = Console(width=100, file=io.StringIO(), force_terminal=True)
    for view in View:
        print_pack(out, result, view=view)
    out.print(_watched(result))
    return out.file.getvalue()


@few
@given(NAMES, NAMES, NAMES)
def test_reports_are_read_again_and_show_nothing_unseen(name: str, reason: str, link: str) -> None:
    result = result_of(name, reason, link)
    written = {one: one(result) for one in (as_csv, as_html, as_json, as_junit, as_markdown, as_ocsf, as_sarif)}
    for one, text in written.items():
        assert shows_nothing_unseen(text), one.__name__
    rows = list(csv.reader(io.StringIO(written[as_csv], newline="")))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == 4
    assert not any(is_formula(part) for row in rows for cell in row for part in cell.split(";"))
    assert json.loads(written[as_json])["controls"][0]["resources"][0]["name"] == name  # exact, for scripts
    for one in (as_sarif, as_ocsf):
        assert all(map(shows_nothing_unseen, texts_in(json.loads(written[one]))))
    cases = ElementTree.fromstring(written[as_junit]).iter("testcase")
    assert len(list(cases)) == 3
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(written[as_markdown])
    inline = [child for token in tokens for child in token.children or []]
    assert {one.content for one in inline if one.type == "html_inline"} <= {"<br>"}
    assert all(shows_nothing_unseen(one.content) for one in inline)
    assert all(one.attrs["href"].startswith("https://portal.azure.com/") for one in inline if one.type == "link_open")


@few
@given(NAMES, NAMES, NAMES)
def test_terminals_are_steered_by_nobody(name: str, reason: str, link: str) -> None:
    row = {name or "x": reason, "webLink": f"https://x/{link}"}
    out = Console(width=100, file=io.StringIO(), force_terminal=True)
    print_rows(out, name, list(row), [row])
    for text in (table_of(result_of(name, reason, link)), out.file.getvalue()):
        # Colours and links of ours: SGR, and OSC 8 with an id and an address of plain ASCII.
        ours = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;(id=\d+)?;(https://[!-~]*)?\x1b\\", "", text)
        assert shows_nothing_unseen(ours)


@few
@given(NAMES, NAMES)
def test_rows_are_read_again_and_show_nothing_unseen(name: str, value: str) -> None:
    rows = [{name: value, "n": float("nan"), "many": [value, name]}]
    written = [rows_csv(list(rows[0]), rows), rows_json(rows), rows_markdown(list(rows[0]), rows)]
    assert all(map(shows_nothing_unseen, written))
    header, cells = csv.reader(io.StringIO(written[0], newline=""))
    assert len(header) == len(cells)
    assert not any(is_formula(part) for cell in (*header, *cells) for part in cell.split(";"))
    assert json.loads(written[1]) == [{name: value, "n": None, "many": [value, name]}]
    assert written[2].count("\n") == 2
