"""Loads the YAML library: queries, checks and packs, each file checked for form and for names that exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from loader.coverage.steps import EVERYTHING, HISTORY, known_labels, known_steps
from loader.errors import UsageError
from loader.files import shipped
from loader.library.cypher import entity_types_in, writing
from loader.library.definitions import Check, Pack, Query
from loader.library.fragments import Fragment, read_fragment, with_fragments
from loader.library.parameters import bind
from loader.nearest import perhaps
from loader.services import IMPORTED
from loader.yaml_reader import Document, yaml_files

Entry = TypeVar("Entry", Query, Check, Pack, Fragment)
# The commands that list what there is.
_LISTS = {"query": "azgraph query list", "check": "azgraph check --list-checks", "pack": "azgraph check --list"}


@dataclass(slots=True)
class Library:
    """Queries, checks and packs by id, in the order of their files. files: where each stands, by kind and id.

    fragments: what their Cypher shares; it stands in their texts already.
    """

    queries: dict[str, Query] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    packs: dict[str, Pack] = field(default_factory=dict)
    files: dict[tuple[str, str], Path] = field(default_factory=dict)
    fragments: dict[str, Fragment] = field(default_factory=dict)

    def copy(self) -> Library:
        """Another library with the same entries."""
        return Library(dict(self.queries), dict(self.checks), dict(self.packs), dict(self.files), dict(self.fragments))

    def query(self, name: str) -> Query:
        """A query by its id. Raises UsageError that names the nearest ones."""
        return _named("query", self.queries, name)

    def check(self, name: str) -> Check:
        """A check by its id. Raises UsageError that names the nearest ones."""
        return _named("check", self.checks, name)

    def pack(self, name: str) -> Pack:
        """A pack by its id. Raises UsageError that names the nearest ones."""
        return _named("pack", self.packs, name)


def _named(kind: str, known: dict[str, Entry], name: str) -> Entry:
    if name in known:
        return known[name]
    raise _unknown(kind, name, known)


def _unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    return UsageError(f"There is no {kind} {name!r}. {perhaps(name, known, _LISTS[kind])}")


def shipped_folder() -> Path:
    """The library that comes with azgraph."""
    return shipped("queries")


@cache
def shipped_library() -> Library:
    """The library that comes with azgraph."""
    return load_library()


def load_library(paths: Sequence[Path] | None = None, *, onto: Library | None = None) -> Library:
    """Loads folders laid out like `queries/`, the shipped one where none is named; they join into one library.

    onto: a library that they join; it stays as it is. Raises UsageError with file, line and reason for the first thing
    that is wrong.
    """
    library = onto.copy() if onto else Library()
    for folder in [shipped_folder()] if paths is None else paths:
        if not folder.is_dir():
            raise UsageError(f"The library folder {folder} does not exist.")
        files = {path: path.relative_to(folder).parts for path in yaml_files(folder)}
        for path, place in sorted(files.items(), key=lambda one: one[1][0] != _FRAGMENTS):
            _load_file(library, path, place)
    for pack in library.packs.values():
        _refuse_wrong_checks(library, pack)
    return library


def shipped_packs() -> Library:
    """The packs that come with azgraph without their checks, to be listed; nothing else is read."""
    return _part(_files("packs"))


def shipped_part(pack: str) -> Library:
    """What comes with azgraph as far as one shipped pack needs it: the pack and its checks.

    Reading the whole library takes longer than evaluating a pack. Raises UsageError that names the nearest packs where
    there is none of this name.
    """
    return shipped_parts([pack])


def shipped_parts(packs: Iterable[str], checks: Iterable[str] = ()) -> Library:
    """The same of several packs, and of checks besides."""
    pack_files, check_files = _files("packs"), _files("checks")
    used = set(checks)
    for kind, names, files in (("pack", packs, pack_files), ("check", used, check_files)):
        for name in names:
            if name not in files:
                raise _unknown(kind, name, files)
    library = _part(_files(_FRAGMENTS) | {name: pack_files[name] for name in packs})
    for pack in library.packs.values():
        used |= {use.check for _, control in pack.controls() for use in control.uses}
    library = _part({name: path for name, path in check_files.items() if name in used}, onto=library)
    for pack in library.packs.values():
        _refuse_wrong_checks(library, pack)
    return library


def one_query(name: str, folders: Sequence[Path] = ()) -> Query:
    """One query of the shipped library or of folders laid out like it; no other is read.

    Raises UsageError that names the nearest ones where there is none of this name.
    """
    found: dict[str, tuple[Path, Path]] = {}
    for folder in (shipped_folder(), *folders):
        for path in yaml_files(folder):
            if path.relative_to(folder).parts[0] not in ("packs", "checks", _FRAGMENTS):
                found.setdefault(path.stem, (folder, path))
    if name not in found:
        raise _unknown("query", name, found)
    folder, path = found[name]
    library = Library(fragments=dict(shipped_fragments()))
    for own in folders:
        for file in yaml_files(own / _FRAGMENTS) if (own / _FRAGMENTS).is_dir() else ():
            _load_file(library, file, file.relative_to(own).parts)
    _load_file(library, path, path.relative_to(folder).parts)
    return library.query(name)


def _files(kind: str) -> dict[str, Path]:
    """The shipped files of a kind by what they are about: an id is its file's name."""
    return {path.stem: path for path in yaml_files(shipped_folder() / kind)}


