"""A user's own library folders: their queries, checks, packs and overrides join what is shipped.

Of the files in the folder itself `overrides.yaml` and `tier0.yaml` are read, and any other YAML is refused: a misspelt
name would change nothing and say nothing. Exceptions and the configuration, which are named elsewhere, may stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loader.errors import UsageError
from loader.library.following import follow_tier0
from loader.library.library import Library, load_library, shipped_library
from loader.library.overrides import FILE, override, override_packs, read_overrides
from loader.library.vanished import Tell
from loader.nearest import nearest
from loader.tier0 import FILE_NAME as TIER0
from loader.tier0 import declared

QUERIES, RULES = "queries", "alertrules"
_READ = (FILE, TIER0)
_BESIDE = ("exceptions", "azgraph", "config")


def library_with(folders: Sequence[Path], tell: Tell | None = None) -> Library:
    """The shipped library joined by these folders, their overrides applied, tier 0 as they declare it.

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
    follow_tier0("query", library.queries, declared(folders))
    follow_tier0("check", library.checks, declared(folders))
    return library


def own_part(folder: Path, name: str) -> Path | None:
    """`queries` or `alertrules` of a library folder; None where it has none. Raises UsageError as `look_through`."""
    look_through(folder)
    return folder / name if (folder / name).is_dir() else None


def look_through(folder: Path) -> None:
    """Raises UsageError for a library folder that does not exist, has nothing of a library, or has YAML that nothing
    would read.
    """
    if not folder.is_dir():
        raise UsageError(f"The library folder {folder} does not exist.")
    inside = [one for one in sorted(folder.iterdir()) if not one.name.startswith(".")]
    parts = [one for one in inside if one.is_dir()]
    for part in parts:
        if part.name not in (QUERIES, RULES) and (stray := sorted(part.rglob("*.y*ml"))):
            raise UsageError(
                f"{stray[0]}:1: a library folder has {QUERIES}/, {RULES}/, {FILE} and {TIER0}; it reads no others."
            )
    for file in inside:
        if file.is_file() and file.suffix.lower() in (".yaml", ".yml"):
            _refuse_stray(file)
    if not any((folder / one).exists() for one in _READ) and not {QUERIES, RULES} & {part.name for part in parts}:
        raise UsageError(f"The library folder {folder} has neither {QUERIES}/ nor {RULES}/ nor {FILE} nor {TIER0}.")


def _refuse_stray(file: Path) -> None:
    if file.name in _READ or file.stem.startswith(_BESIDE):
        return
    near = nearest(file.stem, (Path(one).stem for one in _READ))
    what = (
        f"perhaps it is meant to be {near[0]}.yaml; rename it"
        if near
        else f"queries stand in {QUERIES}/, rules in {RULES}/, accepted findings in exceptions.yaml; move or rename it"
    )
    raise UsageError(f"{file}:1: of the files of a library folder only {FILE} and {TIER0} are read; {what}.")
