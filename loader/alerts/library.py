"""The library of rules and their packs: each YAML file of `alertrules/`, read strictly.

What is wrong is named by file and line. Users' own library folders join it, as they do for queries and checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from loader.alerts.borrowed import borrowing
from loader.alerts.rule import Rule
from loader.alerts.rule_packs import ESSENTIALS, EVERY_RULE, FOLDER, RulePack, load_pack
from loader.coverage.steps import HISTORY, known_labels, known_steps
from loader.errors import UsageError
from loader.files import shipped
from loader.library.cypher import entity_types_in, writing
from loader.library.following import follow_tier0
from loader.library.fragments import with_fragments
from loader.library.library import shipped_fragments, taken
from loader.library.overrides import override, read_overrides
from loader.library.own import QUERIES, RULES, own_part
from loader.library.vanished import Tell
from loader.nearest import alternatives, perhaps
from loader.tier0 import declared
from loader.yaml_reader import Document, yaml_files

# What azgraph itself writes, which rules about its runs look at.
_OWN = frozenset({"SyncRun", "SyncScope"})


def library_folder() -> Path:
    """Where the rules are that come with azgraph."""
    return shipped("alertrules")


@dataclass(slots=True)
class RuleLibrary:
    """Rules and their packs by id. areas: the folder of each rule; own: the rules of users' library folders; files:
    where each rule stands.
    """

    rules: dict[str, Rule] = field(default_factory=dict)
    packs: dict[str, RulePack] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    files: dict[str, Path] = field(default_factory=dict)

    def pack(self, name: str) -> RulePack:
        """A pack by its id. Raises UsageError that names the nearest ones."""
        if name not in self.packs:
            raise UsageError(f"There is no pack of rules {name!r}. {alternatives(name, (*self.packs, EVERY_RULE))}")
        return self.packs[name]

    def packs_of(self, rule: str) -> list[str]:
        """The packs that a rule is in."""
        return [name for name, pack in self.packs.items() if pack.holds(rule, self.areas[rule])]

    def chosen(self, packs: Iterable[str] = ()) -> list[Rule]:
        """The rules of these packs; where none is named those of `essentials` and the user's own that are in no pack.

        What an override enables is among them, what it disables is not. `all` stands for every rule. Raises UsageError
        for a pack that does not exist.
        """
        names = list(packs) or [name for name in (ESSENTIALS,) if name in self.packs]
        found = [self.pack(name) for name in names if name != EVERY_RULE]
        every = EVERY_RULE in names or not names
        return [rule for name, rule in self.rules.items() if self._is_on(name, rule, found, every, not list(packs))]

    def _is_on(self, name: str, rule: Rule, packs: list[RulePack], every: bool, usual: bool) -> bool:
        if rule.enabled is not None:
            return rule.enabled
        if usual and name in self.own and not self.packs_of(name):
            return True
        return every or any(pack.holds(name, self.areas[name]) for pack in packs)


@cache
def shipped_rules() -> RuleLibrary:
    """The rules and packs that come with azgraph."""
    return load_rule_library()


def load_rules(folder: Path | None = None, libraries: Sequence[Path] = (), tell: Tell | None = None) -> list[Rule]:
    """Every rule, sorted by id; as `load_rule_library` has them."""
    return list(load_rule_library(folder, libraries, tell).rules.values())


def load_rule_library(
    folder: Path | None = None, libraries: Sequence[Path] = (), tell: Tell | None = None
) -> RuleLibrary:
    """Every rule and pack of a folder (the shipped one where none is named) and those below, sorted by id.

    libraries: users' library folders, whose rules and packs join these and whose overrides change them. tell: as in
    `library_with`. Raises UsageError for the first file that is wrong.
    """
    root = folder or library_folder()
    if not root.is_dir():
        raise UsageError(f"There is no folder of rules at {root}.")
    queries = [own for library in libraries if (own := own_part(library, QUERIES))]
    files: dict[str, Path] = {}
    rules: dict[str, Rule] = {}
    parts = [root, *(own for library in libraries if (own := own_part(library, RULES)))]
    for part in parts:
        for path in yaml_files(part):
            if _is_pack(path, part):
                continue
            rule = load_rule(path, queries)
            if rule.id in rules:
                raise Document(path).error(("id",), taken(files[rule.id], library_folder(), "rule"))
            rules[rule.id], files[rule.id] = rule, path
    for library in libraries:
        if found := read_overrides(library):
            document, overrides = found
            override(document, "rule", rules, overrides.rules, tell)
    former = {one: rule.id for rule in rules.values() for one in rule.formerly}
    for one in former.keys() & rules.keys():
        raise Document(files[former[one]]).error(("formerly",), f"there is still a rule {one!r}")
    areas = {name: files[name].parent.name for name in sorted(rules)}
    users = frozenset(name for name, path in files.items() if not path.is_relative_to(root))
    ordered = {name: _with_severity_everywhere(rules[name]) for name in sorted(rules)}
    if libraries:
        follow_tier0("rule", ordered, declared(libraries))
    return RuleLibrary(ordered, _packs(parts, areas, queries, former), areas, users, files)


def _is_pack(path: Path, part: Path) -> bool:
    return path.relative_to(part).parts[0] == FOLDER


def _packs(
    parts: Iterable[Path], areas: dict[str, str], queries: Sequence[Path], former: Mapping[str, str]
) -> dict[str, RulePack]:
    packs: dict[str, RulePack] = {}
    for part in parts:
        for path in yaml_files(part):
            if _is_pack(path, part):
                pack = load_pack(path, areas, queries, former)
                if pack.id in packs:
                    raise Document(path).error(("id",), "another pack of rules has this id already")
                packs[pack.id] = pack
    return dict(sorted(packs.items()))


def _with_severity_everywhere(rule: Rule) -> Rule:
    """An expiry rule whose severity is overridden has that one in all its buckets: alerts have their bucket's."""
    if not rule.buckets or not rule.overridden or (severity := rule.overridden[0].own.get("severity")) is None:
        return rule
    told = rule.overridden[0]
    before = {f"buckets.{one.days}": one.severity for one in rule.buckets if one.severity != severity}
    shipped, own = told.shipped | before, told.own | dict.fromkeys(before, severity)
    buckets = [one.model_copy(update={"severity": severity}) for one in rule.buckets]
    return rule.changed({"buckets": buckets}, replace(told, shipped=shipped, own=own))