def _part(files: Mapping[str, Path], onto: Library | None = None) -> Library:
    library = onto or Library()
    for path in files.values():
        _load_file(library, path, path.relative_to(shipped_folder()).parts)
    return library


def taken(by: Path, shipped: Path, kind: str) -> str:
    """Why an id cannot be used again, and what to do where it is a shipped one's."""
    if not by.is_relative_to(shipped):
        return f"another {kind}, {by}, has this id already"
    return (
        f"a shipped {kind} has this id already; give yours another one, or change the shipped one's title, severity "
        "or parameters in overrides.yaml (docs/own-library.md)"
    )


# They are read first: the others may name them.
_FRAGMENTS = "fragments"


@cache
def shipped_fragments() -> Mapping[str, Fragment]:
    """What the Cypher of shipped entries shares, by its id."""
    library = Library()
    for path in yaml_files(shipped_folder() / _FRAGMENTS):
        document = Document(path)
        _keep(library, "fragment", library.fragments, document, read_fragment(document))
    return library.fragments


def _load_file(library: Library, path: Path, place: tuple[str, ...]) -> None:
    if path.parent == shipped_folder() / _FRAGMENTS:
        library.fragments[path.stem] = shipped_fragments()[path.stem]
        library.files["fragment", path.stem] = path
        return
    document = Document(path)
    match place:
        case [folder, _] if folder == _FRAGMENTS:
            _keep(library, "fragment", library.fragments, document, read_fragment(document))
        case ["packs", _]:
            pack = document.validate(Pack)
            _refuse_disorder(document, pack)
            _keep(library, "pack", library.packs, document, pack)
        case ["checks", _, _]:
            check = with_fragments(document, document.validate(Check), library.fragments)
            steps = [*check.resource, *check.needs, *check.doubts]
            _refuse_bad_cypher(document, check, steps)
            _refuse_unknown(document, check.resource, known_steps(), "resource")
            _refuse_unknown(document, check.doubts, known_steps(), "doubts")
            for step in check.max_age:
                if step not in steps:
                    raise document.error(("max_age", step), f"the check does not read {step}: name it in `needs`")
            _keep(library, "check", library.checks, document, check)
        case [area, _]:
            query = with_fragments(document, document.validate(Query), library.fragments)
            _refuse_bad_cypher(document, query, query.needs)
            if query.area != area:
                raise document.error(("area",), f"the file stands in the folder {area!r}, so the area must be {area!r}")
            _keep(library, "query", library.queries, document, query)
        case _:
            raise UsageError(
                f"{path}:1: a library has <area>/<query>.yaml, checks/<area>/<check>.yaml, packs/<pack>.yaml and "
                "fragments/<fragment>.yaml."
            )


