"""The library of rules: every YAML file of `alertrules/`, read strictly; what is wrong is named by file and line.

Users' own library folders join it, as they do for queries and checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from loader.alerts.rule import Rule
from loader.coverage.steps import known_labels, known_steps
from loader.errors import UsageError
from loader.files import shipped
from loader.library.cypher import entity_types_in, writing
from loader.library.library import taken
from loader.library.overrides import override, read_overrides
from loader.library.own import RULES, own_part
from loader.library.vanished import Tell
from loader.nearest import perhaps
from loader.yaml_reader import Document, yaml_files


def library_folder() -> Path:
    """Where the rules are that come with azgraph."""
    return shipped("alertrules")


def load_rules(folder: Path | None = None, libraries: Sequence[Path] = (), tell: Tell | None = None) -> list[Rule]:
    """Every rule of a folder (the shipped one where none is named) and those below, sorted by id.

    libraries: users' library folders, whose rules join these and whose overrides change them. tell: as in
    `library_with`. Raises UsageError for the first file that is wrong.
    """
    root = folder or library_folder()
    if not root.is_dir():
        raise UsageError(f"There is no folder of rules at {root}.")
    files: dict[str, Path] = {}
    rules: dict[str, Rule] = {}
    for part in [root, *(own for library in libraries if (own := own_part(library, RULES)))]:
        for path in yaml_files(part):
            rule = load_rule(path)
            if rule.id in rules:
                raise Document(path).error(("id",), taken(files[rule.id], library_folder(), "rule"))
            rules[rule.id], files[rule.id] = rule, path
    for library in libraries:
        if found := read_overrides(library):
            document, overrides = found
            override(document, "rule", rules, overrides.rules, tell)
    return [_with_severity_everywhere(rules[name]) for name in sorted(rules)]


def _with_severity_everywhere(rule: Rule) -> Rule:
    """An expiry rule whose severity is overridden has that one in all its buckets: alerts have their bucket's."""
    if not rule.buckets or not rule.overridden or (severity := rule.overridden[0].own.get("severity")) is None:
        return rule
    told = rule.overridden[0]
    before = {f"buckets.{one.days}": one.severity for one in rule.buckets if one.severity != severity}
    shipped, own = told.shipped | before, told.own | dict.fromkeys(before, severity)
    buckets = [one.model_copy(update={"severity": severity}) for one in rule.buckets]
    return rule.changed({"buckets": buckets}, replace(told, shipped=shipped, own=own))


def load_rule(path: Path) -> Rule:
    """One rule. Raises UsageError with file, line and reason."""
    document = Document(path)
    rule = document.validate(Rule)
    if rule.id != path.stem:
        raise document.error(("id",), f"the id must be the name of the file, {path.stem!r}")
    for key, reason in rule.faults():
        raise document.error((key,), reason)
    if found := writing(rule.cypher):
        what, line = found
        raise _in_cypher(document, line, f"a rule only reads, but this has {what}")
    known = known_steps()
    for position, need in enumerate(rule.needs):
        if need not in known:
            raise document.error(("needs", position), f"nothing loads {need}; `azgraph model` lists the entity types")
    covered = {need.partition(".")[0] for need in rule.needs}
    for named, line in entity_types_in(rule.cypher).items():
        if named not in known_labels():
            raise _in_cypher(document, line, f"there is no entity type {named!r}")
        if named in known and named not in covered:
            raise _in_cypher(document, line, f"the query reads {named}, which `needs` does not name")
    return rule


def pick(rules: Iterable[Rule], wanted: Iterable[str]) -> list[Rule]:
    """The rules with these ids; all of them where none is named. Raises UsageError for an id that is none."""
    by_id = {rule.id: rule for rule in rules}
    names = list(wanted)
    for name in names:
        if name not in by_id:
            raise UsageError(f"There is no rule {name!r}. {perhaps(name, by_id, 'azgraph alerts evaluate')}")
    return [by_id[name] for name in names] if names else list(by_id.values())


def _in_cypher(document: Document, line: int, reason: str) -> UsageError:
    """An error inside the query, which begins on the line after its key."""
    return UsageError(f"{document.path}:{document.line(('cypher',)) + 1 + line}: {reason}.")
