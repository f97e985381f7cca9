"""A way through the network as people read it: hops from entity to entity, each with its evidence and its cut."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loader.paths.kinds import HopKind
from loader.paths.naming import Named, names_of
from loader.paths.network import ENTITY, GIVEN, ON_THE_WAY, Network

if TYPE_CHECKING:
    from loader.graph import Database

_CUT_OF_ROLE = "Take {role} on {scope} away from {from}."
_CUT_OF_ELIGIBILITY = "End the eligibility of {from} for {role} on {scope}."
_PLACES = ("azure_account",)


@dataclass(frozen=True, slots=True)
class Hop:
    """One step. how: its words; evidence: why it is there; marks: what makes it less certain; cut: what ends it."""

    kind: str
    start: Named
    end: Named
    how: str
    evidence: str
    cut: str
    marks: tuple[str, ...] = ()
    assignment: str | None = None
    page: str = ""

    def as_json(self) -> dict[str, Any]:
        """Everything of it, under the names of the report."""
        return {
            "from": self.start.name, "fromType": self.start.type, "fromKey": self.start.key, "hop": self.kind,
            "how": self.how, "to": self.end.name, "toType": self.end.type, "toKey": self.end.key,
            "evidence": self.evidence, "assignment": self.assignment, "marks": list(self.marks), "cut": self.cut,
            "documentation": self.page,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Path:
    """A whole way, and what it costs: one for each hop, more for those that are not certain."""

    cost: float
    hops: tuple[Hop, ...]

    @property
    def sentence(self) -> str:
        """The path in one line."""
        return "".join([self.hops[0].start.name, *(f" {hop.how} {hop.end.name}" for hop in self.hops)])

    def as_json(self) -> dict[str, Any]:
        """Everything of it."""
        return {"cost": self.cost, "path": self.sentence, "hops": [hop.as_json() for hop in self.hops]}


@dataclass(slots=True)
class _Raw:
    """A hop by numbers: between entities, or into a role as it is given, which ends a path."""

    start: int
    end: int
    kind: HopKind | None
    given: int | None


def raw_hops(network: Network, way: Sequence[int]) -> list[_Raw]:
    """The hops of a way: what leads through roles and layers is one of them, and so is a row of containments."""
    hops: list[_Raw] = []
    start, given, kind = None, None, None
    for before, node in zip((None, *way), way, strict=False):
        if before is not None:
            edges = network.edges_between(before, node)
            number = network.kinds[edges[0]] if edges else ON_THE_WAY
            kind = network.of_kind[number] if number != ON_THE_WAY else None
        if network.sorts[node] == GIVEN:
            given = node
        if network.sorts[node] != ENTITY:
            continue
        if start is not None:
            below = kind is not None and kind.below
            if below and hops and hops[-1].kind is kind:
                hops[-1].end = node
            else:
                hops.append(_Raw(start, node, kind, given))
        start, given = node, None
    if given is not None and start is not None:
        hops.append(_Raw(start, given, None, given))
    return hops


def tell(database: Database, network: Network, ways: Iterable[tuple[float, Sequence[int]]]) -> list[Path]:
    """Ways as paths with names, which are looked up for all of them at once."""
    raw = [(cost, raw_hops(network, way)) for cost, way in ways]
    keys = {key for _, hops in raw for hop in hops for key in _keys(network, hop)}
    names = names_of(database, keys)
    return [Path(cost, tuple(_hop(network, names, hop) for hop in hops)) for cost, hops in raw if hops]


def _keys(network: Network, hop: _Raw) -> list[str]:
    given = network.evidence.get(hop.given) if hop.given is not None else None
    ends = [network.names[node] for node in (hop.start, hop.end) if network.sorts[node] == ENTITY]
    return [*ends, given["scope"]] if given else ends


def _hop(network: Network, names: Mapping[str, Named], hop: _Raw) -> Hop:
    start = names[network.names[hop.start]]
    given = network.evidence.get(hop.given) if hop.given is not None else None
    if given is None:
        end = names[network.names[hop.end]]
        kind = hop.kind
        if kind is None:
            return Hop("controls", start, end, "controls", "Whoever has taken over the one has the other.", "")
        marks: tuple[str, ...] = ("eligible",) if kind.eligible else ()
        return Hop(
            kind.id, start, end, kind.words, _because(start, kind), _filled(kind.cut, start, end, "", ""),
            (*marks, *_assumed(kind)), None, kind.page,
        )  # fmt: skip
    scope, role = names[given["scope"]], str(given["role"] or "an unknown role")
    end = scope if hop.end == hop.given else names[network.names[hop.end]]
    words = hop.kind.words if hop.kind else f"holds {role} on"
    cut = _CUT_OF_ELIGIBILITY if given["eligible"] else hop.kind.cut if hop.kind else _CUT_OF_ROLE
    if given["kind"] == "owner" and not given["eligible"]:
        cut = "Take {from} out of the owners of {to}."
    page = hop.kind.page if hop.kind else ""
    marks = (*_marks(given), *(_assumed(hop.kind) if hop.kind else ()))
    told = f"{'eligible: ' if given['eligible'] else ''}{role}" + (
        "" if given["kind"] == "owner" else f" on {scope.name}"
    )
    return Hop(
        hop.kind.id if hop.kind else "holds-role", start, end, words, told,
        _filled(cut, start, end, role, scope.name), marks, given["assignment"], page,
    )  # fmt: skip


def _because(start: Named, kind: HopKind) -> str:
    return f"What is in {start.name}." if kind.below else ""


def _marks(given: Mapping[str, Any]) -> tuple[str, ...]:
    told = []
    if given["eligible"]:
        told.append("eligible" + (" until " + str(given["until"])[:10] if given["until"] else ""))
    if given["needsApproval"]:
        told.append("needs approval")
    if given["condition"]:
        told.append(f"under a condition: {given['condition']}")
    if given["deniedBy"]:
        told.append("denied in part")
    return tuple(told)


def _assumed(kind: HopKind) -> tuple[str, ...]:
    return (f"if {kind.assumes}",) if kind.assumes else ()


def _filled(text: str, start: Named, end: Named, role: str, scope: str) -> str:
    """The sentence with names in it; a name may hold braces itself, so nothing is filled twice."""
    parts = {"from": start.name, "to": end.name, "role": role, "scope": scope}
    pieces = text.replace("}", "{").split("{")
    return "".join(parts.get(piece, piece) if place % 2 else piece for place, piece in enumerate(pieces))
