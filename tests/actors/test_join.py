"""The join never guesses: whoever is told is the only one who did anything that can have made the change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from loader.actors.deeds import Actor, Deed, Kind, of_activity_log, of_directory_audit, of_resource_graph
from loader.actors.join import Changed, Deeds, Known, candidates, places, verdict

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = ("/subscriptions/s/resourcegroups/g/providers/p/t/a", "/subscriptions/s/resourcegroups/g", "group", "user")
PEOPLE = {"ada": {"ada", "1"}, "bo": {"bo", "2"}, "cy": {"cy"}}
MAKES = {
    "created": {Kind.CREATE, Kind.CHANGE},
    "updated": {Kind.CREATE, Kind.CHANGE},
    "linked": {Kind.CREATE, Kind.CHANGE},
    "unlinked": {Kind.CREATE, Kind.CHANGE, Kind.DELETE},
    "deleted": {Kind.DELETE},
}


@some.composite
def deeds(draw: some.DrawFn) -> Deed:
    person = draw(some.sampled_from([*PEOPLE, None]))
    name = draw(some.sampled_from(sorted(PEOPLE[person]))) if person else ""
    # Some logs know one name of a person, some another; that both are one, the graph knows.
    return Deed(
        at=BEGIN + timedelta(minutes=draw(some.integers(-3, 3))),
        kind=draw(some.sampled_from(Kind)),
        targets=draw(some.frozensets(some.sampled_from(KEYS), min_size=1, max_size=2)),
        actor=Actor(name, frozenset({name})) if person else None,
        correlation_id=f"of {person} at " + str(draw(some.integers(0, 2))) if person and draw(some.booleans()) else "",
    )


def person_of(name: str) -> str | None:
    return next((person for person, names in PEOPLE.items() if name in names), None)


def known(name: str) -> Known | None:
    person = person_of(name)
    return Known(f"key of {person}", person.title()) if person else None


CHANGES = some.builds(
    Changed,
    id=some.just("c"),
    op=some.sampled_from(sorted(MAKES)),
    key=some.sampled_from(KEYS),
    since=some.just(BEGIN),
    far=some.sampled_from(["", "user"]),
)


@given(CHANGES, some.lists(deeds(), max_size=8), some.booleans())
@settings(max_examples=300, deadline=None)
def test_nobody_is_named_who_is_not_the_only_one(change: Changed, done: list[Deed], forgets: bool) -> None:
    log = Deeds(BEGIN + timedelta(days=1) if forgets else BEGIN - timedelta(days=1))
    for deed in done:
        log.add(deed)
    said = verdict(candidates(change, [log]), known)
    own = set(places(replace(change, far="")))

    def can(one: Deed) -> bool:
        with_far = change.op == "unlinked" and change.far in one.targets and one.kind is Kind.DELETE
        return one.at >= BEGIN and ((bool(one.targets & own) and one.kind in MAKES[change.op]) or with_far)

    able = [one for one in done if can(one) and not forgets]
    if said is None:
        people = {person_of(one.actor.name) for one in able if one.actor}
        # Silence is right where nobody, or nobody by name, can have made it.
        assert not people or any(one.actor is None for one in able)
        return
    if said.deed is None:
        assert len(said.candidates) > 1
        return
    assert said.deed in able
    assert said.actor is not None
    mine = person_of(said.actor.name)
    others = [one for one in able if one.actor is None or person_of(one.actor.name) != mine]
    if change.far and any(
        one.targets & own and change.far in one.targets and one.kind in MAKES[change.op] for one in able
    ):
        others = [one for one in others if change.far in one.targets]
    # Others are out of the question where one created it, or where some had to do with both ends, and they had not.
    creation = change.op == "created" and said.deed.kind is Kind.CREATE
    same = {one.correlation_id for one in able if one.actor and person_of(one.actor.name) == mine} - {""}
    assert creation or all(one.actor is None and one.correlation_id in same for one in others)


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
FIELDS = (
    "changeTime", "targetResourceId", "changedBy", "changeType", "eventTimestamp", "resourceId", "claims", "caller",
    "operationName", "status", "activityDateTime", "targetResources", "initiatedBy", "result", "correlationId",
)  # fmt: skip


@given(some.dictionaries(some.sampled_from(FIELDS), ANYTHING))
@settings(max_examples=300, deadline=None)
def test_whatever_is_answered_is_read_or_left(item: dict[str, Any]) -> None:
    for read in (of_resource_graph, of_activity_log, of_directory_audit):
        told = read(item)
        assert told is None or told.targets


def test_what_resource_graph_does_not_know_is_no_name() -> None:
    row = {"changeTime": "2025-05-29T14:17:41.173Z", "targetResourceId": "/Subscriptions/S/x", "changeType": "Update"}
    system = of_resource_graph({
        **row, "changedBy": "System", "changedByType": "System", "clientType": "Unspecified",
        "operation": "Unspecified", "correlationId": "00000000-0000-0000-0000-000000000000",
    })  # fmt: skip
    assert system is not None
    assert system.actor == Actor("System", frozenset({"system"}), "System")
    assert (system.client, system.operation, system.correlation_id) == ("", "", "")
    unknown = of_resource_graph({**row, "changedBy": "Unspecified"})
    assert unknown is not None
    assert unknown.actor is None


def test_two_of_one_name_are_two() -> None:
    done = [
        Deed(BEGIN, Kind.CHANGE, frozenset({"user"}), Actor(name, frozenset({name})))
        for name in ("ada@one.example", "ada@two.example")
    ]
    said = verdict(done, lambda name: Known(name, "Ada"))
    assert said is not None
    assert said.candidates == ("ada@one.example", "ada@two.example")
