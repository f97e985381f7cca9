"""The shipped library, read once a process.

A command reads what it needs of it, as a process of its own must: up to two seconds of processor time, and tests invoke
hundreds of commands. Here they get what was read when the tests were collected; users' own files are read as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from loader.alerts import library as rules
from loader.library import library as entries

_KINDS = {"packs": "pack", "checks": "check", "fragments": "fragment"}


def keep_what_was_read(patch: pytest.MonkeyPatch) -> None:
    """Has commands of this process take what of the shipped library is read already; what is not, they read."""
    read_file, read_rule = entries._load_file, rules.load_rule

    def load_file(library: entries.Library, path: Path, place: tuple[str, ...]) -> None:
        name = (_KINDS.get(place[0], "query"), path.stem)
        whole = entries.shipped_library() if entries.shipped_library.cache_info().currsize else entries.Library()
        if whole.files.get(name) != path or name in library.files:
            read_file(library, path, place)
        else:
            _of(library, name[0])[path.stem] = _of(whole, name[0])[path.stem]
            library.files[name] = path

    def load_rule(path: Path, queries: Sequence[Path] = ()) -> rules.Rule:
        whole = rules.shipped_rules() if rules.shipped_rules.cache_info().currsize else rules.RuleLibrary()
        # A shipped rule names no query of users.
        return whole.rules[path.stem] if whole.files.get(path.stem) == path else read_rule(path, queries)

    patch.setattr(entries, "_load_file", load_file)
    patch.setattr(rules, "load_rule", load_rule)


def _of(library: entries.Library, kind: str) -> dict[str, object]:
    """The entries of a kind by id."""
    kinds = {"query": library.queries, "check": library.checks, "pack": library.packs, "fragment": library.fragments}
    return kinds[kind]  # type: ignore[return-value]
