"""A rule that is wrong is refused with its file, its line and the reason."""

import pytest

from loader.alerts.library import load_rule, load_rules, pick, shipped_rules
from loader.errors import UsageError

from .conftest import CHANGE_RULE, EXPIRY_RULE, STATE_RULE

CASES = {
    "unknown key": (STATE_RULE.replace("title:", "headline: x\ntitle:"), 3, "headline: this key is not known here"),
    "severity": (STATE_RULE.replace("high", "bad"), 4, "severity"),
    "kind": (STATE_RULE.replace("kind: state", "kind: event"), 5, "kind"),
    "doubled key": (STATE_RULE.replace("remediation:", "description:"), 7, "a second time"),
    "unknown need": (STATE_RULE.replace("needs: [azure_keyvault_service]", "needs: [azure_oven]"), 8, "azure_oven"),
    "need not named": (STATE_RULE.replace("needs: [azure_keyvault_service]", "needs: [azure_vnet]"), 12, "`needs`"),
    "unknown type": (STATE_RULE.replace("v:azure_keyvault_service", "v:azure_oven"), 12, "azure_oven"),
    "unknown type in an example": (
        STATE_RULE.replace("b: {type: azure_keyvault_service", "b: {type: azure_oven"),
        15,
        "azure_oven",
    ),
    "writes": (STATE_RULE.replace("RETURN v._key", "SET v.a = 1 RETURN v._key"), 12, "has SET"),
    "calls": (STATE_RULE.replace("MATCH (v", "CALL db.clearQueryCaches() MATCH (v"), 12, "CALL"),
    "undeclared parameter": (STATE_RULE.replace("bad: true}) R", "bad: $what}) R"), 11, "$what"),
    "unused parameter": (
        STATE_RULE + "parameters: {days2: {type: integer, default: 1, description: x}}\n",
        18,
        "does not use",
    ),
    "given parameter": (
        STATE_RULE + "parameters: {now: {type: integer, default: 1, description: x}}\n",
        18,
        "is given",
    ),
    "message": (STATE_RULE.replace("{name} is", "{name.__class__} is"), 10, "may only hold columns"),
    "message braces": (STATE_RULE.replace("{name} is", "{name is"), 10, "not well formed"),
    "buckets of a state": (STATE_RULE + "buckets: [{days: 1, severity: low}]\n", 18, "`buckets`"),
    "expiry without buckets": (EXPIRY_RULE.replace("buckets:", "references: []\n#"), 1, "`buckets`"),
    "change without an end": (CHANGE_RULE.replace("close_after: 14d\n", ""), 1, "`close_after`"),
    "end without unit": (CHANGE_RULE.replace("14d", "'14'"), 10, "number of days"),
    "change that reads all": (CHANGE_RULE.replace("$sinceSeq", "0"), 11, "$sinceSeq"),
    "no near miss": (STATE_RULE.replace("    not: [b]\n", ""), 13, "near miss"),
    "no such node": (STATE_RULE.replace("opens: [a]", "opens: [c]"), 14, "no node 'c'"),
    "not the file's name": (STATE_RULE.replace("id: vault-bad", "id: vault-worse"), 2, "name of the file"),
    "no mapping": ("- a\n- b\n", 1, "mapping"),
    "not YAML": ("id: [a\n", 2, "not valid YAML"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wrong_rule_is_refused(tmp_path, case):
    text, line, reason = CASES[case]
    path = tmp_path / "vault-bad.yaml"
    if "id: vault-changed" in text or "id: vault-expiring" in text:
        path = tmp_path / (text.split("id: ", 1)[1].split("\n", 1)[0] + ".yaml")
    path.write_text(text)
    with pytest.raises(UsageError) as refused:
        load_rule(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize("text", [STATE_RULE, CHANGE_RULE, EXPIRY_RULE])
def test_the_right_ones_are_taken(world_free_path, text):
    assert load_rule(world_free_path(text)).title


@pytest.fixture
def world_free_path(tmp_path):
    def write(text):
        path = tmp_path / (text.split("id: ", 1)[1].split("\n", 1)[0] + ".yaml")
        path.write_text(text)
        return path

    return write


def test_an_id_is_taken_once(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "vault-bad.yaml").write_text(STATE_RULE)
    with pytest.raises(UsageError, match="another rule"):
        load_rules(tmp_path)


def test_an_unknown_rule_is_named():
    with pytest.raises(UsageError, match="no rule 'nonesuch'"):
        pick(shipped_rules().rules.values(), ["nonesuch"])
