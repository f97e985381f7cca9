"""A small picture of each area's data model, as SVG: its services in a column, what leads from one to another as arcs.

An arc on the right leads down, one on the left up; so each arrow has a side of its own, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from loader.model import Service
from loader.model_listing import areas, between
from loader.pages import page_template

# All in units of the drawing. An arc reaches outward by so much at least, and by so much more for each row it passes.
_ROW, _MARGIN, _LETTER, _SMALL = 26, 20, 6.4, 5.2
_LEAST, _REACH = 24, 13
_NEAR = 9.0
# Kinds of relationships that an area's query draws at most.
_EXAMPLES = 150
_COLOURS = ("#2f6fb7", "#1f7a4d", "#b3541e", "#7b3fa0", "#8a6a00", "#b3261e", "#0f7c86", "#5a5a66")

# What leads from one (by its place among the names) to another.
Edges = Mapping[tuple[int, int], set[str]]


@dataclass(frozen=True, slots=True)
class Arc:
    """One arrow. path: its course; x, y: where its words stand, `anchor`ed towards the arc."""

    path: str
    words: str
    x: float
    y: float
    anchor: str
    colour: int


def pictures() -> dict[str, tuple[str, str]]:
    """Of each area whose services hang together: the picture, and Cypher that draws one of each from the graph."""
    drawn = {area: picture([one.name for one in services], between(services)) for area, services in areas().items()}
    return {area: (svg, _one_of_each(areas()[area])) for area, svg in drawn.items() if svg}


def _one_of_each(services: Sequence[Service]) -> str:
    labels = "|".join(sorted(one.type for service in services for one in service.entity_types))
    return (
        f"MATCH (a:{labels})-[r]->(b:{labels})\n"
        "WITH a._type AS from, type(r) AS relationship, b._type AS to, head(collect([a, r, b])) AS one\n"
        f"RETURN one[0], one[1], one[2] LIMIT {_EXAMPLES}"
    )


def picture(names: Sequence[str], edges: Edges) -> str:
    """An SVG of what hangs together of these names; empty where nothing does."""
    order = ordered(sorted({place for edge in edges for place in edge}), edges)
    if not order:
        return ""
    row = {place: index for index, place in enumerate(order)}
    half = max(len(names[place]) for place in order) * _LETTER / 2 + 8
    words = sorted({", ".join(sorted(verbs)) for verbs in edges.values()})
    colours = {text: index % len(_COLOURS) for index, text in enumerate(words)}
    arcs: list[Arc] = []
    for (start, end), verbs in sorted(edges.items(), key=lambda one: abs(row[one[0][0]] - row[one[0][1]])):
        text = ", ".join(sorted(verbs))
        arcs.append(_arc(row[start], row[end], text, colours[text], half, arcs))
    left, right = (_width(half, [one for one in arcs if one.anchor == anchor]) for anchor in ("end", "start"))
    return page_template("loader.browser", "picture.svg.j2").render(
        left=-left,
        width=left + right,
        height=_ROW * (len(order) - 1) + 2 * _MARGIN,
        half=round(half, 1),
        boxes=[(names[place], _y(index)) for index, place in enumerate(order)],
        arcs=arcs,
        colours=_COLOURS,
    )


def _width(half: float, arcs: Sequence[Arc]) -> int:
    """How much room one side takes, from the middle."""
    return round(max((abs(one.x) + len(one.words) * _SMALL for one in arcs), default=half) + 8)


def _y(row: int) -> int:
    return _MARGIN + _ROW * row


def _arc(start: int, end: int, words: str, colour: int, half: float, others: Sequence[Arc]) -> Arc:
    side = 1 if end > start else -1
    reach = _LEAST + _REACH * abs(end - start)
    # It leaves below the middle of its box and arrives above that of the other, so that arrows do not meet.
    first, last = _y(start) + 4 * side, _y(end) - 4 * side
    edge, bend = round(half * side, 1), round((half + reach * 4 / 3) * side, 1)
    x, middle = round((half + reach + 3) * side, 1), (first + last) / 2
    taken = [one.y for one in others if one.x * side > 0 and abs(one.x - x) < max(len(one.words), len(words)) * _SMALL]
    y = next(place for place in _places(middle) if all(abs(place - one) >= _NEAR for one in taken))
    path = f"M{edge} {first}C{bend} {first} {bend} {last} {edge} {last}"
    return Arc(path, words, x, round(y + 3, 1), "start" if side > 0 else "end", colour)


def _places(middle: float) -> Iterator[float]:
    """The middle, then what is next to it, above and below in turn."""
    yield middle
    for step in count(1):
        yield middle + step * 5
        yield middle - step * 5


def ordered(places: Sequence[int], edges: Edges) -> list[int]:
    """The places so that arcs are short: one after the other is put elsewhere as long as that makes them shorter."""
    order = list(places)

    def length() -> int:
        row = {place: index for index, place in enumerate(order)}
        # What leads up is dearer, so that most arrows read downwards.
        return sum(2 * (row[b] - row[a]) if row[b] > row[a] else 3 * (row[a] - row[b]) for a, b in edges)

    best, better = length(), True
    while better:
        better = False
        order.reverse()
        if (now := length()) < best:
            best, better = now, True
        else:
            order.reverse()
        for one in range(len(order)):
            for other in range(len(order)):
                order.insert(other, order.pop(one))
                if (now := length()) < best:
                    best, better = now, True
                else:
                    order.insert(one, order.pop(other))
    return order
