"""How often, and how long, azgraph waits for Azure: the numbers, which `traffic.py` and `gate.py` keep to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What passes is tried again; a refusal for pace costs time and no try. Times are seconds.

    tries: of a request that meets broken connections and failing servers, the first included; 1 makes every answer
    final, refusals for pace too (a replay). first_wait doubles each time up to longest_wait, where Azure names no wait
    in Retry-After. total_wait: the longest that one of Azure's buckets may stay shut, and that one request is tried
    again; an hour is the longest window of a limit that Microsoft documents, and half an hour is to spare. refusals: of
    one request while its bucket lets others through; so many are not for pace, and stand.
    """

    tries: int = 5
    first_wait: float = 1
    longest_wait: float = 30
    total_wait: float = 5400
    refusals: int = 20
