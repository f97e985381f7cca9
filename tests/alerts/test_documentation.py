"""The rule that the documentation shows is one that works."""

import re
from pathlib import Path

import pytest

from loader.alerts.examples import play_example
from loader.alerts.library import load_rule

PAGE = Path(__file__).parents[2] / "docs" / "alert-rules.md"


@pytest.mark.packs
def test_the_rule_in_the_page_works(database, tmp_path):
    (text,) = re.findall(r"```yaml\n(id: .*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "key-vault-purge-protection-off.yaml"
    path.write_text(text)
    rule = load_rule(path)
    assert play_example(database, rule, rule.examples[0]) == []
