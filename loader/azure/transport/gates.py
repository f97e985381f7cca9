"""The gates of all buckets that requests draw on: some dozens a subscription, most of which never hold anybody up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from loader.azure.transport.buckets import Bucket
from loader.azure.transport.gate import Gate
from loader.azure.transport.retry import RetryPolicy

# Beyond so many, those are let go of that nobody has drawn on for so many seconds: the longest window that Azure
# documents is half as long, so their buckets are full again, as one is thought to be of which nothing is known.
_MANY, _FULL_AGAIN = 2_000, 600.0


@dataclass(frozen=True, slots=True)
class Throttling:
    """What one bucket of Azure's cost: refusals, and the seconds in which requests waited for it."""

    bucket: str
    throttled: int
    waited: float


class Gates:
    """One gate for each bucket. processes: how many, this one among them, load the tenant."""

    def __init__(self, policy: RetryPolicy, chance: random.Random, *, processes: int = 1) -> None:
        self._policy, self._chance, self._processes = policy, chance, processes
        self._gates: dict[str, Gate] = {}
        self._past: dict[str, Throttling] = {}
        self._most = _MANY

    def of(self, bucket: Bucket) -> Gate:
        """The gate of a bucket."""
        gate = self._gates.get(bucket.name)
        if gate is None:
            if len(self._gates) >= self._most:
                self._let_go()
            share = 1 / min(self._processes, bucket.processes)
            gate = Gate(bucket.name, self._policy, self._chance, documented=bucket.rate, share=share)
            self._gates[bucket.name] = gate
        return gate

    @property
    def throttling(self) -> list[Throttling]:
        """The buckets that made anybody wait, the dearest first."""
        found = dict(self._past)
        for gate in self._gates.values():
            if gate.throttled or gate.waited > 0:
                found[gate.name] = self._cost(gate)
        return sorted(found.values(), key=lambda one: -one.waited)

    @property
    def shut(self) -> dict[str, float]:
        """The buckets that let nothing through now, with the seconds that this lasts."""
        return {gate.name: left for gate in self._gates.values() if (left := gate.shut_for) > 0}

    def __iter__(self) -> Iterator[Gate]:
        return iter(self._gates.values())

    def _cost(self, gate: Gate) -> Throttling:
        past = self._past.get(gate.name, Throttling(gate.name, 0, 0.0))
        return Throttling(gate.name, past.throttled + gate.throttled, past.waited + gate.waited)

    def _let_go(self) -> None:
        """What they cost is kept. It is looked again when there are twice as many as are left."""
        for gate in [gate for gate in self._gates.values() if gate.unused_for > _FULL_AGAIN]:
            if gate.throttled or gate.waited > 0:
                self._past[gate.name] = self._cost(gate)
            del self._gates[gate.name]
        self._most = max(_MANY, 2 * len(self._gates))
