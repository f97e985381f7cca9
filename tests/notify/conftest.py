"""A graph that is moved by hand, with channels that write down what they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from apprise import NotifyBase

from loader.alerts.evaluate import evaluate
from loader.config.notify import Notify
from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.file import FileChannel
from loader.notify.channels.http import Http
from loader.notify.channels.opening import traits_of
from loader.notify.deliveries import STATES, listed
from loader.notify.message import Message
from loader.notify.outbox import Outbox, ensure_schema, rule_facts
from loader.notify.planning import Traits
from loader.notify.sending import Post, Told, send
from tests.alerts.conftest import STATE_RULE, World

PEOPLE = {"name": "people", "apprise": {"env": "NOT_READ"}}
HOOK = {"name": "hook", "webhook": {"url": "https://example.com/", "secret": {"env": "NOT_READ"}}}
TICKETS = {"name": "tickets", "github": {"repository": "contoso/cloud", "token": {"env": "NOT_READ"}}}
SPLUNK = {"name": "splunk", "splunk": {"url": "https://example.com/", "token": {"env": "NOT_READ"}}}
LINES = {"name": "lines", "file": {"path": "alerts.jsonl"}}


class Crash(BaseException):
    """As if the process were killed here."""


class Box:
    """A channel that keeps what it gets. before, after: called around that; raising there is a crash or a refusal."""

    def __init__(self, traits: Traits) -> None:
        self.traits = traits
        self.got: list[Message] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def send(self, messages: Sequence[Message]) -> list[str]:
        self.before()
        self.got.extend(messages)
        self.after()
        return [f"receipt-{one.document.alerts[0].id[:4]}" if self.traits.follows else "" for one in messages]

    @property
    def titles(self) -> list[str]:
        return [one.document.alerts[0].title for one in self.got if one.document.total == 1]

    @property
    def told(self) -> list[tuple[str, str, int]]:
        """kind, event and how many alerts, of each message."""
        return [(str(one.document.kind), one.document.event, one.document.total) for one in self.got]


class Telling:
    """The world with somebody to tell. `boxes` are channels by name; the file is a real one."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        # Before anything is planned without its indexes.
        ensure_schema(world.database)
        self.rule = world.rule(STATE_RULE)
        self.boxes: dict[str, Box] = {}
        self.configure([HOOK], [{"name": "ops", "channels": ["hook"]}])

    def configure(self, channels: list[dict[str, Any]], routes: list[dict[str, Any]], **more: Any) -> None:
        said = Notify.model_validate({"channels": channels, "routes": routes, **more})
        for one in said.channels:
            self.boxes.setdefault(one.name, Box(traits_of(one)))
        followers = [one.name for one in said.channels if traits_of(one).follows]
        outbox = Outbox(said.routes, rule_facts([self.rule]), lambda _rule: ["vaults"], followers)
        self.post = Post(said, outbox, self.folder, open=self._open)

    def _open(self, channel: Any) -> Any:
        return FileChannel(self.folder / channel.file.path) if channel.file else self.boxes[channel.name]

    def evaluate(self, rule: Any = None) -> Any:
        also = self.post.outbox.write
        return evaluate(self.world.database, [rule or self.rule], now=self.world.now, also=also).outcomes[0]

    def send(self, now: datetime | None = None, **more: Any) -> dict[str, Told]:
        found = send(self.world.database, self.post, now=now or self.world.now, **more)
        return {one.channel: one for one in found}

    def turn(self, now: datetime | None = None) -> dict[str, Told]:
        """A run, its evaluation, and what is told then."""
        self.world.run()
        self.evaluate()
        return self.send(now)

    def states(self, channel: str = "hook") -> dict[str, int]:
        """How many deliveries of a channel are in which state."""
        rows = listed(self.world.database, STATES)
        found: dict[str, int] = {}
        for row in rows:
            if row["channel"] == channel:
                found[row["state"]] = found.get(row["state"], 0) + len(row["notices"])
        return found

    def count(self, label: str) -> int:
        """How many nodes have a label."""
        rows = self.world.database.read(f"MATCH (n:{label}) RETURN count(n) AS n")
        return int(rows[0]["n"])

    def lines(self) -> list[str]:
        path = self.folder / "alerts.jsonl"
        return path.read_text().splitlines() if path.exists() else []


def refuse(*, lasting: bool = False, down: bool = True) -> Callable[[], None]:
    """What a channel that refuses does."""

    def refusing() -> None:
        raise NotDeliveredError("it is closed", lasting=lasting, down=down)

    return refusing


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before trying again, nor between two mails."""
    monkeypatch.setattr(Http, "wait", 0.001)
    monkeypatch.setattr(NotifyBase, "request_rate_per_sec", 0)


@pytest.fixture
def telling(database: Any, tmp_path: Path) -> Telling:
    world = World(database, tmp_path)
    made = Telling(world, tmp_path)
    # A first evaluation, which is a baseline of what is bad already.
    world.run()
    world.vault("old", bad=True)
    made.evaluate()
    return made
