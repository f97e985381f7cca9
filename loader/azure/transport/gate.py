"""One of Azure's buckets, seen from here: how many requests may go now, how many more each second, or none for a while.

Nothing of it is known at first, and nothing is held back. Then Azure speaks: a count of what is left sets the level, a
refusal shuts the gate for all who draw on the bucket. After the wait one request goes first, the probe; when it is let
through, the others follow as fast as the bucket fills: what was let through between two moments at which it was empty,
divided by the time between them. A limiter that is told its rate (aiolimiter, for one) can do none of this.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from dataclasses import dataclass
from math import ceil, inf

from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.wire import HeldBackError

logger = logging.getLogger(__name__)

# So many refusals in a row, or most that came after the first one, say that the bucket is empty. Fewer may be about the
# one resource ("some resource providers return 429 to report a temporary problem",
# https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling).
_EMPTY = 3
# While the rate is not known each request that is let through lets so many follow.
_GROWTH = 1.5
# A rate is used a little less than whole, so that a clock or a neighbour does not cost a refusal.
_SPARE = 0.97
# How a known rate is tried upwards: with each request after so many that met no refusal, and where a refusal turns out
# to be no sign of emptiness.
_FASTER, _LONG_RUN, _MORE = 1.001, 100, 1.05
# A bucket never fills beyond what it once gave at once, nor beyond what it gives in so many seconds.
_FULL_AFTER = 10
_HARDLY = 1e-3
# More at once are no faster, as no bucket gives so many in the time of an answer, and all would be refused together.
_SIDE_BY_SIDE = 100


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to send one request. probe: it goes first after a refusal."""

    probe: bool


