"""Playing an example of a query finds what is wrong with it, and says it in the example's own names."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.library.own import library_with
from loader.library.playing import play_query
from tests.draft import Draft

QUERY = """\
id: bad-vaults
title: Which vaults are bad?
area: contoso
needs: [azure_keyvault_service]
parameters: {why: {type: string, default: old, description: x}}
cypher: |
  MATCH (v:azure_keyvault_service {bad: true}) WHERE v.why = $why RETURN v._key AS key, v.name AS name, v.due AS due
graph: |
  MATCH path = (v:azure_keyvault_service {bad: true}) WHERE v.why = $why RETURN path
identity: [key]
examples:
  - name: one
    graph:
      nodes:
        a: {type: azure_keyvault_service, properties: {bad: true, why: old}}
        b: {type: azure_keyvault_service}
    returns: [{key: "@a", name: a}]
    not_returned: [{key: "@b"}]
"""


def write(folder: Path, text: str) -> Path:
    (folder / "queries" / "contoso").mkdir(parents=True)
    (folder / "queries" / "contoso" / "bad-vaults.yaml").write_text(text)
    return folder


@pytest.mark.packs
@pytest.mark.parametrize(
    ("there", "instead", "fault"),
    [
        ("", "", None),
        ('key: "@a", name: a', 'key: "@b"', "it must return {key: @b} and does not"),
        ('returns: [{key: "@a", name: a}]', "returns: []", "it must not return {key: @a, name: a, due: None} and does"),
        ('{key: "@b"}', "{name: a}", "both name {name: a}"),
        ("identity: [key]", "identity: [due]", "null in {key: @a"),
        ("b: {type: azure_keyvault_service", "b: {type: azure_vnet", None),
        ("RETURN path", "RETURN path LIMIT 0", "its graph form draws nothing"),
        ("name: one\n", "name: one\n    parameters: {why: new}\n", "it must return {key: @a, name: a} and does not"),
    ],
)
def test_faults_of_a_query(draft: Draft, tmp_path: Path, there: str, instead: str, fault: str | None) -> None:
    query = library_with([write(tmp_path, QUERY.replace(there, instead, 1) if there else QUERY)]).query("bad-vaults")
    with draft.undone():
        faults = play_query(draft, query, query.examples[0])
    assert [fault in one for one in faults][:1] == ([True] if fault else []), faults


@pytest.mark.parametrize(
    ("there", "instead", "line"),
    [
        ('returns: [{key: "@a"', 'returns: [{key: "@aa"', 12),
        ('[{key: "@b"}]', '[{key: "@aa"}]', 12),
        ("    returns:", "      relationships: [aa HAS b]\n    returns:", 13),
        ("b: {type: azure_keyvault_service", "b: {type: azure_keyvault_service, parent: aa", 13),
    ],
)
def test_a_node_that_is_none_is_refused_with_its_line(tmp_path: Path, there: str, instead: str, line: int) -> None:
    with pytest.raises(UsageError, match=r"bad-vaults\.yaml:(\d+): .*there is no node 'aa'.* a") as refused:
        library_with([write(tmp_path, QUERY.replace(there, instead, 1))])
    assert f":{line}: " in str(refused.value)