def _keep(library: Library, kind: str, known: dict[str, Entry], document: Document, entry: Entry) -> None:
    if entry.id != document.path.stem:
        raise document.error(("id",), f"the id must be the file's name, {document.path.stem!r}")
    if entry.id in known:
        raise document.error(("id",), taken(library.files[kind, entry.id], shipped_folder(), kind))
    known[entry.id] = entry
    library.files[kind, entry.id] = document.path


def _refuse_bad_cypher(document: Document, entry: Query | Check, needs: Iterable[str]) -> None:
    """Refuses what writes, what names unknown types, and what reads types whose loading is not watched."""
    _refuse_unknown(document, entry.needs, known_steps() | {EVERYTHING, HISTORY}, "needs")
    watched = {need.partition(".")[0] for need in needs}
    for key, text in entry.texts.items():
        if found := writing(text):
            raise _cypher_error(document, key, found[1], f"a query may only read, and this has {found[0]}")
        for name, line in entity_types_in(text).items():
            if name not in known_labels():
                raise _cypher_error(document, key, line, f"there is no entity type {name}; `azgraph model` lists them")
            if name in known_steps() and name not in watched and (name in IMPORTED or EVERYTHING not in watched):
                raise _cypher_error(document, key, line, f"it reads {name}, so `needs` must name {name}")
    for index, example in enumerate(entry.examples):
        for alias, node in example.graph.nodes.items():
            if node.type not in known_labels():
                place = ("examples", index, "graph", "nodes", alias, "type")
                raise document.error(place, f"there is no entity type {node.type}; `azgraph model` lists them")


def _refuse_unknown(document: Document, names: Sequence[str], known: frozenset[str], key: str) -> None:
    for index, name in enumerate(names):
        if name not in known:
            raise document.error((key, index), f"nothing loads {name}; `azgraph model` lists the entity types")


def _cypher_error(document: Document, key: str, line: int, reason: str) -> UsageError:
    """Points into the text: it begins on the line after its key (`cypher: |`)."""
    start = document.line((key,))
    return UsageError(f"{document.path}:{start + 1 + line if line or key == 'cypher' else start}: {key}: {reason}.")


def _refuse_disorder(document: Document, pack: Pack) -> None:
    """Control ids stand once, and numbered ones in their order: 1.2 before 1.10."""
    seen: set[str] = set()
    last: tuple[int, ...] = ()
    for place, _, control in pack.places():
        if control.id in seen:
            raise document.error((*place, "id"), f"the control {control.id} stands here a second time")
        seen.add(control.id)
        if re.fullmatch(r"\d+(\.\d+)*", control.id):
            number = tuple(int(part) for part in control.id.split("."))
            if number < last:
                raise document.error(
                    (*place, "id"), f"the control {control.id} stands after {'.'.join(map(str, last))}"
                )
            last = number


def _refuse_wrong_checks(library: Library, pack: Pack) -> None:
    """Checks that do not exist, and parameters that theirs does not take."""
    for place, _, control in pack.places():
        for index, use in enumerate(control.uses):
            here = place if control.check else (*place, "checks", index)
            if use.check not in library.checks:
                near = perhaps(use.check, library.checks, _LISTS["check"]).removesuffix(".")
                reason = f"there is no check {use.check!r} in the library. {near}"
                raise Document(library.files["pack", pack.id]).error((*here, "check"), reason)
            for name, value in use.parameters.items():
                try:
                    bind(f"the check {use.check}", library.checks[use.check].parameters, {name: value})
                except UsageError as error:
                    reason = str(error).removesuffix(".")
                    raise Document(library.files["pack", pack.id]).error((*here, "parameters", name), reason) from error
