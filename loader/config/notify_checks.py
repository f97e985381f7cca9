"""Mistakes between values of what a configuration says under `notify`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loader.config.notify import KINDS, LOOPBACK
from loader.nearest import nearest

Place = tuple[int | str, ...]
Found = tuple[Place, str]
_SECRETS = (
    ("apprise",),
    *((kind, name) for kind, name in (("webhook", "secret"), ("webhook", "url_from"))),
    *((kind, "token") for kind in ("jira", "github", "splunk")),
)


def notify_mistakes(data: Any) -> Iterator[Found]:
    """Each mistake with its place."""
    said = data.get("notify") if isinstance(data, dict) else None
    if not isinstance(said, dict):
        return
    channels, routes = _listed(said, "channels"), _listed(said, "routes")
    yield from _names("channels", channels)
    yield from _names("routes", routes)
    for at, one in channels:
        yield from _channel(("notify", "channels", at), one)
    yield from _instances(data, channels)
    yield from _routes([str(one.get("name")) for _, one in channels], routes)


def secrets_of_channels(data: Any) -> Iterator[tuple[Place, dict[str, Any]]]:
    """What is written where a channel says where a secret stands, with its place."""
    said = data.get("notify") if isinstance(data, dict) else None
    for at, one in _listed(said, "channels") if isinstance(said, dict) else ():
        for path in _SECRETS:
            value: Any = one
            for key in path:
                value = value.get(key) if isinstance(value, dict) else None
            if isinstance(value, dict):
                yield ("notify", "channels", at, *path), value


def _listed(said: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    listed = said.get(key)
    return [(at, one) for at, one in enumerate(listed if isinstance(listed, list) else []) if isinstance(one, dict)]


def _names(key: str, listed: list[tuple[int, dict[str, Any]]]) -> Iterator[Found]:
    seen: dict[str, int] = {}
    for at, one in listed:
        name = one.get("name")
        if isinstance(name, str) and seen.setdefault(name.casefold(), at) != at:
            yield ("notify", key, at, "name"), f"another one is called {name!r} too; give each a name of its own"


def _channel(place: Place, one: dict[str, Any]) -> Iterator[Found]:
    kinds = [kind for kind in KINDS if one.get(kind) is not None]
    if len(kinds) != 1:
        yield place, f"a channel is exactly one of {', '.join(KINDS)}"
    webhook = one.get("webhook")
    if isinstance(webhook, dict) and (webhook.get("url") is None) == (webhook.get("url_from") is None):
        yield (*place, "webhook"), "exactly one of url and url_from says where to"
    for kind in KINDS:
        part = one.get(kind)
        if not isinstance(part, dict):
            continue
        for key in ("url", "endpoint"):
            if is_plain(part.get(key)) and not part.get("plain_http"):
                more = "; or write `plain_http: true`" if kind in ("webhook", "splunk") else ""
                yield (*place, kind, key), f"without TLS it goes to this machine alone; write https://{more}"


def is_plain(url: object) -> bool:
    """Whether an address leads to another machine without TLS."""
    return isinstance(url, str) and bool(re.match(r"http://", url)) and not re.match(rf"http://{LOOPBACK}(:|/|$)", url)


def _instances(data: dict[str, Any], channels: list[tuple[int, dict[str, Any]]]) -> Iterator[Found]:
    listed = data.get("instances")
    names = [str(one.get("name")) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    for at, one in channels:
        sentinel = one.get("sentinel")
        name = sentinel.get("instance") if isinstance(sentinel, dict) else None
        if isinstance(name, str) and name not in names:
            yield (
                ("notify", "channels", at, "sentinel", "instance"),
                f"there is no instance {name!r}{_near(name, names)}",
            )


def _routes(names: list[str], routes: list[tuple[int, dict[str, Any]]]) -> Iterator[Found]:
    for at, one in routes:
        written = one.get("channels")
        for index, name in enumerate([written] if isinstance(written, str) else written or ()):
            if isinstance(name, str) and name not in names:
                place = ("notify", "routes", at, "channels", index)
                yield place, f"there is no channel {name!r}{_near(name, names)}"
        events, at_once = one.get("events"), one.get("at_once")
        if isinstance(events, list) and isinstance(at_once, list):
            for index, event in enumerate(at_once):
                if event not in events:
                    yield ("notify", "routes", at, "at_once", index), f"{event} is not among the `events` of this route"
        quiet = one.get("quiet")
        if isinstance(quiet, dict) and not quiet.get("hours") and not quiet.get("days"):
            yield ("notify", "routes", at, "quiet"), "say `hours`, `days`, or both"


def _near(name: str, names: list[str]) -> str:
    near = nearest(name, names)
    return f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(names) or 'none'}"
