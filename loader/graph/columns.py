"""Many new nodes of one type at once: a list of values for each node, and a statement that names the properties.

Neo4j creates a node with properties named in the statement a third faster than one from a map, and the names are sent
once. The statement is compiled for each entity type, which is worth it for hundreds of rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from loader.graph.schema import quoted_labels

LEAST_ROWS = 500
_MOST_COLUMNS = 60
# Only such names stand in a statement; all others travel as data.
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")

Node = Mapping[str, Any]


class Columns:
    """The properties that most nodes of one entity type have. What else a node has goes along as a map."""

    def __init__(self, labels: tuple[str, ...], sample: Sequence[Node]) -> None:
        found = Counter(name for node in sample for name in node)
        common = [name for name, count in found.most_common(_MOST_COLUMNS) if 2 * count > len(sample)]
        self._names = sorted(name for name in common if _PLAIN_NAME.fullmatch(name))
        properties = [f"`{name}`: row[{at}]" for at, name in enumerate(self._names)]
        self._rest = len(self._names)
        self._create = f"UNWIND $rows AS row CREATE (n{quoted_labels(labels)} {{{', '.join(properties)}}})"

    def statement(self, nodes: Sequence[Node]) -> tuple[str, list[list[Any]]]:
        """The statement that creates nodes, and its `$rows`."""
        rows = [self._row(node) for node in nodes]
        has_rest = any(row[self._rest] for row in rows)
        return (f"{self._create} SET n += row[{self._rest}]" if has_rest else self._create), rows

    def _row(self, node: Node) -> list[Any]:
        row: list[Any] = [node.get(name) for name in self._names]
        told = len(row) - row.count(None)
        # What has no column.
        others = {} if told == len(node) else {name: node[name] for name in node if name not in self._names}
        row.append(others)
        return row
