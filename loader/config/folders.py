"""Where azgraph keeps its state, and what can be downloaded again."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home_dir() -> Path:
    """The folder of all of azgraph's state: `AZGRAPH_HOME`, or the user's data folder."""
    moved = os.environ.get("AZGRAPH_HOME")
    return Path(moved).expanduser().resolve() if moved else Path(platformdirs.user_data_dir("azgraph", appauthor=False))


def cache_dir() -> Path:
    """The folder of what can be downloaded again (Neo4j's jars): `AZGRAPH_CACHE`, or the user's cache folder."""
    moved = os.environ.get("AZGRAPH_CACHE")
    return (
        Path(moved).expanduser().resolve() if moved else Path(platformdirs.user_cache_dir("azgraph", appauthor=False))
    )
