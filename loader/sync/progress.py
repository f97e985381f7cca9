"""Who hears how a run goes on while it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from loader.azure.transport.gates import Throttling
from loader.sync.report import StepReport

Progress = Callable[[StepReport], None]


class Traffic(Protocol):
    """What a session tells at any time of the requests that it sends."""

    @property
    def calls(self) -> int: ...

    @property
    def sent(self) -> int: ...

    @property
    def throttled(self) -> int: ...

    @property
    def retried(self) -> int: ...

    @property
    def throttling(self) -> list[Throttling]: ...

    @property
    def waiting(self) -> Mapping[str, float]: ...


class Watch(Protocol):
    """Hears what a run is going to do, before the first step of it."""

    def planned(
        self,
        traffic: Traffic,
        tenant: int,
        subscriptions: Mapping[str, int],
        names: Mapping[str, str],
        calls: int,
        writes_wait: Callable[[], bool],
    ) -> None:
        """How many steps will be told of the tenant, and of each subscription (by its id); what people call those.

        calls: how many requests the same took the last time; 0 where nobody knows. writes_wait: asked at any time
        whether Neo4j has more to write than it keeps up with.
        """
        ...
