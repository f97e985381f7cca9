"""Azure's documented buckets, played: who asks too fast is refused, in the words and headers of Azure.

The sizes are those of Microsoft's pages, which `loader/azure/transport/buckets.py` names.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit


class Bucket(Protocol):
    """Gives `cost` at the time `now` (seconds), or refuses."""

    def give(self, now: float, cost: float = 1) -> bool: ...

    def again_in(self, now: float, cost: float = 1) -> float: ...

    def left(self, now: float) -> int: ...


class TokenBucket:
    """`size` at once and `rate` a second."""

    def __init__(self, size: float, rate: float) -> None:
        self._size, self._rate = size, rate
        self._level, self._at = size, -math.inf

    def _filled(self, now: float) -> float:
        return self._size if self._at == -math.inf else min(self._size, self._level + (now - self._at) * self._rate)

    def give(self, now: float, cost: float = 1) -> bool:
        level = self._filled(now)
        given = level >= cost
        self._level, self._at = level - cost * given, now
        return given

    def again_in(self, now: float, cost: float = 1) -> float:
        return max(0.0, (cost - self._filled(now)) / self._rate)

    def left(self, now: float) -> int:
        return int(self._filled(now))


class Window:
    """`size` in each `seconds`, counted from the first request of each window."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size, self._seconds = size, seconds
        self._began, self._given = -math.inf, 0.0

    def _turn(self, now: float) -> None:
        if now >= self._began + self._seconds:
            self._began, self._given = now, 0

    def give(self, now: float, cost: float = 1) -> bool:
        self._turn(now)
        given = self._given + cost <= self._size
        self._given += cost * given
        return given

    def again_in(self, now: float, cost: float = 1) -> float:
        return 0.0 if self._given + cost <= self._size else max(0.0, self._began + self._seconds - now)

    def left(self, now: float) -> int:
        self._turn(now)
        return int(self._size - self._given)


@dataclass(frozen=True)
class Refusal:
    """What is answered instead of the answer."""

    headers: dict[str, str]
    code: str
    status: int = 429

    @property
    def body(self) -> bytes:
        return json.dumps({"error": {"code": self.code, "message": "The request is being throttled."}}).encode()


@dataclass
class Throttle:
    """The buckets of a whole Azure, for one caller. clock: seconds; chance decides the strays.

    retry_after: whether refusals name a wait. counts: whether answers say what is left. stray: the share of requests
    that is refused without a reason of pace, which draws nothing. shut: from when until when nothing is let through.
    """

    clock: Callable[[], float]
    retry_after: bool = True
    counts: bool = True
    stray: float = 0
    shut: tuple[float, float] = (0, 0)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    asked: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self._arm: defaultdict[str, TokenBucket] = defaultdict(lambda: TokenBucket(250, 25))
        self._storage: defaultdict[str, Window] = defaultdict(lambda: Window(100, 300))
        self._vaults: defaultdict[str, TokenBucket] = defaultdict(lambda: TokenBucket(4000, 400))
        self._graph = TokenBucket(3500, 350)

    def ask(self, method: str, url: str) -> tuple[Refusal | None, dict[str, str]]:
        """Whether the request is refused, and the headers of its answer where it is not."""
        now = self.clock()
        self.asked += 1
        parts = urlsplit(url)
        path = parts.path.lower()
        if path.startswith(("/v1.0/", "/beta/")):
            refusal, headers = self._draw([(self._graph, 2.0, "TooManyRequests")], now), {}
        elif path.startswith(("/subscriptions", "/providers", "/tenants")):
            refusal, headers = self._ask_arm(path, now)
        else:
            refusal, headers = self._draw([(self._vaults[parts.netloc.lower()], 1.0, "Throttled")], now), {}
        self.refused += refusal is not None
        return refusal, headers

    def _ask_arm(self, path: str, now: float) -> tuple[Refusal | None, dict[str, str]]:
        owned = re.match(r"/subscriptions/([^/]+)", path)
        owner = owned[1] if owned else ""
        reads = self._arm[owner]
        drawn: list[tuple[Bucket, float, str]] = [(reads, 1.0, "SubscriptionRequestsThrottled")]
        # A type, and any number of names with types below them: a list. Diagnostic settings are another provider's.
        if re.search(r"/providers/microsoft\.storage/(?!.*/providers/)[^/]+(/[^/]+/[^/]+)*$", path):
            drawn.append((self._storage[owner], 1.0, "TooManyRequests"))
        refusal = self._draw(drawn, now)
        name = f"x-ms-ratelimit-remaining-{'subscription' if owner else 'tenant'}-reads"
        headers = {name: str(reads.left(now))} if self.counts else {}
        if refusal is not None:
            code = refusal.code if self.counts else "TooManyRequests"
            refusal = Refusal({**refusal.headers, **headers}, code)
        return refusal, headers

    def _draw(self, buckets: list[tuple[Bucket, float, str]], now: float) -> Refusal | None:
        if self.shut[0] <= now < self.shut[1]:
            return self._refusal(self.shut[1] - now, buckets[0][2])
        if self.chance.random() < self.stray:
            return self._refusal(1, "TooManyRequests")
        for bucket, cost, code in buckets:
            if not bucket.give(now, cost):
                return self._refusal(bucket.again_in(now, cost), code)
        return None

    def _refusal(self, seconds: float, code: str) -> Refusal:
        return Refusal({"Retry-After": str(math.ceil(seconds))} if self.retry_after else {}, code)
