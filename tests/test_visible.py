"""Text that people see shows what would be unseen, and JSON for scripts keeps it exact without writing it raw."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.visible import json_text, one_line, visible

UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
ANYTHING = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode and 日本 🎉", "plain, ünïcode and 日本 🎉"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]8;;https://evil.example\x1b\\here", r"\x1b]8;;https://evil.example\x1b\here"),
        ("\x9b31m and \x85", r"\x9b31m and \x85"),
        ("invoice\u202excod.exe", r"invoice\u202excod.exe"),
        ("ad\u200bmin \u2066x\u2069 \ufeff \U000e0041", r"ad\u200bmin \u2066x\u2069 \ufeff \U000e0041"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("blank\u3164\u2800", r"blank\u3164\u2800"),
        ("half \ud800", r"half \ud800"),
    ],
)
def test_what_is_unseen_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_where_they_may_and_become_blanks_where_they_may_not() -> None:
    assert visible("one\r\ntwo\rthree\n", lines=True) == "one\ntwo\\rthree\n"
    assert one_line("one\r\n  two\tthree\rfour\n") == "one two three\\rfour"


@given(ANYTHING)
def test_nothing_unseen_is_left(text: str) -> None:
    for shown in (visible(text), one_line(text), visible(text, lines=True).replace("\n", "")):
        assert not {unicodedata.category(sign) for sign in shown} & UNSEEN
        shown.encode()


@given(st.dictionaries(ANYTHING, st.one_of(ANYTHING, st.floats(allow_nan=False, allow_infinity=False), st.none())))
def test_json_reads_back_the_same_and_shows_nothing_unseen(document: dict[str, object]) -> None:
    text = json_text(document)
    assert json.loads(text) == document
    assert not {unicodedata.category(sign) for sign in text.replace("\n", "")} & UNSEEN


def test_json_has_no_numbers_that_are_none() -> None:
    assert json.loads(json_text({"a": [float("nan"), float("inf"), 1.5]})) == {"a": [None, None, 1.5]}
