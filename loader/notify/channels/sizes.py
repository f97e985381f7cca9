"""Parts of a batch that are small enough for one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def by_size(pieces: Iterable[bytes], largest: int) -> Iterator[list[bytes]]:
    """The pieces in order, in groups of at most so many bytes with one byte between them; a larger one is alone."""
    group: list[bytes] = []
    size = 0
    for piece in pieces:
        if group and size + len(piece) + 1 > largest:
            yield group
            group, size = [], 0
        group.append(piece)
        size += len(piece) + 1
    if group:
        yield group
