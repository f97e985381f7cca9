"""The invented tenant of Contoso as the HTTP answers Azure and Microsoft Graph would give for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from loader.azure.transport.wire import Exchange
from loader.demo.answers import Answer, Labels, read_answers
from loader.demo.merging import Scope
from loader.demo.overlay import happen, read_events, with_added
from loader.demo.placeholders import PlaceholderError, Placeholders
from loader.demo.reading import read_yaml
from loader.errors import UsageError

FOLDER = Path(__file__).parent
ARM = "https://management.azure.com"
GRAPH = "https://graph.microsoft.com"

_Objects = dict[str, tuple[str, str]]  # id in lower case -> id, name


def exchanges(day: int = 1, *, now: datetime | None = None, folder: Path = FOLDER) -> list[Exchange]:
    """All answers of the tenant on its first day, or on the next (day 2).

    now: the moment expiry dates are counted from; midnight of today (UTC), so that a day's runs see one tenant.
    Raises UsageError naming the file and line of what cannot be read.
    """
    moment = now or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    events = read_events(folder / "contoso-next-day") if day > 1 else []
    answers = with_added(read_answers(folder / "contoso"), events)
    labels = Labels(answers)
    names = folder / "contoso" / "names.yaml"
    labels.placeholders = placeholders = Placeholders(read_yaml(names) if names.exists() else {}, moment, labels)
    bodies, statuses = _bodies(answers, placeholders)
    for event in events:
        if not event.adds_to_list:
            try:
                bodies = happen(bodies, event, placeholders)
            except PlaceholderError as error:
                raise UsageError(f"{event.file}, line {error.line or event.block.line}: {error}.") from error
    return [_exchange(url, statuses.get(url, 200), body) for url, body in bodies.items()]


def _exchange(url: str, status: int, body: Any) -> Exchange:
    # Policy is asked for its states with a POST, which changes nothing.
    method = "POST" if url.lower().endswith("/queryresults") else "GET"
    return Exchange.of_json(url, body, status=status, method=method)


def _bodies(answers: list[Answer], placeholders: Placeholders) -> tuple[dict[str, Any], dict[str, int]]:
    """The bodies by URL and the statuses that are not 200: what is written out first, then what holds for each."""
    bodies: dict[str, Any] = {}
    statuses: dict[str, int] = {}
    objects: _Objects = {}
    for answer in sorted(answers, key=lambda one: one.each is not None):
        for scope in _repetitions(answer, objects):
            url, body = _expand(answer, scope, placeholders)
            _remember(objects, url, body)
            if answer.status != 200:
                statuses[url] = answer.status
            if url not in bodies:
                bodies[url] = body
            elif answer.many:
                bodies[url]["value"].extend(body["value"])
            elif answer.each is None:
                raise UsageError(f"{answer.file}, line {answer.line}: {url} is answered twice.")
    return bodies, statuses


def _repetitions(answer: Answer, objects: _Objects) -> Iterator[Scope]:
    """Once, or once for each known object whose id has the pattern of `each`."""
    if answer.each is None:
        yield Scope()
        return
    pattern = re.compile(re.escape(answer.each).replace(r"\*", "[^/]+"), re.IGNORECASE)
    for identifier, name in [objects[key] for key in objects if pattern.fullmatch(key)]:
        yield Scope({"each": Scope({"id": identifier, "name": name})})


def _expand(answer: Answer, scope: Scope, placeholders: Placeholders) -> tuple[str, Any]:
    try:
        url = _url(str(placeholders.text(answer.get, [scope])))
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


def _url(path: str) -> str:
    """The host is the area's: Microsoft Graph for its versions, a URL written out as it is, else Resource Manager."""
    if path.startswith("https://"):
        return path
    return (GRAPH if path.startswith(("/v1.0/", "/beta/")) else ARM) + quote(path, safe="/?&=$%#@:,;()'!*+")
