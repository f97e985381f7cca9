"""Packs of rules, switched on by name: `alertrules/packs/<name>.yaml`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pydantic import Field

from loader.library.definitions import Id, Text
from loader.library.library import shipped_folder
from loader.nearest import nearest
from loader.yaml_reader import Document, Strict, yaml_files

FOLDER = "packs"
# What is evaluated where nobody says anything, and the name that stands for every rule there is.
ESSENTIALS, EVERY_RULE = "essentials", "all"


class RulePack(Strict):
    """Rules that are switched on together.

    rules: by their ids; areas: all rules of these folders. checks: checks of the library by their ids, whose failing
    resources become alerts; check_packs: all checks of these packs, set as those set them.
    """

    id: Id
    title: Text
    description: Text
    rules: list[Id] = Field(default_factory=list)
    areas: list[Id] = Field(default_factory=list)
    checks: list[Id] = Field(default_factory=list)
    check_packs: list[Id] = Field(default_factory=list)

    def holds(self, rule: str, area: str) -> bool:
        """Whether a rule of an area is in it."""
        return rule in self.rules or area in self.areas


def load_pack(
    path: Path, areas: Mapping[str, str], folders: Collection[Path], former: Mapping[str, str] | None = None
) -> RulePack:
    """One pack. areas: the area of each rule there is; folders: users' `queries/`, whose checks it may name too.
    former: the rules that stand now for others, by the ids of those, which the pack may still name.

    Raises UsageError with file, line and reason.
    """
    document = Document(path)
    pack = document.validate(RulePack)
    if pack.id != path.stem:
        raise document.error(("id",), f"the id must be the name of the file, {path.stem!r}")
    if pack.id == EVERY_RULE:
        raise document.error(("id",), f"{EVERY_RULE!r} stands for every rule; give the pack another name")
    if not (pack.rules or pack.areas or pack.checks or pack.check_packs):
        raise document.error((), "a pack has `rules`, `areas`, `checks` or `check_packs`")
    for key, kind, known in (
        ("rules", "rule", {*areas, *(former or {})}),
        ("areas", "area of rules", {*areas.values()}),
        ("checks", "check", _stems("checks", folders) if pack.checks else ()),
        ("check_packs", "pack of checks", _stems("packs", folders) if pack.check_packs else ()),
    ):
        for position, name in enumerate(getattr(pack, key)):
            if name not in known:
                near = nearest(name, known)
                hint = f"; perhaps {', '.join(near)}" if near else ""
                raise document.error((key, position), f"there is no {kind} {name!r}{hint}")
            if name in getattr(pack, key)[:position]:
                raise document.error((key, position), f"{name!r} stands here a second time")
    now = [(former or {}).get(one, one) for one in pack.rules]
    return pack.model_copy(update={"rules": list(dict.fromkeys(now))})


def _stems(kind: str, folders: Collection[Path]) -> set[str]:
    """The ids of checks or of their packs, told by the names of their files: reading all of them takes long."""
    return {path.stem for folder in (shipped_folder(), *folders) for path in _yaml_of(folder / kind)}


def _yaml_of(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from yaml_files(folder)
