"""One hostile name in each place where people read it: the quick look beside `test_any_name.py`, which draws them."""

from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from loader.report.documents import csv_text
from loader.report.rows import print_rows, rows_csv, rows_markdown
from loader.report.wording import https_only

NAMES = [
    "a\x1b[2Jb",
    "a\x1b]8;;https://stranger.example\x1b\\b",
    "a\x9b31mb",
    "a\rb",
    "a\u202eb",
    "a\u2028=1+1",
    "a\x00b",
    "a\x7fb",
    "a\ufeffb",
]
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "'=1",
    '"=1',
    "\uff1d1",
    "a;=1",
    "a\r=cmd|'/c calc'!A1",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_terminal_a_table_and_a_cell_show_what_is_unseen(name: str) -> None:
    out = Console(width=100, file=io.StringIO(), force_terminal=False)
    row = {"name": name, "webLink": f"https://portal.azure.com/{name}"}
    print_rows(out, name, list(row), [row])
    written = [out.file.getvalue(), rows_markdown(["name"], [row]), rows_csv(["name"], [row])]
    for text in written:
        assert text.replace("\n", "").replace("\u2501", "").isprintable(), ascii(text)
    assert rows_csv(["name"], [row]).count("\n") == 2
    assert rows_markdown(["name"], [row]).count("\n") == 2


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_an_address_is_plain(name: str) -> None:
    link = https_only(f"https://portal.azure.com/{name}")
    assert link.isascii()
    assert link.isprintable()
    assert https_only(f"javascript:{name}") == ""


@pytest.mark.parametrize("name", FORMULAS, ids=ascii)
def test_a_cell_is_no_formula_and_one_line(name: str) -> None:
    (header,), (cell,) = csv.reader(io.StringIO(csv_text(["name"], [[name]]), newline=""))
    assert header == "name"
    assert cell.startswith(("'", "a"))
    assert ";=" not in cell
    assert "\r" not in cell
