"""Hops that are pairs of the graph: all of a kind for a whole reading, or those beside some entities for a walk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from loader.paths.kinds import HopKind

Side = Literal["one", "other"]
# One row for each end: a row for each pair takes longer to come here than to be found.
_ALL = "CALL () {{ {query} }} RETURN `to`, collect(`from`) AS several"
_EACH = "{match} RETURN one._key AS `from`, other._key AS `to`"
_BESIDE = (
    "UNWIND $keys AS key MATCH ({side}:Entity {{_key: key}}) {match} "
    "RETURN {number} AS kind, key, collect(DISTINCT {far}._key) AS several"
)


def all_pairs(kind: HopKind) -> str:
    """The query for all pairs of a kind: `to`, and the `several` that lead there."""
    return _ALL.format(query=kind.query or " UNION ".join(_EACH.format(match=one) for one in kind.match))


def pairs_beside(side: Side, matches: Iterable[tuple[int, str]]) -> str:
    """The query for the pairs of which one side is among `$keys`: the number of the kind, `key`, the `several` beyond.

    matches: Cypher that leads from `one` to `other`, with the number of its kind.
    """
    far = "other" if side == "one" else "one"
    return "\nUNION ALL\n".join(
        _BESIDE.format(side=side, far=far, match=match, number=number) for number, match in matches
    )
