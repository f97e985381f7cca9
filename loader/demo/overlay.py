"""Events over the answers of the first day: objects are patched, removed or added, whole answers refused or cut."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.demo.addresses import is_log
from loader.demo.answers import Answer
from loader.demo.awkward import Bodies
from loader.demo.merging import merge_patch
from loader.demo.placeholders import PlaceholderError, Placeholders, guid
from loader.demo.reading import Block, read_list
from loader.errors import UsageError

# What each verb needs, and what it may have.
_FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "patch": ({"with"}, set()),
    "remove": (set(), set()),
    "add": ({"item"}, {"at", "repeat"}),
    "refuse": (set(), set()),
    "page": ({"size"}, set()),
    "recase": (set(), set()),
    "mirror": ({"at"}, {"status"}),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. verb: one of those above; subject: an id, or the path of answers."""

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
        raise UsageError(f"{file}, line {block.line}: an event is one of {', '.join(_FIELDS)}.")
    needed, allowed = _FIELDS[verbs[0]]
    wrong = (needed - set(block)) | (set(block) - needed - allowed - {verbs[0]})
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
        changed[place] = changed[place].with_items(_repeated(event))
    return changed


def _repeated(event: Event) -> list[Block]:
    """The added object, or as many as `repeat` says, each with its number as `$n` and a GUID of its own."""
    item, times = event.block["item"], event.block.get("repeat")
    if times is None:
        return [item]
    items = [Block({**item, "$n": n, "$guid": guid(f"{event.subject} {n}")}) for n in range(1, times + 1)]
    for one in items:
        one.line = item.line
    return items


def happen(bodies: Bodies, event: Event, placeholders: Placeholders) -> None:
    """Lets one event change the answers; raises UsageError where it is about something that nothing answers."""
    try:
        found = _happen(bodies, event, str(placeholders.text(event.subject, ())), placeholders)
    except PlaceholderError as error:
        raise UsageError(f"{event.file}, line {error.line or event.block.line}: {error}.") from error
    if not found:
        raise UsageError(f"{event.file}, line {event.block.line}: nothing answers {event.subject}.")


def _happen(bodies: Bodies, event: Event, subject: str, placeholders: Placeholders) -> bool:
    match event.verb:
        case "refuse":
            return bodies.refuse(subject)
        case "page":
            return bodies.page(subject, event.block["size"])
        case "recase":
            return bodies.recase(subject)
        case "mirror":
            target = str(placeholders.text(event.block["at"], ()))
            return bodies.mirror(subject, target, refused="status" in event.block)
        case "remove":
            return _remove(bodies, subject.lower())
    told = (body for url, body in bodies.by_url.items() if not is_log(url))
    matches = [one for body in told for one in _objects(body, subject.lower())]
    for found in matches:
        _change(found, event, placeholders)
    return bool(matches)


def _remove(bodies: Bodies, key: str) -> bool:
    left = {url: body for url, body in bodies.by_url.items() if f"{key}/" not in f"{url.lower()}/"}
    pruned = {url: body if is_log(url) else _without(body, key) for url, body in left.items()}
    found = pruned != bodies.by_url
    bodies.by_url = pruned
    return found


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
