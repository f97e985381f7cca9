"""Checks as rules, on the real database: failing resources are alerts; what nobody could evaluate is never resolved."""

from __future__ import annotations

import pytest

from loader.alerts.checks import CheckRules, sources_of
from loader.alerts.evaluate import evaluate
from loader.alerts.explaining import explain_alert, explain_entity
from loader.alerts.library import shipped_rules
from loader.alerts.selection import Wanted, rule_of, select
from loader.alerts.trying import try_rule
from loader.errors import UsageError
from loader.library.definitions import Control, Pack, Section
from loader.library.library import Library, shipped_parts
from loader.library.parameters import Parameter

from .conftest import ONE, TWO

pytestmark = pytest.mark.packs

PACK = """
id: contoso-vaults
version: "1"
title: Contoso's vaults
source: Contoso
sections:
  - id: "1"
    title: Vaults
    controls: [{id: "1.1", title: Nothing is purged, check: keyvault-purge-protection}]
"""
EXCEPTIONS = """
exceptions:
  - check: keyvault-purge-protection
    resources: [%s]
    reason: It holds nothing.
    owner: ada
    expires: %s
"""


@pytest.fixture(scope="module")
def library():
    return shipped_rules()


def evaluated(world, selected):
    return evaluate(world.database, selected.rules, sources=selected.sources, now=world.now).totals


def states(world):
    return {one.entity_name: (str(one.state), one.resolved_by) for one in world.alerts()}


def test_failing_resources_open_and_end_and_unknown_ones_stay(world, library):
    def totals():
        return evaluated(world, select(library, Wanted(checks=["keyvault-purge-protection"])))

    world.vault("one", ONE)
    world.vault("two", TWO)
    world.vault("safe", TWO, enablePurgeProtection=True)
    world.run()
    assert totals()["opened"] == 2
    alert = next(one for one in world.alerts() if one.entity_name == "one")
    assert alert.rule_id == "check.keyvault-purge-protection"
    assert alert.title == "one fails: Key vaults are protected against purging"
    assert "Purge protection is off" in alert.values
    world.vault("one", ONE, enablePurgeProtection=True)
    world.vault("two", TWO, enablePurgeProtection=True)
    world.run(status="partial", scopes={TWO: "forbidden"})
    selected = select(library, Wanted(checks=["keyvault-purge-protection"]))
    (rule,) = selected.rules
    why = explain_entity(world.database, rule, world.vault("safe", TWO), selected.sources[rule.id], now=world.now).why[
        0
    ]
    assert "Nobody can tell whether it is a finding: " in why
    assert "We may not list them" in why
    world.vault("safe", TWO, enablePurgeProtection=True)
    assert (totals()["resolved"], totals()["held"]) == (1, 1), "two was not evaluated"
    assert states(world) == {"one": ("resolved", "rule"), "two": ("open", None)}
    world.run()
    assert totals()["resolved"] == 1
    assert all(count == 0 for count in totals().values())


def test_an_exception_closes_an_alert_while_it_holds(world, library, tmp_path):
    path = tmp_path / "exceptions.yaml"

    def totals(key, until):
        path.write_text(EXCEPTIONS % (key, until))
        return evaluated(world, select(library, Wanted(checks=["keyvault-purge-protection"]), exceptions=path))

    key = world.vault("one")
    world.run()
    assert totals("/none", "2026-12-31")["opened"] == 1
    assert totals(key, "2026-12-31")["closed"] == 1
    assert states(world) == {"one": ("resolved", "exception")}
    assert "It holds nothing. (accepted by ada until 2026-12-31)" in world.one().history[-1]
    rule, source = rule_of(library, world.one())
    why = explain_alert(world.database, world.one(), rule, source, now=world.now).why
    assert ["an exception accepts it" in why[0], "when the exception does not hold" in why[1]] == [True, True]
    world.run()
    assert totals(key, "2026-01-01")["reopened"] == 1


