"""What the user chose for one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from loader.graph.retention import Retention
from loader.sync.standing import Standing


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose for one run. subscriptions: all that it may be about, by id or name.

    only, skip: entity types, classes, services and subscriptions. What they leave out stays as the run left it that
    loaded it last. All three are empty for everything.
    accept_older: answers may be older than those of the graph. only_alone: nothing is loaded into a graph that holds
    anything but this tenant. standing: what the configured instance leaves out of each run.
    retention: how long the graph remembers. actors: ask Azure who made the changes. inventory: read a subscription's
    inventory first, and ask its lists only where there is something of their type. fresh: read also what the standing
    choice lets be older.
    """

    subscriptions: Sequence[str] = ()
    only: Sequence[str] = ()
    skip: Sequence[str] = ()
    accept_deletions: bool = False
    wait_seconds: float = 0
    account_name_tag: str | None = None
    accept_older: bool = False
    only_alone: bool = False
    standing: Standing = field(default_factory=Standing)
    retention: Retention | None = None
    actors: bool = True
    inventory: bool = True
    fresh: bool = False
