"""From the items of an answer to records, one by one: what cannot be read costs itself only, and is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from loader.azure.errors import AzureError
from loader.mapping import build_record, identity, identity_of
from loader.model import Arm, Call, Detail, Embedded, EntityType, Graph, Json, Outcome, Quiet, Record, Status
from loader.shapes import WrongShapeError, read
from loader.sync.own_ids import can_be

# States of a subscription in which Azure may refuse what it answered before. One that is past due or warned is still
# active, so a refusal in it is what it is anywhere else.
# https://learn.microsoft.com/azure/cost-management-billing/manage/subscription-states
_NOT_ENABLED = frozenset({"disabled", "deleted"})
_THROTTLED = 429
# Entities that are named one by one where something of them is unknown; with more of them it is unknown of all.
MOST_NAMED = 1_000


@dataclass(frozen=True, slots=True)
class Odd:
    """An item that could not be made an entity, or of which something could not be read. told: why, as a sentence.
    key: what its entity goes by, where that can be told: the others of its list are then not in doubt. lost: nothing
    of it was loaded, so that nothing is known of what belongs to it. withheld: Azure answered it without what its
    provider says of it; its list is whole all the same, and it alone is not judged.
    """

    told: str
    key: str = ""
    lost: bool = True
    withheld: bool = False


def key_of(entity_type: EntityType, answer: Json) -> str:
    """The `_key` that an answer's record will have; empty where it has no id that can be read."""
    try:
        return identity_of(entity_type, answer).lower()
    except Exception:  # noqa: BLE001 - `records_of` tells of it
        return ""


def is_due(call: Call, parent: Json) -> bool:
    """Whether a call makes sense for its parent. One whose answer cannot be judged is asked for: Azure will say."""
    try:
        return call.when is None or call.when(parent)
    except Exception:  # noqa: BLE001 - a value of a shape nobody foresaw must not end the run
        return True


def named_by(fetch: Arm | Graph, parents: list[Json]) -> dict[str, str]:
    """The ids that parents' answers name, by their lower case. A parent that cannot be read names none."""
    names: dict[str, str] = {}
    for parent in parents:
        with suppress(Exception):  # its own step has told of it
            names.update((key.lower(), key) for key in (fetch.each(parent) if fetch.each else ()))
    return names


def parts_of(fetch: Arm, parent: Json) -> list[str]:
    """The ids of the parts of a parent that a call is about. A parent that cannot be read has none."""
    with suppress(Exception):  # its own step has told of it
        return list(fetch.parts(parent)) if fetch.parts else []
    return []


def entities_of(entity_type: EntityType, items: list[Json], odd: list[Odd]) -> list[Json]:
    """The answers of this type among the items of a page. odd: gains each item that cannot be read."""
    found: list[Json] = []
    for item in items:
        try:
            parts = [item] if entity_type.spread is None else list(entity_type.spread(item))
            for part in parts:
                if isinstance(part.get("id"), str):
                    part["id"] = identity(part["id"])
            found += [part for part in parts if entity_type.keep is None or entity_type.keep(part)]
        except Exception as error:  # noqa: BLE001 - a value of a shape nobody foresaw must not end the run
            # One item may be several entities.
            key = key_of(entity_type, item) if entity_type.spread is None else ""
            odd.append(Odd(_unreadable(entity_type, item, error), key))
    return found


def records_of(entity_type: EntityType, answers: list[Json], odd: list[Odd]) -> Iterator[tuple[Json, Record]]:
    """Each answer with its record. odd: gains each that cannot be an entity, and each of which something cannot be
    read; the others go on.
    """
    for answer in answers:
        try:
            record = build_record(entity_type, answer)
        except Exception as error:  # noqa: BLE001 - a value of a shape nobody foresaw must not end the run
            odd.append(Odd(_unreadable(entity_type, answer, error), key_of(entity_type, answer)))
            continue
        if record is None:
            odd.append(_nobody(entity_type))
            continue
        if record.odd:
            told = f"{_name_of(answer)} was not read whole as {entity_type.type}: {record.odd}."
            named = told if record.withheld else f"{told} Report this."
            odd.append(Odd(named, record.key, lost=False, withheld=record.withheld))
        yield answer, record


