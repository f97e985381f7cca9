"""A query's answer on a terminal: names first, one line a row where there is room, nothing left out unsaid."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from loader.report.answer import WIDE_OR_COLUMNS, print_answer
from loader.report.columns import arrange, cell, in_order
from tests.report.test_any_name import NAMES, few, shows_nothing_unseen

GUID = "c0705000-1111-4222-8333-4444555566{:02d}"
VAULT = "/subscriptions/c0705000-1111-4222-8333-444455556666/resourcegroups/rg/providers/microsoft.keyvault/vaults/{}"
COLUMNS = ["key", "assignment", "principalKey", "resource", "principal", "type", "role", "scope", "through"]


def rows(count: int = 31) -> list[dict[str, Any]]:
    return [
        {
            "key": VAULT.format("kv-contoso-prod"),
            "assignment": f"{VAULT.format('kv')}/providers/microsoft.authorization/roleassignments/{GUID.format(n)}",
            "principalKey": GUID.format(n),
            "resource": "kv-contoso-prod",
            "principal": f"contoso-automation-{n}",
            "type": "azure_service_principal",
            "role": "Key Vault Crypto Service Encryption User" if n % 7 == 0 else "Reader",
            "scope": "Contoso Production",
            "through": None,
            "link": "https://portal.azure.com/#x",
        }
        for n in range(count)
    ]


def printed(columns: list[str], some: list[dict[str, Any]], width: int = 100, **options: Any) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, no_color=True)
    print_answer(console, "Who?", columns, some, more=WIDE_OR_COLUMNS, **options)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 100, 200])
def test_a_row_is_a_line_where_there_is_room_and_no_line_is_too_long(width: int) -> None:
    lines = printed(COLUMNS, rows(), width)
    assert max(map(cell_len, lines)) <= width
    assert len(lines) < 31 + (12 if width > 80 else 30)
    assert "contoso-automation-30" in "\n".join(lines)
    told = " ".join(line.strip() for line in lines)
    assert "Not shown: key, assignment, principalKey. `--wide` shows all" in told


def test_what_all_rows_share_stands_above_once() -> None:
    lines = printed(COLUMNS, rows(), 80)
    assert lines[1] == "resource: kv-contoso-prod"
    assert "\n".join(lines).count("kv-contoso-prod") == 1
    assert any(line.startswith("Empty in every row: through.") for line in lines)


def test_names_come_first_and_ids_last() -> None:
    told, ids = in_order(["type", "key", "vault"], [{"type": "azure_x", "key": VAULT.format("kv"), "vault": "KV"}])
    assert (told, ids) == (["vault", "type"], ["key"])
    told, ids = in_order(COLUMNS, rows())
    assert told[:2] == ["resource", "principal"]
    assert ids == ["key", "assignment", "principalKey"]


def test_ids_are_shown_short_where_nothing_else_tells_rows_apart() -> None:
    same = [{"key": GUID.format(n).replace("c07", f"{n}07"), "user": "Ada"} for n in (1, 2)]
    lines = printed(["key", "user"], same)
    assert [line.split() for line in lines[3:5]] == [["Ada", "10705000…"], ["Ada", "20705000…"]]


def test_wide_has_every_value_in_full_on_one_line() -> None:
    lines = printed(COLUMNS, rows(), 80, wide=True)
    assert sum(VAULT.format("kv-contoso-prod") in line and GUID.format(3) in line for line in lines) == 1
    assert lines[2].split() == ["resource", "principal", "type", "role", "scope", "through", *COLUMNS[:3]]
    chosen = printed(["role", "key"], rows(), 80, wide=True, ordered=True)
    assert chosen[2].split() == ["role", "key"]


def test_a_text_that_is_cut_says_so() -> None:
    lines = printed(["name", "text"], [{"name": "a", "text": "word " * 200}, {"name": "b", "text": "c"}], 40)
    assert len(lines) < 12
    assert any("Long texts end in …" in line for line in lines)


def test_no_rows_say_of_what_there_is_none() -> None:
    assert printed(["key"], [], nothing="Nothing fits. Looked among 3 azure_vm.") == [
        "Who?",
        "Nothing fits. Looked among 3 azure_vm.",
    ]


def test_cells_are_for_people() -> None:
    moment = datetime(2026, 3, 1, 14, 5, 6, 7, tzinfo=UTC)
    values = [moment, "2026-03-01T14:05:06+00:00", True, None, ["a", "b"], "azure_user_group", "azure"]
    assert [cell(one) for one in values] == [
        "2026-03-01 14:05",
        "2026-03-01 14:05",
        "yes",
        "",
        "a, b",
        "user group",
        "azure",
    ]


@few
@given(st.lists(NAMES, min_size=1, max_size=4), st.integers(min_value=12, max_value=120))
def test_any_name_fits_and_shows_nothing_unseen(names: list[str], width: int) -> None:
    some = [{"key": name, "name": name, "other": names, "link": f"https://x/{name}"} for name in names]
    for options in ({}, {"wide": True}):
        lines = printed(["key", "name", "other", "link"], some, width, **options)
        assert shows_nothing_unseen("\n".join(lines))
    widths = arrange(["key", "name", "other", "link"], some, width).widths
    assert sum(widths.values()) + 2 * (len(widths) - 1) <= width
