"""Which channels an alert goes to, by which route, and whether it waits for the digest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from loader.alerts.alert import Alert
from loader.config.notify import Route
from loader.verdicts import Severity


@dataclass(frozen=True, slots=True)
class Way:
    """A channel that something goes to, the route that leads there, and whether it waits for the route's digest."""

    channel: str
    route: str
    digest: bool


@dataclass(frozen=True, slots=True)
class Place:
    """What the graph knows of an alert's entity, as far as routes ask for it. tags: by name in lower case."""

    tags: Mapping[str, str]
    subscription: str = ""


def ways(
    routes: Iterable[Route], alert: Alert, event: str, place: Place, packs_of: Callable[[str], Collection[str]]
) -> list[Way]:
    """Each channel once, by the first route that leads the alert there."""
    found: dict[str, Way] = {}
    for route in routes:
        if fits(route, alert, place, packs_of):
            for channel in route.channels:
                if channel not in found:
                    # A route that fits and does not tell this event keeps the later ones from telling it.
                    found[channel] = Way(channel, route.name, waits(route, event))
    told = {route.name: route.events for route in routes}
    return [way for way in found.values() if event in told[way.route]]


def waits(route: Route, event: str) -> bool:
    """Whether an event waits for the digest of a route."""
    return route.digest is not None and event not in route.at_once


def fits(route: Route, alert: Alert, place: Place, packs_of: Callable[[str], Collection[str]]) -> bool:
    """Whether the route is for this alert. All that it names must hold; of what it lists, one."""
    if alert.severity.rank > Severity(route.severity).rank:
        return False
    if (route.rules or route.packs) and not (
        _like(route.rules, alert.rule_id) or set(route.packs) & set(packs_of(alert.rule_id))
    ):
        return False
    if route.owners and not _like(route.owners, alert.owner):
        return False
    if route.subscriptions:
        names = {name.casefold() for name in (alert.area, place.subscription) if name}
        if not names & {name.casefold() for name in route.subscriptions}:
            return False
    return all(_tagged(place.tags, name, value) for name, value in route.tags.items())


def _like(patterns: Iterable[str], text: str) -> bool:
    return any(fnmatchcase(text.casefold(), pattern.casefold()) for pattern in patterns)


def _tagged(tags: Mapping[str, str], name: str, value: str | None) -> bool:
    there = tags.get(name.casefold())
    return there is not None and (value is None or there.casefold() == value.casefold())
