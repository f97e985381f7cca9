"""What happened the next day: objects that are patched, removed or added, by id, over the answers of the first day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.demo.answers import Answer
from loader.demo.merging import merge_patch
from loader.demo.placeholders import Placeholders
from loader.demo.reading import Block, read_list
from loader.errors import UsageError

_FIELDS = {"patch": {"with"}, "remove": set(), "add": {"item", "at"}}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. verb: patch, remove, add; subject: an id, or for `add` the list's path or an id."""

    verb: str
    subject: str
    block: Block
    file: Path

    @property
    def adds_to_list(self) -> bool:
        """Whether it adds to an answered list; otherwise it changes an object that is answered."""
        return self.verb == "add" and "at" not in self.block


def read_events(folder: Path) -> list[Event]:
    """The events of a folder in the order of its files; raises UsageError naming file and line."""
    return [_event(block, file) for file in sorted(folder.rglob("*.yaml")) for block in read_list(file)]


def _event(block: Block, file: Path) -> Event:
    verbs = [verb for verb in _FIELDS if verb in block]
    if len(verbs) != 1:
        raise UsageError(f"{file}, line {block.line}: an event is one of patch, remove and add.")
    needed = _FIELDS[verbs[0]]
    wrong = (needed - {"at"} - set(block)) | (set(block) - needed - {verbs[0]})
    if wrong:
        raise UsageError(f"{file}, line {block.line}: {min(wrong)} is missing or does not belong here.")
    return Event(verbs[0], block[verbs[0]], block, file)


def with_added(answers: list[Answer], events: list[Event]) -> list[Answer]:
    """The answers with the objects that are added to their lists."""
    changed = list(answers)
    for event in events:
        if not event.adds_to_list:
            continue
        place = next((i for i, one in enumerate(changed) if one.get == event.subject and one.many), None)
        if place is None:
            raise UsageError(f"{event.file}, line {event.block.line}: no list is answered at {event.subject}.")
        changed[place] = changed[place].with_items([event.block["item"]])
    return changed


def happen(bodies: dict[str, Any], event: Event, placeholders: Placeholders) -> dict[str, Any]:
    """The answers by URL after one event; raises UsageError where it is about an object that nothing answers."""
    key = str(placeholders.text(event.subject, ())).lower()
    if event.verb == "remove":
        left = {url: body for url, body in bodies.items() if f"{key}/" not in f"{url.lower()}/"}
        pruned = {url: _without(body, key) for url, body in left.items()}
        found = pruned != bodies
    else:
        matches = [one for body in bodies.values() for one in _objects(body, key)]
        found, pruned = bool(matches), bodies
        for match in matches:
            _change(match, event, placeholders)
    if not found:
        raise UsageError(f"{event.file}, line {event.block.line}: nothing answers {event.subject}.")
    return pruned


def _change(target: dict[str, Any], event: Event, placeholders: Placeholders) -> None:
    if event.verb == "patch":
        patched = merge_patch(target, placeholders.expand(event.block["with"]))
        target.clear()
        target.update(patched)
        return
    place: Any = target
    *path, last = event.block["at"].split(".")
    for step in path:
        place = place[step]
    place.setdefault(last, []).append(placeholders.expand(event.block["item"]))


def _objects(value: Any, key: str) -> list[dict[str, Any]]:
    """The objects with that id that say more than the id (which would be a mere reference)."""
    if isinstance(value, list):
        return [found for item in value for found in _objects(item, key)]
    if not isinstance(value, dict):
        return []
    own = [value] if len(value) > 1 and _identity(value) == key else []
    return own + [found for item in value.values() for found in _objects(item, key)]


def _without(value: Any, key: str) -> Any:
    """`value` without the object of that id and without references to it."""
    if isinstance(value, list):
        return [_without(item, key) for item in value if not _is(item, key)]
    if isinstance(value, dict):
        return {name: _without(item, key) for name, item in value.items() if not _is(item, key)}
    return value


def _is(value: Any, key: str) -> bool:
    return isinstance(value, dict) and _identity(value) == key


def _identity(value: dict[str, Any]) -> str:
    """What an object is called by: `id`, or `kid` for a vault's key."""
    return str(value.get("id") or value.get("kid") or "").lower()
