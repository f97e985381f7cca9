"""The rule and the pack that the documentation shows are ones that work."""

import re
from pathlib import Path

import pytest

from loader.alerts.examples import play_example
from loader.alerts.library import load_rule, shipped_rules
from loader.alerts.rule_packs import load_pack

PAGE = Path(__file__).parents[2] / "docs" / "alert-rules.md"
PACK, RULE = re.findall(r"```yaml\n(id: .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.packs
def test_the_rule_in_the_page_works(database, tmp_path):
    path = tmp_path / "key-vault-purge-protection-off.yaml"
    path.write_text(RULE)
    rule = load_rule(path)
    assert play_example(database, rule, rule.examples[0]) == []


def test_the_pack_in_the_page_is_one(tmp_path):
    path = tmp_path / "contoso.yaml"
    path.write_text(PACK)
    assert load_pack(path, shipped_rules().areas, ()).checks
