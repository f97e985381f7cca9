"""The guard over type, area and run: what would go is counted before the first deletion."""

from __future__ import annotations

import pytest

from loader.graph import Database
from loader.graph.guard import Gone, hold_back
from tests.graph.tenant import AREA, entity, load, tenant

OTHER = "22222222-2222-2222-2222-222222222222"


def gone(step: str, count: int, stored: int, area: str = AREA) -> Gone:
    return Gone(step, area, [], set(range(count)), stored, lambda _scope: False)


def kept(*found: Gone) -> tuple[list[str], list[str]]:
    stored: dict[str, int] = {}
    for one in found:
        stored[one.area] = stored.get(one.area, 0) + one.stored
    allowed, told = hold_back(found, stored)
    return [one.step for one in allowed], told


def test_one_type_alone_is_kept_and_the_others_go() -> None:
    allowed, told = kept(gone("azure_vm", 30, 100), gone("azure_nic", 1, 900))
    assert allowed == ["azure_nic"]
    assert told[0].startswith("30 of 100 azure_vm")


def test_many_harmless_types_are_too_much_for_their_area() -> None:
    """A reader who lost the role on a subscription gets empty lists, each of a few entities."""
    types = [gone(f"azure_type_{n}", 15, 20) for n in range(10)]
    allowed, told = kept(*types, gone("azure_vm", 1, 50, OTHER), gone("azure_nic", 0, 5_000, OTHER))
    assert allowed == ["azure_vm", "azure_nic"]
    assert len(told) == 1
    assert "150 of 200 entities" in told[0]
    assert "Reader on the subscription" in told[0]


def test_many_harmless_areas_are_too_much_for_the_run() -> None:
    areas = [gone("azure_vm", 10, 20, f"0000000{n}-0000-0000-0000-000000000000") for n in range(6)]
    assert kept(*areas)[0] == []


def test_a_subscription_with_nothing_left_is_asked_about_however_small_it_was() -> None:
    assert kept(gone("azure_vm", 6, 6))[0] == []
    assert kept(gone("azure_vm", 5, 5))[0] == ["azure_vm"]
    assert kept(gone("azure_vm", 6, 7))[0] == ["azure_vm"]
    assert kept(gone("azure_user", 6, 6, "tenant:t"))[0] == ["azure_user"]


@pytest.mark.graph
def test_a_subscription_that_answers_every_list_empty_loses_nothing_without_consent(database: Database) -> None:
    small = {**tenant(12), "azure_secret": [entity("secret", n) for n in range(3)]}
    load(database, small)
    before = load(database, small).entities
    emptied = load(database, {name: [] for name in small})
    assert emptied.status == "partial"
    assert emptied.entities == before
    assert emptied.changes["deleted"] == 0
    assert "--accept-deletions" in emptied.notes[0]
    assert load(database, {name: [] for name in small}, accept_deletions=True).entities == {}


@pytest.mark.graph
def test_what_is_little_of_an_area_goes_whatever_its_number(database: Database) -> None:
    """24 of 300, over two types: more than twenty, and less than a tenth of what the area had before the run."""
    before = {f"azure_{kind}": [entity(kind, n) for n in range(150)] for kind in ("nic", "disk")}
    load(database, before)
    told = load(database, {name: records[12:] for name, records in before.items()})
    assert (told.status, told.notes, told.changes["deleted"]) == ("complete", [], 24)
