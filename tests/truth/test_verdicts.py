"""The truth table: every check on three worlds, each loaded through the real sync.

The demo tenant is invented and lies beside the code; the recordings are real tenants' answers, which are not shipped.
A check, or a resource that a check judges, without a row fails: new verdicts are looked at before they are believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from loader.azure import sessions
from loader.azure.session import AzureSession
from loader.coverage import Coverage
from loader.demo import exchanges
from loader.graph import Database
from loader.library import Check, shipped_library
from loader.library.parameters import bind
from loader.packs import evaluate_check
from loader.packs.populations import Populations
from loader.sync import Options, sync
from tests.services.witnesses.recordings import SHARED
from tests.truth.verdict_tables import JUDGED, entries

LIBRARY = shipped_library()
RECORDED = {"shared": SHARED / "recordings", "custodian": SHARED / "recordings-custodian"}


def demo() -> AzureSession:
    return sessions.exchanges(exchanges(day=1))


def recorded(world: str) -> AzureSession:
    if not RECORDED[world].is_dir():
        pytest.skip(f"there are no recordings in {RECORDED[world]}")
    return sessions.replay([RECORDED[world]])


def setting(check: Check, parameters: Mapping[str, Any]) -> str:
    """A check as it is set somewhere: what is written out and what is left to its defaults is the same."""
    return f"{check.id} {sorted(bind(check.id, check.parameters, parameters).items())}"


def used() -> dict[str, tuple[Check, Mapping[str, Any]]]:
    """Every check in every setting that a pack uses."""
    uses = [use for pack in LIBRARY.packs.values() for _, control in pack.controls() for use in control.uses]
    checks = [(LIBRARY.check(use.check), use.parameters) for use in uses]
    return {setting(check, parameters): (check, parameters) for check, parameters in checks}


async def wrong_verdicts(world: str, session: AzureSession, database: Database) -> list[str]:
    """What the checks say otherwise than the world's table, in sentences."""
    async with session:
        await sync(session, database, Options(), lambda _step: None)
    coverage, populations = Coverage.read(database), Populations(LIBRARY.checks.values())
    wrong: list[str] = []
    left = used()
    for entry in entries(world):
        check = LIBRARY.check(entry.check)
        left.pop(setting(check, entry.parameters), None)
        result = evaluate_check(database, check, coverage, entry.parameters, populations=populations)
        wrong += entry.differences(result, whole=world == "demo")
    for check, parameters in left.values():
        result = evaluate_check(database, check, coverage, parameters, populations=populations)
        judged = [one.name for one in result.resources if one.verdict.value in JUDGED]
        wrong += [f"{check.id} {dict(parameters) or ''} judges {judged} and is not in the table"] if judged else []
    return wrong


@pytest.mark.packs
async def test_the_demo_tenant(database: Database) -> None:
    wrong = await wrong_verdicts("demo", demo(), database)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("world", RECORDED)
async def test_recorded_tenants(world: str, database: Database) -> None:
    wrong = await wrong_verdicts(world, recorded(world), database)
    assert not wrong, "\n".join(wrong)


def test_the_demo_tenant_has_every_check_in_every_setting_of_the_packs_both_passing_and_failing() -> None:
    told: dict[str, set[str]] = {}
    rows: dict[str, int] = {}
    for entry in entries("demo"):
        told.setdefault(entry.check, set()).update(entry.rows.values())
        rows[entry.check] = rows.get(entry.check, 0) + len(entry.rows)
    missing = sorted(set(LIBRARY.checks) - set(told))
    assert not missing, f"no file of tests/truth/verdicts/demo/ says what these are to say of Contoso: {missing}"
    assert set(told) <= set(LIBRARY.checks)
    # A check of the tenant as a whole has but one resource, and so one verdict.
    one_sided = [check for check, count in rows.items() if count > 1 and not told[check] >= {*JUDGED}]
    assert not one_sided, f"the demo tenant needs a resource that passes and one that fails: {one_sided}"
    tried = {setting(LIBRARY.check(entry.check), entry.parameters) for entry in entries("demo")}
    assert set(used()) - tried == set()


@pytest.mark.parametrize("world", ["demo", *RECORDED])
def test_each_setting_stands_once(world: str) -> None:
    settings = [setting(LIBRARY.check(entry.check), entry.parameters) for entry in entries(world)]
    assert sorted(settings) == sorted(set(settings))


def test_the_table_has_at_least_six_hundred_rows() -> None:
    assert sum(len(entry.rows) for world in ("demo", *RECORDED) for entry in entries(world)) >= 600
