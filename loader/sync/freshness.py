"""What of an area need not be read again in this run, since it was read a short time ago and nothing says it changed.

A part is kept where the configuration lets its step be older, it was read whole within that time, and its resource is
as it was then: the same answer of Azure's, and the same time of its last change in the inventory. Everything else is
read. What is kept stays as the graph has it, with the time of its reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson

from loader.errors import UsageError
from loader.graph.readings import Reading
from loader.model import Json
from loader.nearest import perhaps
from loader.services.refreshable import refreshable
from loader.spans import ALL
from loader.sync.options import Options

# Where what stands in for an answer has the answer's sign.
SIGN = "@sign"


def spans_of(said: Mapping[str, timedelta]) -> dict[str, timedelta]:
    """How old each step may be, by what the configuration says. Steps that tell the same things share the shortest.

    Raises UsageError for a step that has to be read in each run, and for one named without those it belongs to.
    """
    known = refreshable()
    for name in said:
        if name != ALL and name not in known:
            raise UsageError(
                f"freshness: {name!r} is read in each run: only details and lists that cost a call for each resource, "
                f"and that nothing is fetched for, may be older. {perhaps(name, [ALL, *known], 'docs/scale.md')}"
            )
    named = {step: said.get(step, said.get(ALL)) for step in known}
    for step, together in known.items():
        lacking = sorted(one for one in together if named[one] is None) if named[step] is not None else []
        if lacking:
            raise UsageError(f"freshness: {step!r} tells the same things as {lacking[0]!r}; name both.")
    return {
        step: min(time for one in known[step] if (time := named[one]) is not None)
        for step, own in named.items()
        if own is not None
    }


@dataclass(frozen=True, slots=True)
class Ages:
    """How old what may be in one run. spans: of each step that need not be read in each run. anew: all is read, and
    noted for later runs. every: in one of so many runs a list is read whole of which Azure tells the changes.
    """

    spans: Mapping[str, timedelta] = field(default_factory=dict)
    anew: bool = False
    every: int = 1

    @classmethod
    def of(cls, options: Options) -> Ages:
        """Those of a run's options. Raises UsageError for what cannot be older."""
        standing = options.standing
        return cls(spans_of(standing.freshness), options.fresh or options.accept_deletions, standing.full_read_every)


@dataclass(slots=True)
class Fresh:
    """The readings of one area. spans: how old each step may be; known: what earlier runs read, by step and key; at:
    when this run began; changed: when the inventory says that a resource was changed, None where it does not say.
    anew: everything is read, and noted for later runs.
    """

    spans: Mapping[str, timedelta]
    known: Mapping[str, Mapping[str, Reading]]
    at: datetime
    changed: Callable[[str], str | None]
    anew: bool = False
    read: dict[str, dict[str, Reading]] = field(default_factory=dict)
    kept: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def is_about(self, step: str) -> bool:
        """Whether the step may be older than the run."""
        return step in self.spans

    def kept_since(self, step: str, key: str, answer: Json, *, stored: int | None = None) -> datetime | None:
        """When the part of a step that belongs to a resource was read, where that is still good; None where it must be
        read. answer: the resource's; stored: how many entities the graph has of the part, where it consists of such.
        """
        before = self.known.get(step, {}).get(key)
        if before is None or self.anew or not before.at <= self.at < before.at + self.spans[step]:
            return None
        changed = self.changed(key)
        # What stands in for the answer of something that has not changed says so.
        as_before = answer.get("@unchanged") or before.sign == sign_of(answer)
        as_before = as_before and (changed is None or changed == before.changed)
        return before.at if as_before and stored in (None, before.count) else None

    def keep(self, step: str, key: str, since: datetime) -> None:
        """Notes that a part is left as it is."""
        self.kept.setdefault(step, {})[key] = since

    def note(self, step: str, key: str, answer: Json, count: int = 0) -> None:
        """Notes that a part was read whole in this run."""
        reading = Reading(self.at, sign_of(answer), self.changed(key) or "", count)
        self.read.setdefault(step, {})[key] = reading


def sign_of(answer: Json) -> str:
    """A short sign of all that Azure answered of a resource itself, whatever of it azgraph stores; of what stands in
    for an answer, that of the answer.
    """
    if SIGN in answer:
        return str(answer[SIGN])
    own = {name: value for name, value in answer.items() if name[:1] not in ("@", "$") or name.startswith("@odata.")}
    return hashlib.blake2b(orjson.dumps(own, option=orjson.OPT_SORT_KEYS, default=str), digest_size=8).hexdigest()
