"""Fragments: Cypher that several entries share, said once; what is refused, with file, line and reason."""

from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.library import load_library
from loader.library.library import one_query, shipped_folder, shipped_fragments, shipped_library, shipped_part
from loader.library.own import library_with
from loader.services.data.storage import MADE_CLOSED_SINCE
from loader.yaml_reader import yaml_files

FRAGMENT = """\
id: is-large
description: Whether a machine has many disks.
takes: [vm]
parameters:
  many: {type: integer, default: 4, description: How many disks are many}
cypher: |
  RETURN COUNT { (vm)--(:azure_managed_disk) } >= $many
    AS large
"""
QUERY = """\
id: large-machines
title: Which machines are large?
area: compute
needs: [azure_vm, azure_managed_disk]
cypher: |
  MATCH (vm:azure_vm)
  {{is-large}}
  WITH vm, large WHERE large
  RETURN vm._key AS key
identity: [key]
examples:
  - name: one
    graph: {nodes: {vm: {type: azure_vm}}}
    returns: []
"""


def load(folder: Path, *, fragment: str = FRAGMENT, query: str = QUERY):
    for name, text in (("fragments/is-large", fragment), ("compute/large-machines", query)):
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_library([folder])


def test_a_line_stands_for_the_fragment_and_its_parameters(tmp_path):
    query = load(tmp_path).query("large-machines")
    call = "CALL (vm) { RETURN COUNT { (vm)--(:azure_managed_disk) } >= $many AS large }"
    assert query.cypher.splitlines() == [
        "MATCH (vm:azure_vm)",
        call,
        "WITH vm, large WHERE large",
        "RETURN vm._key AS key",
    ]
    assert query.parameters["many"].default == 4


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("{{is-large}}", "{{is-larg}}", 7, "there is no fragment 'is-larg'. Perhaps: is-large"),
        ("  {{is-large}}", "  WITH vm {{is-large}}", 7, "on a line of its own"),
        (
            "azure_managed_disk]",
            "azure_nic]",
            7,
            "it reads azure_managed_disk, so `needs` must name azure_managed_disk",
        ),
        ("identity:", "parameters: {many: {type: integer, default: 1, description: x}}\nidentity:", 10, "brings the"),
        ("WITH vm, large WHERE large", "SET vm.x = 1", 8, "SET"),
    ],
)
def test_a_wrong_use_is_refused_with_its_line(tmp_path, old, new, line, reason):
    assert old in QUERY
    with pytest.raises(UsageError) as error:
        load(tmp_path, query=QUERY.replace(old, new))
    assert str(error.value).startswith(f"{tmp_path}/compute/large-machines.yaml:{line}: ")
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("id: is-large", "id: large", 1, "file's name"),
        ("takes: [vm]", "takes: []", 3, "takes"),
        ("takes: [vm]", "takes: [vm, disk]", 3, "disk does not stand in its cypher"),
        ("default: 4, ", "", 5, "needs a default"),
        ("$many", "4", 4, "many does not stand in its cypher"),
        ("RETURN COUNT", "SET vm.x = 1 RETURN COUNT", 6, "may only read, and this has SET"),
        ("RETURN COUNT", "// why\n  RETURN COUNT", 6, "no comments"),
        (">= $many", ">= $many AND 'a  b' <> ''", 6, "line breaks or gaps"),
        ("cypher: |", "gives: [large]\ncypher: |", 6, "not known"),
    ],
)
def test_a_wrong_fragment_is_refused_with_its_line(tmp_path, old, new, line, reason):
    assert old in FRAGMENT
    with pytest.raises(UsageError) as error:
        load(tmp_path, fragment=FRAGMENT.replace(old, new))
    assert str(error.value).startswith(f"{tmp_path}/fragments/is-large.yaml:{line}: ")
    assert reason in str(error.value)


def test_a_library_of_ones_own_has_the_shipped_fragments_and_cannot_take_their_names(tmp_path):
    folder = tmp_path / "queries"
    load(folder)
    assert "is-large" in library_with([tmp_path]).fragments
    assert "policy-reach" in library_with([tmp_path]).fragments
    assert "is-large" not in shipped_library().fragments
    taken = (shipped_folder() / "fragments" / "policy-reach.yaml").read_text()
    (folder / "fragments" / "policy-reach.yaml").write_text(taken)
    with pytest.raises(UsageError, match="a shipped fragment has this id already"):
        library_with([tmp_path])


def test_a_part_of_the_library_has_the_fragments_that_it_needs():
    check = shipped_part("cis-microsoft-365-entra-7.0.0").check("ca-mfa-required")
    assert "{{" not in check.cypher
    assert check.parameters["spared"].default == 4


def test_a_query_that_a_rule_borrows_has_its_fragments(tmp_path):
    assert "{{" not in one_query("storage-open-to-all-networks").cypher
    load(tmp_path)
    assert "{{" not in one_query("large-machines", [tmp_path]).cypher


def test_a_shipped_fragment_is_read_once():
    queries = shipped_library().fragments
    assert all(queries[name] is one for name, one in shipped_fragments().items())


def test_where_logs_go_and_which_members_are_known_is_said_once():
    texts = {path.stem: path.read_text() for path in yaml_files(shipped_folder())}
    assert [name for name, text in texts.items() if "setting.marketplacePartnerId] WHERE" in text] == ["where-logs-go"]
    assert [name for name, text in texts.items() if "<> 'hiddenmembership'" in text] == ["members-told"]


def test_whom_a_policy_leaves_out_is_asked_once():
    texts = {path.stem: path.read_text() for path in yaml_files(shipped_folder())}
    assert [name for name, text in texts.items() if "one IN $emergency" in text] == ["policy-reach"]
    assert sum("{{policy-reach}}" in text for text in texts.values()) > 1


def test_since_when_accounts_are_made_closed_is_said_once():
    texts = {path.stem: path.read_text() for path in yaml_files(shipped_folder())}
    assert [name for name, text in texts.items() if f"datetime('{MADE_CLOSED_SINCE}')" in text] == ["made-open"]
