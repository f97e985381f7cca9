"""Has Neo4j Browser draw ways from left to right: by the order in which it meets their nodes.

Browser 5 puts the nodes of a result on a circle, in the order in which it meets them, the first at the bottom, and then
lets relationships pull. So the i-th of n begins at x = sin(2πi/n). Nodes are handed over in such an order that those
further along a way begin further right; what pulls then unfolds the way into a line.
"""

from __future__ import annotations

import re

_WAYS = re.compile(r"\bRETURN path\s+LIMIT \d+$")
_DRAWN = """CALL () {{
{graph}
}}
WITH collect(path) AS paths
CALL (paths) {{ // the nodes from the beginning of a way to its end
  UNWIND paths AS path
  UNWIND range(0, length(path)) AS place
  WITH nodes(path)[place] AS node, max(place) AS along ORDER BY along
  RETURN collect(node) AS met
}}
WITH paths, met, [i IN range(0, size(met) - 1) | round(sin(2 * pi() * i / size(met)), 6)] AS x
RETURN [i IN range(0, size(met) - 1) | // Browser puts the i-th that it meets at x[i]
  met[size([j IN range(0, size(met) - 1) WHERE x[j] < x[i] OR (x[j] = x[i] AND j < i)])]] AS nodes, paths"""


def left_to_right(graph: str) -> str:
    """A graph form that returns `path`s, each from its beginning to its end, as one that Browser draws in that order.

    One that returns anything else stays as it is.
    """
    text = graph.strip()
    return _DRAWN.format(graph=text) if _WAYS.search(text) else text