def own_of(entity_type: EntityType, answers: list[Json], odd: list[Odd]) -> list[Json]:
    """Those of the answers, with their context, that can be what was asked for. odd: gains each that cannot.

    Such a one is nobody's: its id says nothing of which entity was not read, so its list is not whole.
    """
    own = []
    for answer in answers:
        # Which cannot be told by a key at all are told of where they are read.
        key = key_of(entity_type, answer)
        if key and not can_be(entity_type, answer, key):
            odd.append(_nobody(entity_type))
        else:
            own.append(answer)
    return own


def odd_outcome(odd: Sequence[Odd]) -> Outcome:
    """How a list ended of which some items could not be read."""
    loud = [one for one in odd if not one.withheld]
    status = Status.FAILED if loud or len(odd) > MOST_NAMED else Status.COMPLETE
    return Outcome(status, f"{len(odd)} of its items: {(loud or odd)[0].told}")


def failure_outcome(error: AzureError, subscription: Json | None, *, about_one: bool) -> Outcome:
    """How a scope ended whose call failed.

    subscription: its wire answer, whose state explains refusals. about_one: the call was about one resource that a list
    had named, so that "not found" means that it was deleted since.
    """
    state = str((subscription or {}).get("state") or "Enabled")
    refused = error.http_status is not None and 400 <= error.http_status < 500 and error.http_status != _THROTTLED
    if error.quiet is None and refused and state.lower() in _NOT_ENABLED:
        told = f"The subscription is {state.lower()}; what is stored of it was kept. {error.reason}"
        return Outcome(Status.UNAVAILABLE, told, Quiet.DISABLED)
    if about_one and error.not_found:
        return Outcome(Status.UNAVAILABLE, f"It was deleted while this run was reading. {error.reason}", Quiet.GONE)
    return error.outcome


def call_of(entity_type: EntityType) -> Call:
    """The call of a type that has a step of its own."""
    if isinstance(entity_type.fetch, Embedded | None):
        raise TypeError(f"{entity_type.type} has no call of its own")
    return entity_type.fetch


def item_of(found: object, detail: Detail, answer: Json) -> object:
    """What a detail tells of one entity: of a list that all entities share, the entity's item."""
    if not detail.by or not isinstance(found, dict):
        return found
    return found.get(str(answer.get(detail.by)).lower(), {})


def parts_in(part: EntityType, at: str, answer: Json, odd: list[Odd]) -> list[Json]:
    """The parts of an answer that are entities of a type of their own, at a path. odd: gains what is none.

    What cannot be told by a key of its own is known by that of the answer it is in, below which it would be.
    """
    key = str(answer["@key"])
    try:
        items = read(answer, at)
        has_null = any(isinstance(one, list) and None in one for one in read(answer, at.removesuffix("[]")))
    except WrongShapeError as error:
        odd.append(Odd(f"{_name_of(answer)} was not read whole as {part.type}: {error}. Report this.", key))
        return []
    found = [dict(item) for item in items if isinstance(item, dict)]
    if has_null or len(found) < len(items):
        odd.append(Odd(f"{_name_of(answer)} has a part that is no object where {part.type} is due. Report this.", key))
    return found


def _nobody(entity_type: EntityType) -> Odd:
    return Odd(f"One has no id of an {entity_type.type}, so it cannot be one. Run azgraph once more.")


def _name_of(answer: Json) -> str:
    return str(answer.get("id") or answer.get("name") or "one without a name")[:300]


def _unreadable(entity_type: EntityType, item: Json, error: Exception) -> str:
    why = f"a value that cannot be read as {entity_type.type} ({type(error).__name__})"
    return f"{_name_of(item)} has {why}. Report this."