def load_rule(path: Path, queries: Sequence[Path] = ()) -> Rule:
    """One rule. queries: users' `queries/`, whose queries it may name too.

    Raises UsageError with file, line and reason.
    """
    document = Document(path)
    rule = with_fragments(document, document.validate(Rule), shipped_fragments())
    if rule.id != path.stem:
        raise document.error(("id",), f"the id must be the name of the file, {path.stem!r}")
    for key, reason in rule.faults():
        raise document.error((key,), reason)
    if rule.query is not None:
        return borrowing(document, rule, queries)
    if found := writing(rule.cypher):
        what, line = found
        raise _in_cypher(document, line, f"a rule only reads, but this has {what}")
    known = known_steps() | {HISTORY}
    for position, need in enumerate(rule.needs):
        if need not in known:
            raise document.error(("needs", position), f"nothing loads {need}; `azgraph model` lists the entity types")
    covered = {need.partition(".")[0] for need in rule.needs}
    for named, line in entity_types_in(rule.cypher).items():
        if named not in known_labels():
            raise _in_cypher(document, line, f"there is no entity type {named!r}")
        if named in known and named not in covered:
            raise _in_cypher(document, line, f"the query reads {named}, which `needs` does not name")
    _refuse_unknown_nodes(document, rule)
    return rule


def _refuse_unknown_nodes(document: Document, rule: Rule) -> None:
    known = known_labels() | _OWN
    for index, example in enumerate(rule.examples):
        for alias, node in example.graph.nodes.items():
            if node.type not in known:
                place = ("examples", index, "graph", "nodes", alias, "type")
                raise document.error(place, f"there is no entity type {node.type!r}; `azgraph model` lists them")


def pick(rules: Iterable[Rule], wanted: Iterable[str]) -> list[Rule]:
    """The rules with these ids; all of them where none is named. Raises UsageError for an id that is none."""
    by_id = {rule.id: rule for rule in rules}
    names = list(wanted)
    for name in names:
        if name not in by_id:
            raise UsageError(f"There is no rule {name!r}. {perhaps(name, by_id, 'azgraph alerts rules')}")
    return [by_id[name] for name in names] if names else list(by_id.values())


def _in_cypher(document: Document, line: int, reason: str) -> UsageError:
    """An error inside the query, which begins on the line after its key."""
    return UsageError(f"{document.path}:{document.line(('cypher',)) + 1 + line}: {reason}.")
