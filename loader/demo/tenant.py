"""The invented tenant of Contoso as the HTTP answers Azure and Microsoft Graph would give for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from loader.azure.transport.wire import Exchange
from loader.demo.addresses import GRAPH, RESOURCE_GRAPH, pattern_of, url_of
from loader.demo.answers import Answer, Labels, read_answers
from loader.demo.awkward import Bodies
from loader.demo.inventory import add_inventories, add_states
from loader.demo.merging import Scope
from loader.demo.overlay import happen, read_events, with_added
from loader.demo.placeholders import PlaceholderError, Placeholders
from loader.demo.reading import read_yaml
from loader.errors import UsageError

FOLDER = Path(__file__).parent

_Objects = dict[str, tuple[str, str]]  # id in lower case -> id, name


def exchanges(
    day: int = 1,
    *,
    awkward: bool = False,
    now: datetime | None = None,
    clock: datetime | None = None,
    folder: Path = FOLDER,
) -> list[Exchange]:
    """All answers of the tenant on its first day, or on the next (day 2).

    awkward: with what makes real tenants hard to load (refusals, thousands of roles, pages, ids in any casing).
    now: the moment expiry dates are counted from; midnight of today (UTC), so that a day's runs see one tenant.
    clock: the moment just before which the logs say that everything of the day was done; as now, where none is given.
    Raises UsageError naming the file and line of what cannot be read.
    """
    moment = now or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    made = _kept if folder == FOLDER else _made
    return list(made(day, awkward, moment, clock, folder))


def _made(day: int, awkward: bool, moment: datetime, clock: datetime | None, folder: Path) -> tuple[Exchange, ...]:
    overlays = [name for name, wanted in (("contoso-next-day", day > 1), ("contoso-awkward", awkward)) if wanted]
    events = [event for name in overlays for event in read_events(folder / name)]
    answers = with_added(read_answers(folder / "contoso"), events)
    labels = Labels(answers)
    names = folder / "contoso" / "names.yaml"
    labels.placeholders = placeholders = Placeholders(read_yaml(names) if names.exists() else {}, moment, labels, clock)
    bodies = _bodies(answers, placeholders)
    for event in events:
        if not event.adds_to_list:
            happen(bodies, event, placeholders)
    add_inventories(bodies)
    add_states(bodies)
    return tuple(_exchange(url, bodies.statuses.get(url, 200), body) for url, body in bodies.by_url.items())


# Making a day takes most of a second, and whoever plays it asks for it more than once.
_kept = lru_cache(maxsize=4)(_made)


def _exchange(url: str, status: int, body: Any) -> Exchange:
    # Policy and network managers are asked for states, and Resource Graph for everything, with a reading POST.
    method = "POST" if url.lower().endswith(("/queryresults", "/listdeploymentstatus", RESOURCE_GRAPH)) else "GET"
    if url.lower().endswith(RESOURCE_GRAPH):
        rows = body["value"]
        body = {"totalRecords": len(rows), "count": len(rows), "resultTruncated": "false", "facets": [], "data": rows}
    return Exchange.of_json(url, body, status=status, method=method)


def _bodies(answers: list[Answer], placeholders: Placeholders) -> Bodies:
    """What is answered: first what is written out, then what holds for each."""
    bodies = Bodies()
    objects: _Objects = {}
    for answer in sorted(answers, key=lambda one: one.each is not None):
        for scope in _repetitions(answer, objects):
            url, body = _expand(answer, scope, placeholders)
            _remember(objects, url, body)
            if answer.status != 200:
                bodies.statuses[url] = answer.status
            if url not in bodies.by_url:
                bodies.by_url[url] = body
            elif answer.many:
                bodies.by_url[url]["value"].extend(body["value"])
            elif answer.each is None:
                raise UsageError(f"{answer.file}, line {answer.line}: {url} is answered twice.")
    return bodies


def _repetitions(answer: Answer, objects: _Objects) -> Iterator[Scope]:
    """Once, or once for each known object whose id has the pattern of `each`. last: what follows the last slash."""
    if answer.each is None:
        yield Scope()
        return
    pattern = pattern_of(answer.each)
    for identifier, name in [objects[key] for key in objects if pattern.fullmatch(key)]:
        yield Scope({"each": Scope({"id": identifier, "name": name, "last": identifier.rpartition("/")[2]})})


def _expand(answer: Answer, scope: Scope, placeholders: Placeholders) -> tuple[str, Any]:
    try:
        url = url_of(str(placeholders.text(answer.get, [scope])))
        items = [placeholders.expand(item, [scope]) for item in answer.items]
    except PlaceholderError as error:
        raise UsageError(f"{answer.file}, line {error.line or answer.line}: {error}.") from error
    return url, {"value": items} if answer.many else items[0]


def _remember(objects: _Objects, url: str, body: Any) -> None:
    """Keeps what `each` can repeat for: ARM ids as they are, other objects by the path of their list."""
    for item in body["value"] if isinstance(body.get("value"), list) else [body]:
        identifier = str(item.get("id", ""))
        if identifier and not identifier.startswith("/"):
            identifier = f"{url.removeprefix(GRAPH)}/{identifier}"
        if identifier:
            objects.setdefault(identifier.lower(), (identifier, str(item.get("name", ""))))
