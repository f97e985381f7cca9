"""Every shipped check on the demo tenant, loaded through the real sync: what a reader of its files expects.

The tables in `contoso/` name every resource of each check's population by the verdict it must have.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from loader.azure import sessions
from loader.coverage import Coverage
from loader.demo import exchanges
from loader.graph import Database
from loader.library import load_library
from loader.packs import Verdict, evaluate_check
from loader.sync import Options, sync

pytestmark = pytest.mark.packs
FOLDER = Path(__file__).parent / "contoso"
VERDICTS = {"pass": Verdict.PASS, "fail": Verdict.FAIL, "not_evaluated": Verdict.NOT_EVALUATED}
LIBRARY = load_library()


def tables() -> dict[str, list[dict[str, Any]]]:
    """Check id → its entries; a check with a single entry need not write a list."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for check, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            assert check not in found, f"{path.name} has {check} a second time"
            found[check] = entries if isinstance(entries, list) else [entries]
    return found


def test_the_tables_know_every_check_both_passing_and_failing() -> None:
    known = tables()
    assert sorted(known) == sorted(LIBRARY.checks)
    for check, entries in known.items():
        for entry in entries:
            assert set(entry) <= {"parameters", *VERDICTS}, check
        # A check of the tenant as a whole has but one resource, and so one verdict.
        if sum(len(names) for entry in entries for key, names in entry.items() if key in VERDICTS) > 1:
            for verdict in ("pass", "fail"):
                assert any(entry.get(verdict) for entry in entries), f"nothing in Contoso makes {check} {verdict}"


def test_the_pack_sets_each_check_as_the_tables_do() -> None:
    """So that no control's parameters go untried."""
    known = tables()
    for pack in LIBRARY.packs.values():
        for _, control in pack.controls():
            if control.parameters and control.check:
                tried = [entry.get("parameters") for entry in known.get(control.check, [])]
                assert control.parameters in tried, f"{control.id} of {pack.id}"


async def test_contoso_has_the_verdicts_that_its_files_promise(database: Database) -> None:
    async with sessions.exchanges(exchanges(day=1)) as session:
        await sync(session, database, Options(), lambda _step: None)
    coverage = Coverage.read(database)
    wrong = []
    for check, entries in tables().items():
        for entry in entries:
            given = entry.get("parameters", {})
            result = evaluate_check(database, LIBRARY.check(check), coverage, given)
            told = sorted((one.name, one.verdict.value) for one in result.resources)
            expected = sorted((name, VERDICTS[key].value) for key in VERDICTS for name in entry.get(key, []))
            if told != expected:
                unexpected = [one for one in told if one not in expected]
                missing = [one for one in expected if one not in told]
                wrong.append(f"{check} {given or ''}: unexpected {unexpected}, missing {missing}")
    assert not wrong, "\n".join(wrong)
