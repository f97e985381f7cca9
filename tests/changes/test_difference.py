"""The net difference of several runs is that of the first and the last graph, whatever happened in between."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some

from loader.changes import ChangeRow, difference

KEYS, PROPERTIES, LINKS = ("a", "b", "c"), ("sku", "owner"), ("USES -> x", "USES -> y")
# A world: what each entity has and is related to; who is not in it is not there.
ENTITIES = some.fixed_dictionaries({
    "properties": some.dictionaries(some.sampled_from(PROPERTIES), some.sampled_from("123")),
    "links": some.frozensets(some.sampled_from(LINKS)),
})  # fmt: skip
WORLDS = some.lists(some.dictionaries(some.sampled_from(KEYS), ENTITIES), min_size=2, max_size=6)


def change(run: int, key: str, op: str, path: str = "", before: str = "", after: str = "") -> ChangeRow:
    return ChangeRow(run, f"2026-01-{run + 1:02}", op, "azure_vm", key, key, path, before, after)


def told(run: int, before: dict, after: dict) -> list[ChangeRow]:
    """What a run records that finds one world where the other was."""
    rows = [change(run, key, "deleted", before="{}") for key in before.keys() - after.keys()]
    rows += [change(run, key, "created") for key in after.keys() - before.keys()]
    for key in before.keys() & after.keys():
        had, has = before[key]["properties"], after[key]["properties"]
        rows += [
            change(run, key, "updated", name, had.get(name, ""), has.get(name, ""))
            for name in PROPERTIES
            if had.get(name, "") != has.get(name, "")
        ]
        were, are = before[key]["links"], after[key]["links"]
        rows += [change(run, key, "linked", path) for path in are - were]
        rows += [change(run, key, "unlinked", path) for path in were - are]
    return rows


def said(rows: list[ChangeRow]) -> set[tuple[str, ...]]:
    return {(one.key, one.op, one.path, one.before, one.after) for one in rows}


@given(WORLDS)
@settings(max_examples=300, deadline=None)
def test_the_steps_add_up_to_the_difference_of_the_ends(worlds: list[dict]) -> None:
    steps = [row for run, (was, now) in enumerate(pairwise(worlds), 1) for row in told(run, was, now)]
    found = difference(steps)
    expected = said(told(9, worlds[0], worlds[-1]))
    # An entity that went and came back is told as new: what it had before it went was not kept whole.
    back = {
        key
        for key in worlds[0].keys() & worlds[-1].keys()
        if any(key not in world for world in worlds)
    }  # fmt: skip
    assert {one for one in said(found.changes) if one[0] not in back} == {one for one in expected if one[0] not in back}
    assert {one[:2] for one in said(found.changes) if one[0] in back} == {(key, "created") for key in back}
    assert found.passing == sum(
        any(key in world for world in worlds) and key not in worlds[0] and key not in worlds[-1] for key in KEYS
    )


def test_nothing_is_no_difference() -> None:
    assert difference([]).changes == []
    assert difference([]).counts == {}
