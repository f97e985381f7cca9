"""What is given for a time: a graph is as old as its last sync, and some of it ends before anybody asks."""

from __future__ import annotations

# Cypher: whether a relationship has not ended by now. `until` is text as Neo4j writes moments in UTC, and sorts as they
# do; without one it is for ever.
LASTS = "({given}.until IS NULL OR {given}.until > toString(datetime()))"