def test_all_checks_of_a_pack_are_rules(world, library, tmp_path):
    packs = tmp_path / "own" / "queries" / "packs"
    packs.mkdir(parents=True)
    (packs / "contoso-vaults.yaml").write_text(PACK)
    folders = [tmp_path / "own"]
    world.run()
    world.vault("one")
    wanted = Wanted(check_packs=["contoso-vaults"], checks=["keyvault-purge-protection"])
    assert evaluated(world, select(library, wanted, folders=folders))["opened"] == 1, "the same check is one rule"
    assert '"controls": ["contoso-vaults 1.1"]' in world.one().values
    rule, source = rule_of(library, world.one(), folders=folders)
    explained = explain_alert(world.database, world.one(), rule, source, now=world.now)
    assert "returns it over run 1" in explained.why[0]
    assert rule_of(library, world.one().model_copy(update={"rule_id": "check.gone", "values": "{}"}))[0] is None
    tried = select(library, Wanted(rules=["check.keyvault-purge-protection"]))
    assert len(try_rule(world.database, tried.rules[0], tried.sources[tried.rules[0].id], now=world.now).rows) == 1


def test_what_another_pack_sets_the_check_to_is_not_resolved_by_one_that_does_not(world):
    days = Parameter(type="integer", default=7, description="How long what is deleted is kept")
    check = shipped_parts((), ["keyvault-purge-protection"]).check("keyvault-purge-protection")
    read = "MATCH (v:azure_keyvault_service) RETURN v._key AS key, v.name AS name, v.days >= $days AS passed"
    query = f"{read}, 'It is kept.' AS reason"
    check = check.model_copy(update={"cypher": query, "parameters": {"days": days}})

    def pack(name, wanted):
        control = Control(id="1.1", title="Kept", check=check.id, parameters={"days": wanted})
        section = Section(id="1", title="Vaults", controls=[control])
        return Pack(id=name, version="1", title=name, source="Contoso", sections=[section])

    def totals(*packs):
        library = Library(checks={check.id: check}, packs={one.id: one for one in packs})
        rules = CheckRules(library, [], [one.id for one in packs])
        return evaluate(world.database, rules.rules, sources=sources_of(rules), now=world.now).totals

    strict, mild = pack("strict", 90), pack("mild", 14)
    world.run()
    world.vault("one", days=30)
    assert totals(strict)["opened"] == 1
    # Nothing is known of 90 days here.
    assert totals(mild)["held"] == 1
    assert totals(strict, mild)["ongoing"] == 1
    # A pack that is set to something else asks for that from now on.
    assert totals(pack("strict", 20))["resolved"] == 1


def test_a_check_that_fails_is_a_rule_that_fails(world, library):
    world.run()
    world.vault("one")
    selected = select(library, Wanted(checks=["keyvault-purge-protection"]))
    evaluated(world, selected)
    check = shipped_parts((), ["keyvault-purge-protection"]).check("keyvault-purge-protection")
    broken = check.model_copy(update={"cypher": "MATCH (v:azure_keyvault_service) RETURN 1 / 0 AS key"})
    again = CheckRules(Library(checks={check.id: broken}), [check.id], [])
    done = evaluate(world.database, again.rules, sources=sources_of(again), now=world.now)
    assert [one.status for one in done.outcomes] == ["failed"]
    assert world.failures() == {"check.keyvault-purge-protection": "open"}
    assert states(world) == {"one": ("open", None)}


def test_names_that_do_not_exist_are_refused(library):
    with pytest.raises(UsageError, match="Perhaps: keyvault-purge-protection"):
        select(library, Wanted(checks=["keyvault-purge-protecton"]))
    with pytest.raises(UsageError, match="no pack 'cis-1'"):
        select(library, Wanted(check_packs=["cis-1"]))
    with pytest.raises(UsageError, match="Perhaps: essentials"):
        select(library, Wanted(packs=["essential"]))
