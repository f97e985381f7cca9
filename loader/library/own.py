"""A user's own library folders: their queries, checks, packs and overrides join what is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loader.errors import UsageError
from loader.library.library import Library, load_library, shipped_library
from loader.library.overrides import FILE, override, override_packs, read_overrides
from loader.library.vanished import Tell

QUERIES, RULES = "queries", "alertrules"
# Read by `azgraph paths` (loader/paths), which stands above; a folder may have nothing else.
TIER0 = "tier0.yaml"


def library_with(folders: Sequence[Path], tell: Tell | None = None) -> Library:
    """The shipped library joined by these folders, their overrides applied.

    tell: hears of overrides of what does not exist, which are passed over; without it they are refused.
    Raises UsageError with file, line and reason for the first thing that is wrong, an id that is taken among them.
    """
    if not folders:
        return shipped_library()
    parts = [part for folder in folders if (part := own_part(folder, QUERIES))]
    library = load_library(parts, onto=shipped_library())
    for folder in folders:
        if found := read_overrides(folder):
            document, overrides = found
            override(document, "query", library.queries, overrides.queries, tell)
            override(document, "check", library.checks, overrides.checks, tell)
            override_packs(document, library.packs, library.checks, overrides.packs, tell)
    return library


def own_part(folder: Path, name: str) -> Path | None:
    """`queries` or `alertrules` of a library folder; None where it has none.

    Raises UsageError for a folder that does not exist, has nothing of a library, or has YAML that nothing would read.
    """
    if not folder.is_dir():
        raise UsageError(f"The library folder {folder} does not exist.")
    if (wrong := folder / "overrides.yml").exists():
        raise UsageError(f"{wrong}:1: the file of overrides is called {FILE}; rename it.")
    parts = [part for part in sorted(folder.iterdir()) if part.is_dir() and not part.name.startswith(".")]
    for part in parts:
        if part.name not in (QUERIES, RULES) and (stray := sorted(part.rglob("*.y*ml"))):
            raise UsageError(f"{stray[0]}:1: a library folder has {QUERIES}/, {RULES}/ and {FILE}; it reads no others.")
    files = any((folder / one).exists() for one in (FILE, TIER0))
    if not files and not {QUERIES, RULES} & {part.name for part in parts}:
        raise UsageError(f"The library folder {folder} has neither {QUERIES}/ nor {RULES}/ nor {FILE}.")
    return folder / name if (folder / name).is_dir() else None
