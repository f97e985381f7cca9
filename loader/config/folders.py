"""Where azgraph keeps its state, what can be downloaded again, and where the configuration's relative paths begin."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

# For who reads a copy: where the relative paths of the original begin.
FOLDER_VARIABLE = "AZGRAPH_CONFIG_FOLDER"


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


def folder_of_file(path: Path) -> Path:
    """Where relative paths of the configuration in this file begin: where the file is."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named).resolve() if named else path.resolve().parent


def from_folder(folder: Path, path: Path) -> Path:
    """A path that the configuration in a folder names."""
    return folder / path.expanduser()
