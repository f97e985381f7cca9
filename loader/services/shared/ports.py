"""Port ranges as sorted intervals, first and last port included: [(22, 22), (80, 443)].

What joins, subtracts and intersects them takes any whole numbers, so addresses too.
"""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]
ALL_PORTS: Interval = (0, 65535)


def port_interval(port_range: str) -> Interval:
    """(from, to) of "22", "80-443" or "*". Text that is none of them is every port: better too open than unseen."""
    first, _, last = port_range.partition("-")
    try:
        return int(first), int(last or first)
    except ValueError:
        return ALL_PORTS


def intervals(port_ranges: Iterable[str]) -> list[Interval]:
    """The ports of several ranges."""
    return join(map(port_interval, port_ranges))


def join(several: Iterable[Interval]) -> list[Interval]:
    """The same numbers, sorted, in as few intervals as possible."""
    joined: list[Interval] = []
    for start, end in sorted(several):
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def subtract(whole: list[Interval], taken: list[Interval]) -> list[Interval]:
    """What is left of `whole` without `taken`."""
    for start, end in taken:
        whole = [
            part
            for first, last in whole
            for part in ((first, min(last, start - 1)), (max(first, end + 1), last))
            if part[0] <= part[1]
        ]
    return whole


def intersect(one: list[Interval], other: list[Interval]) -> list[Interval]:
    """The numbers in both."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other)
    return sorted(pair for pair in pairs if pair[0] <= pair[1])
