"""Playing an example of a check finds what is wrong with it: verdicts, reasons, and who is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.library.own import library_with
from loader.packs.playing import play_check
from tests.draft import Draft

CHECK = """\
id: vault-fine
title: Vaults are fine
severity: medium
resource: azure_keyvault_service
population: {where: resource.looked IS NULL, meaning: vault that is looked at}
cypher: |
  MATCH (v:azure_keyvault_service) RETURN v._key AS key, v.name AS name, v.fine AS passed, 'It is so.' AS reason
remediation: {portal: Make it fine.}
examples:
  - name: one
    graph:
      nodes:
        a: {type: azure_keyvault_service, properties: {fine: true}}
        b: {type: azure_keyvault_service, properties: {fine: false}}
        c: {type: azure_keyvault_service}
        d: {type: azure_keyvault_service, properties: {looked: false}}
    pass: [a]
    fail: {b: is so}
    not_evaluated: [c]
"""


def write(folder: Path, text: str) -> Path:
    (folder / "queries" / "checks" / "contoso").mkdir(parents=True)
    (folder / "queries" / "checks" / "contoso" / "vault-fine.yaml").write_text(text)
    return folder


@pytest.mark.packs
@pytest.mark.parametrize(
    ("there", "instead", "fault"),
    [
        ("", "", None),
        ("fine: false", "fine: true", "b must be fail and is pass: It is so."),
        ("b: is so", "b: is not so", "the reason of b must say 'is not so' and is: It is so."),
        ("pass: [a]", "pass: [a, d]", "d must be pass and is no resource of the check"),
        ("looked: false", "fine: true", "d, which the example does not name, is pass"),
        ("RETURN v._key AS key", "RETURN v._key AS id", "a must be pass and is not-evaluated"),
    ],
)
def test_faults_of_a_check(draft: Draft, tmp_path: Path, there: str, instead: str, fault: str | None) -> None:
    check = library_with([write(tmp_path, CHECK.replace(there, instead, 1) if there else CHECK)]).check("vault-fine")
    with draft.undone():
        faults = play_check(draft, check, check.examples[0])
    assert [fault in one for one in faults][:1] == ([True] if fault else []), faults


def test_a_node_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"vault-fine\.yaml:10: .*there is no node 'bb'.* b"):
        library_with([write(tmp_path, CHECK.replace("b: is so", "bb: is so"))])