class Gate:
    """Paces the requests of one bucket. name: for people. documented: requests a second, as Microsoft's pages have it.

    share: the part of the bucket that is ours. A request waits in `line`, is `ready` when it may go, takes a ticket at
    the moment it is sent, and gives it back with what came of it: `passed`, `refused` or `lost`. throttled: answers of
    429; waited: seconds in which requests waited for this bucket; let_through: answers that were no refusals.
    """

    def __init__(
        self,
        name: str,
        policy: RetryPolicy,
        chance: random.Random,
        *,
        documented: float | None = None,
        share: float = 1.0,
    ) -> None:
        self.name = name
        self.line = asyncio.Lock()
        self.throttled = self.let_through = 0
        self.waited = 0.0
        self._policy = policy
        self._share = share
        self._documented = documented * _SPARE * share if documented else None
        self._chance = chance
        # Made for the first who waits: there are dozens of gates for each subscription, and most never hold anybody up.
        self._news: asyncio.Event | None = None
        self._in_flight = 0
        # Looked at some ten times for each request, so the loop is asked for once.
        self._now = asyncio.get_running_loop().time
        # What is known of the bucket.
        self._level, self._level_at, self._size = inf, self._now(), 0.0
        self._rate: float | None = None
        self._whole: float | None = None
        # While it is shut: until when, since when, and how often. For how long it was so the last two times.
        self._shut_until: float | None = None
        self._refused_at = 0.0
        self._refusals = 0
        self._probing = False
        self._took = (0.0, 0.0)
        # The refusals of one flight: how many, how many in a row, and what was let through after the first.
        self._strays = self._in_a_row = self._passed_after = 0
        # When it was last empty, whether it filled up since, and what was let through since, and since it was opened.
        self._emptied_at: float | None = None
        self._filled_up = False
        self._since_empty = self._opened_with = 0

    @property
    def open(self) -> bool:
        """Whether a request may go now."""
        return self._wait() <= 0

    @property
    def shut_for(self) -> float:
        """How many seconds it stays shut; 0 where it is not."""
        return 0.0 if self._shut_until is None else max(0.0, self._shut_until - self._now())

    @property
    def unused_for(self) -> float:
        """The seconds since anybody drew on it; 0 where somebody does now, or it is shut."""
        busy = self._in_flight or self.line.locked() or self._shut_until is not None
        return 0.0 if busy else self._now() - self._level_at

    async def ready(self) -> None:
        """Returns when a request may go. Only the head of the line waits here. Raises `HeldBackError`."""
        began = self._now()
        try:
            while (wait := self._wait()) > 0:
                news = self._news = self._news or asyncio.Event()
                news.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None if wait == inf else wait):
                        await news.wait()
        finally:
            self.waited += self._now() - began

    def take(self) -> Ticket:
        """A ticket for a request that is sent now."""
        self._in_flight += 1
        self._probing = self._shut_until is not None
        self._set_level(self._level_now() - (not self._probing))
        return Ticket(self._probing)

    def lost(self, ticket: Ticket) -> None:
        """No answer came; the next request is the probe if this one was."""
        self._in_flight -= 1
        self._probing = self._probing and not ticket.probe
        if self._news is not None:
            self._news.set()

    def passed(
        self, ticket: Ticket, *, left: float | None = None, used: float | None = None, again_in: float | None = None
    ) -> None:
        """Azure let the request through, and may say what is left: a number of requests, or the share that is used.

        again_in: seconds until there are more, where nothing is left.
        """
        self.lost(ticket)
        self.let_through += 1
        self._since_empty += 1
        if ticket.probe:
            self._reopen()
        else:
            self._in_a_row = 0
            self._passed_after += self._strays > 0
        if self._shut_until is not None:
            return
        left = left * self._share if left is not None else None
        if used:
            # Measured by what went from here, so it is our share already.
            self._whole = self._whole or self.let_through / used
            left = self._whole * (1 - used)
        if left is not None:
            self._set_level(left - self._in_flight)
            if left < 1 and again_in is not None:
                self._shut(again_in)
            elif self._level < 1:
                self._rate = self._rate or self._documented
        elif self._rate is None:
            self._set_level(self._level + _GROWTH)
        if self._rate is not None and self.line.locked() and self.let_through - self._opened_with > _LONG_RUN:
            self._rate *= _FASTER

    def refused(self, ticket: Ticket, again_in: float | None, *, throttled: bool = True) -> None:
        """Azure refused the request for pace. again_in: the seconds that it named."""
        self.lost(ticket)
        self.throttled += throttled
        if not ticket.probe:
            self._strays += 1
            self._in_a_row += 1
            self._set_level(self._level_now() + 1)
            if self._shut_until is not None:
                # Of the same flight as the refusal that shut the gate.
                self._shut_until = max(self._shut_until, self._now() + (again_in or 0))
                return
        self._shut(self._pause(again_in))

    def _shut(self, seconds: float) -> None:
        now = self._now()
        if self._shut_until is None:
            self._refused_at, self._refusals = now, 0
        self._refusals += 1
        # Others may have been told the same moment: nobody comes on the dot.
        self._shut_until = now + seconds + self._chance.uniform(0, min(seconds / 10, 5))
        logger.info("Azure holds back %s for %.1f s.", self.name, seconds)

    def _pause(self, named: float | None) -> float:
        """Seconds until the next probe: what Azure named; more where that was not enough before."""
        first, longest = self._policy.first_wait, self._policy.longest_wait
        # A window that twice took minutes to open takes as long again.
        usual = min(self._took) if min(self._took) > 2 * longest else 0
        if self._shut_until is None:
            return named if named is not None else max(first, usual)
        grown = min(first * 2.0 ** min(self._refusals - (named is not None), 20), longest)
        return max(named, grown) if named is not None else max(grown, usual / 16)

    def _reopen(self) -> None:
        """The probe was let through."""
        now = self._now()
        took = now - self._refused_at
        self._took = (self._took[1], took * (0.9 if self._refusals == 1 else 1))
        if self._passed_after > self._strays:
            # More was let through after the first refusal than was refused: there is more than was thought.
            self._rate = self._rate and self._rate * _MORE
            self._set_level(self._level_now() - 1)
        elif self._in_a_row >= _EMPTY or self._strays > max(_EMPTY, self._passed_after):
            self._emptied(self._refused_at)
            came_in = (self._rate or 0) * took
            self._filled_up = 0 < self._most <= came_in
            self._set_level(min(came_in, self._most) - (came_in > 0))
        elif self._strays and self._rate is not None:
            self._slow_down(self._refused_at)
            self._set_level(min(self._level_now(), self._rate * took) - 1)
        self._strays = self._in_a_row = self._passed_after = 0
        self._opened_with = self.let_through
        self._shut_until = None

    def _slow_down(self, at: float) -> None:
        """Refusals that may be strays: the rate was too high only if it is not what came through in the long run."""
        measured = self._emptied_at is not None and self._since_empty >= _LONG_RUN and not self._filled_up
        if measured and self._rate is not None:
            self._rate = min(self._rate, self._since_empty / (at - (self._emptied_at or 0)))

    def _emptied(self, at: float) -> None:
        """The bucket was empty then: the second time its rate is known. The probe is the first of what follows."""
        given, self._since_empty = self._since_empty - 1, 1
        if self._emptied_at is None:
            self._size = given
            self._rate = self._rate or self._documented
        elif given and not self._filled_up:
            self._rate = given / (at - self._emptied_at) * _SPARE
        self._emptied_at = at

    def _wait(self) -> float:
        """Seconds until the next request may go; infinite where only an answer can tell."""
        now = self._now()
        if self._probing or self._in_flight >= _SIDE_BY_SIDE:
            return inf
        if self._shut_until is None and self._level_now() < 1 - _HARDLY:
            if self._rate is not None:
                return max(_HARDLY, (1 - self._level_now()) / self._rate * self._chance.uniform(1, 1.1))
            if self._in_flight:
                return inf
            # Azure said that nothing is left, and not when there will be more.
            self._shut(self._policy.first_wait)
        if self._shut_until is None or now >= self._shut_until:
            return 0
        if self._shut_until - self._refused_at > self._policy.total_wait:
            raise HeldBackError(
                f"Azure throttled {self.name} and lets nothing through for the next {ceil(self._shut_until - now)} s, "
                f"which is beyond the {ceil(self._policy.total_wait)} s that azgraph waits. Run azgraph again later, "
                "and look for other programs that use up the same limit."
            )
        return self._shut_until - now

    def _level_now(self) -> float:
        filled = (self._rate or 0) * (self._now() - self._level_at)
        return min(self._level + filled, max(self._level, self._most))

    @property
    def _most(self) -> float:
        """What the bucket holds when it is full."""
        return max(self._size, (self._rate or 0) * _FULL_AFTER)

    def _set_level(self, level: float) -> None:
        self._level, self._level_at = level, self._now()
