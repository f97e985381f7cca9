"""Packs of rules, rules that name a query, and overrides of rules: what is chosen, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.alerts.library import load_rule, load_rule_library, shipped_rules
from loader.alerts.selection import Wanted, select
from loader.errors import UsageError

from .conftest import CHANGE_RULE, EXPIRY_RULE, STATE_RULE

LIBRARY = shipped_rules()
BORROWING = """\
id: vault-items
title: A vault can be emptied
severity: low
kind: state
description: x
remediation: x
query: keyvault-unrecoverable
columns: {entity: key, name: vault}
message: "{name} can be emptied"
examples:
  - name: one
    graph:
      nodes:
        a: {type: azure_keyvault_service}
        b: {type: azure_keyvault_service, properties: {enablePurgeProtection: true}}
    opens: {a: a can be emptied}
    not: [b]
    then: {nodes: {a: {enablePurgeProtection: true}}, resolves: [a]}
"""


@pytest.fixture
def write(tmp_path):
    def written(name: str, text: str) -> Path:
        path = tmp_path / "alertrules" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


@pytest.fixture
def own(write, tmp_path):
    """A user's library: a rule in no pack, two in packs."""
    write("area/vault-bad.yaml", STATE_RULE)
    write("area/vault-changed.yaml", CHANGE_RULE)
    write("other/vault-expiring.yaml", EXPIRY_RULE)
    write("packs/ours.yaml", "id: ours\ntitle: Ours\ndescription: x\nrules: [vault-changed]\nareas: [other]\n")
    return tmp_path


def ids(rules):
    return {rule.id for rule in rules}


def test_what_packs_switch_on(own):
    library = load_rule_library(libraries=[own])
    usual = ids(library.chosen())
    assert {"vault-bad", "network-admin-ports-open"} < usual
    assert not {"vault-changed", "finding-policy"} & usual
    assert ids(library.chosen(["ours"])) == {"vault-changed", "vault-expiring"}
    assert ids(library.chosen(["all"])) == set(library.rules)
    assert library.packs_of("vault-expiring") == ["ours"]
    folder = load_rule_library(own / "alertrules")
    assert ids(folder.chosen()) == set(folder.rules), "a folder without essentials is evaluated whole"
    assert ids(select(library, Wanted(rules=["vault-bad"], packs=["ours"])).rules) == {
        "vault-bad",
        "vault-changed",
        "vault-expiring",
    }


def test_overrides_switch_rules_on_and_off_and_name_owners(own):
    (own / "overrides.yaml").write_text(
        "rules:\n  network-admin-ports-open: {enabled: false}\n  finding-policy: {enabled: true, owner: sec team}\n"
    )
    library = load_rule_library(libraries=[own])
    selected = select(library, Wanted())
    assert "network-admin-ports-open" not in ids(selected.rules)
    assert ids(selected.off) == {"network-admin-ports-open"}
    assert library.rules["finding-policy"].owner == "sec team"
    assert "finding-policy" in ids(selected.rules)
    (told,) = library.rules["finding-policy"].overridden
    assert 'owner is "sec team" (shipped: none)' in told.sentence
    assert select(library, Wanted(rules=["rbac-owner-added"])).off == [], "who asks for one rule closes nothing"


@pytest.mark.parametrize("pack", LIBRARY.packs.values(), ids=lambda pack: pack.id)
def test_shipped_packs_have_rules_and_checks_that_exist(pack):
    selected = select(LIBRARY, Wanted(packs=[pack.id]))
    assert selected.rules


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("id: p\ntitle: x\ndescription: x\n", 1, "a pack has `rules`"),
        ("id: q\ntitle: x\ndescription: x\nrules: [vault-bad]\n", 1, "the name of the file, 'p'"),
        ("id: p\ntitle: x\ndescription: x\nrules:\n  - vault-bad\n  - vault-bat\n", 6, "perhaps vault-bad"),
        ("id: p\ntitle: x\ndescription: x\nrules: [vault-bad, vault-bad]\n", 4, "a second time"),
        ("id: p\ntitle: x\ndescription: x\nareas: [nowhere]\n", 4, "no area of rules 'nowhere'"),
        ("id: p\ntitle: x\ndescription: x\nchecks: [storage-secure-transfr]\n", 4, "perhaps storage-secure-transfer"),
        ("id: p\ntitle: x\ndescription: x\ncheck_packs: [cis-1]\n", 4, "no pack of checks 'cis-1'"),
        ("id: p\ntitle: x\ndescription: x\nrule: [vault-bad]\n", 4, "not known here"),
    ],
)
def test_a_wrong_pack_is_refused(own, write, text, line, reason):
    path = write("packs/p.yaml", text)
    with pytest.raises(UsageError) as refused:
        load_rule_library(own / "alertrules")
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (BORROWING.replace("unrecoverable", "unrecoverble"), 7, "Perhaps: keyvault-unrecoverable"),
        (BORROWING.replace("columns: {entity: key, name: vault}", "columns: {name: vault}"), 8, "'entity'"),
        (BORROWING + "given: {days: 3d}\n", 19, "no parameter 'days'"),
        (BORROWING + "cypher: RETURN 1\n", 7, "one of both"),
        (BORROWING + "needs: [azure_vm]\n", 19, "is its own"),
        (BORROWING.replace("kind: state", "kind: change") + "close_after: 3d\n", 7, "write the rule's own `cypher`"),
        (BORROWING.replace("keyvault-unrecoverable", "keyvault-expiring") + "given: {within: soon}\n", 19, "not a"),
        (BORROWING + "thresholds: [{column: a, at_least: 3, severity: info}]\n", 19, "no worse than"),
        (BORROWING + "every: often\n", 19, "such as 12h"),
        (BORROWING + "first: never\n", 19, "baseline"),
        (BORROWING + "owner: {label: x}\n", 19, "owner"),
    ],
)
def test_a_wrong_rule_over_a_query_is_refused(write, text, line, reason):
    path = write("area/vault-items.yaml", text)
    with pytest.raises(UsageError) as refused:
        load_rule(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert reason in str(refused.value)


@pytest.mark.packs
def test_a_rule_over_a_query_lives_as_others_do(database, write):
    from loader.alerts.examples import play_example

    rule = load_rule(write("area/vault-items.yaml", BORROWING))
    assert (rule.identity, rule.needs[0]) == (["entity"], "azure_keyvault_service")
    assert play_example(database, rule, rule.examples[0]) == []


def test_a_pack_may_still_name_a_rule_that_another_one_stands_for_now(write, tmp_path):
    write("packs/mine.yaml", "id: mine\ntitle: Mine\ndescription: x\nrules: [tenant-subscriptions-may-leave]\n")
    library = load_rule_library(libraries=[tmp_path])
    assert ids(library.chosen(["mine"])) == {"subscription-may-leave"}
    write("area/vault-bad.yaml", STATE_RULE + "formerly: [vault-changed]\n")
    write("area/vault-changed.yaml", CHANGE_RULE)
    with pytest.raises(UsageError, match="there is still a rule 'vault-changed'"):
        load_rule_library(libraries=[tmp_path])
