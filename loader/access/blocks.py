"""Blocks of permissions as the graph has them, of a role or of a deny assignment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from loader.access.matching import Block

KINDS = ("actions", "notActions", "dataActions", "notDataActions")
# The properties to read for `blocks_of`, as Cypher takes them of a node: `role{…}`.
IN_CYPHER = ", ".join(f".{name}" for name in (*KINDS, "permissionBlocks"))


def blocks_of(told: Mapping[str, Any]) -> tuple[Block, ...]:
    """Its blocks: those told one by one, where there are several, or else the one that its four lists are."""
    several = told.get("permissionBlocks")
    found = [json.loads(one) for one in several] if several else [told]
    return tuple(Block(*(tuple(one.get(kind) or ()) for kind in KINDS)) for one in found)
