"""What the graph holds of one step, small enough for millions: 17 bytes a node."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

# The top 10 of 64 bits choose the bucket; all stand in one while they are few, as they are in most steps of a
# subscription: a bucket of its own for each would take thirty times the memory.
_SPREAD, _TOGETHER = 54, 64
_FEW = 4_096


class _Bucket:
    __slots__ = ("keys", "marks", "scopes", "values")

    def __init__(self) -> None:
        self.keys = array("Q")
        self.values = array("Q")
        self.scopes = array("I")
        self.marks = bytearray()


class KnownNodes:
    """Key digest → content digest and scope number of each stored node, and whether this run has seen it.

    Sorted arrays in buckets: a dict of a million such entries would take ten times the memory.
    """

    def __init__(self) -> None:
        self._shift = _TOGETHER
        self._buckets: dict[int, _Bucket] = {}

    def add(self, key: int, value: int, scope: int, *, seen: bool = False) -> None:
        """Adds a node; one that is there already is replaced."""
        bucket = self._buckets.get(key >> self._shift)
        if bucket is None:
            bucket = self._buckets[key >> self._shift] = _Bucket()
        elif self._shift == _TOGETHER and len(bucket.keys) == _FEW:
            self._spread(bucket)
            self.add(key, value, scope, seen=seen)
            return
        at = bisect_left(bucket.keys, key)
        if at < len(bucket.keys) and bucket.keys[at] == key:
            bucket.values[at], bucket.scopes[at], bucket.marks[at] = value, scope, seen
            return
        bucket.keys.insert(at, key)
        bucket.values.insert(at, value)
        bucket.scopes.insert(at, scope)
        bucket.marks.insert(at, seen)

    def see(self, key: int) -> tuple[int, int, bool] | None:
        """Marks a node as seen; gives its content digest, its scope and whether it had been seen before."""
        bucket = self._buckets.get(key >> self._shift)
        if bucket is None:
            return None
        at = bisect_left(bucket.keys, key)
        if at == len(bucket.keys) or bucket.keys[at] != key:
            return None
        before = bool(bucket.marks[at])
        bucket.marks[at] = 1
        return bucket.values[at], bucket.scopes[at], before

    def unseen(self) -> Iterator[tuple[int, int]]:
        """Key digest and scope number of the nodes that this run has not seen."""
        for bucket in self._buckets.values():
            start = bucket.marks.find(0)
            while start >= 0:
                yield bucket.keys[start], bucket.scopes[start]
                start = bucket.marks.find(0, start + 1)

    def __len__(self) -> int:
        return sum(len(bucket.keys) for bucket in self._buckets.values())

    def _spread(self, all_of_them: _Bucket) -> None:
        self._shift, self._buckets = _SPREAD, {}
        told = zip(all_of_them.keys, all_of_them.values, all_of_them.scopes, all_of_them.marks, strict=True)
        for key, value, scope, mark in told:
            self.add(key, value, scope, seen=bool(mark))


class KeySet:
    """A set of key digests, 8 bytes each."""

    def __init__(self) -> None:
        self._buckets: dict[int, array[int]] = {}

    def add(self, key: int) -> bool:
        """Adds a key; tells whether it was new."""
        bucket = self._buckets.get(key >> _SPREAD)
        if bucket is None:
            self._buckets[key >> _SPREAD] = array("Q", (key,))
            return True
        at = bisect_left(bucket, key)
        if at < len(bucket) and bucket[at] == key:
            return False
        bucket.insert(at, key)
        return True

    def __contains__(self, key: int) -> bool:
        bucket = self._buckets.get(key >> _SPREAD)
        if bucket is None:
            return False
        at = bisect_left(bucket, key)
        return at < len(bucket) and bucket[at] == key
