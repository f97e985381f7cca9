"""Which rules an evaluation is of: named ones, those of packs, checks as rules, or the usual ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loader.alerts.alert import Alert
from loader.alerts.asking import Source, ask_cypher
from loader.alerts.checks import PREFIX, CheckRules, sources_of
from loader.alerts.library import RuleLibrary, pick
from loader.alerts.rule import Rule
from loader.alerts.rule_packs import ESSENTIALS, EVERY_RULE
from loader.errors import UsageError
from loader.library.exceptions import load_exceptions
from loader.library.library import Library, shipped_parts
from loader.library.own import library_with
from loader.library.vanished import Tell


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for by name; nothing of it for the usual rules. A rule may be `check.<id>`."""

    rules: Sequence[str] = ()
    packs: Sequence[str] = ()
    checks: Sequence[str] = ()
    check_packs: Sequence[str] = ()

    @property
    def is_usual(self) -> bool:
        """Whether nothing is named."""
        return not (self.rules or self.packs or self.checks or self.check_packs)


@dataclass(frozen=True, slots=True)
class Selected:
    """The rules, and the sources of those that have no query of their own.

    named: by their own ids, not by a pack. others: all rules of the library. off: those that are switched off.
    """

    rules: list[Rule]
    others: Sequence[Rule]
    sources: Mapping[str, Source] = field(default_factory=dict)
    named: frozenset[str] = frozenset()

    @property
    def off(self) -> list[Rule]:
        """The rules that an override switches off; none where rules are evaluated by name."""
        return [] if self.named else [rule for rule in self.others if rule.enabled is False]


def select(
    library: RuleLibrary,
    wanted: Wanted,
    *,
    folders: Sequence[Path] = (),
    exceptions: Path | None = None,
    tell: Tell | None = None,
) -> Selected:
    """The rules that are wanted, with the checks among them.

    folders: users' library folders, as `library` was read with. exceptions: a file of accepted findings, as packs have
    them. tell: hears of what in these no longer exists. Raises UsageError for a name that does not exist.
    """
    own = [name for name in wanted.rules if not name.startswith(PREFIX)]
    found = pick(library.rules.values(), own) if own else []
    if wanted.packs or wanted.is_usual:
        found += [rule for rule in library.chosen(wanted.packs) if rule not in found]
    usual = [ESSENTIALS] if wanted.is_usual and ESSENTIALS in library.packs else []
    packs = [library.pack(name) for name in (*wanted.packs, *usual) if name != EVERY_RULE]
    named = [name.removeprefix(PREFIX) for name in wanted.rules if name.startswith(PREFIX)]
    checks = [*named, *wanted.checks, *(one for pack in packs for one in pack.checks)]
    check_packs = [*wanted.check_packs, *(one for pack in packs for one in pack.check_packs)]
    at_once, everything = frozenset(wanted.rules), list(library.rules.values())
    if not checks and not check_packs:
        return Selected(found, everything, named=at_once)
    with_checks = _library(check_packs, checks, folders, exceptions, tell)
    accepted = load_exceptions(exceptions, with_checks, tell) if exceptions else []
    from loader.tier0 import declared

    check_rules = CheckRules(with_checks, checks, check_packs, accepted, declared(folders).tier0)
    return Selected([*found, *check_rules.rules], everything, sources_of(check_rules), at_once)


def _library(
    packs: Sequence[str], checks: Sequence[str], folders: Sequence[Path], exceptions: Path | None, tell: Tell | None
) -> Library:
    """Reading all of the library takes longer than evaluating; users' own folders and exceptions may name any of it."""
    return library_with(folders, tell) if folders or exceptions else shipped_parts(packs, checks)


def rule_of(
    library: RuleLibrary, alert: Alert, *, folders: Sequence[Path] = (), tell: Tell | None = None
) -> tuple[Rule | None, Source]:
    """The rule of an alert, None where the library has it no more, and where its rows come from."""
    if not alert.rule_id.startswith(PREFIX):
        return library.rules.get(alert.rule_id), ask_cypher
    packs = {str(one).partition(" ")[0] for one in json.loads(alert.values).get("controls") or ()}
    wanted = Wanted(check_packs=sorted(packs)) if packs else Wanted(rules=[alert.rule_id])
    try:
        selected = select(library, wanted, folders=folders, tell=tell)
    except UsageError:
        return None, ask_cypher
    rule = next((one for one in selected.rules if one.id == alert.rule_id), None)
    return rule, selected.sources.get(alert.rule_id, ask_cypher)
