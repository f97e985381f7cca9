"""Loading the library: what is refused, with file, line and reason; what the shipped one holds."""

from pathlib import Path

import pytest
import yaml

from loader.errors import UsageError
from loader.library import load_library
from loader.library.parameters import Parameter, bind
from loader.library.search import find_queries

pytestmark = pytest.mark.packs

SHIPPED = Path(__file__).resolve().parents[2]
QUERY = """\
id: some-question
title: Which machines are there?
area: compute
needs: [azure_vm]
cypher: |
  MATCH (vm:azure_vm)
  RETURN vm._key AS key
identity: [key]
examples:
  - name: one
    graph: {nodes: {vm: {type: azure_vm}}}
    returns: [{key: "@vm"}]
"""
PACK = """\
id: some-pack
version: "1"
title: A pack
source: Contoso
sections:
  - id: "1"
    title: One
    controls:
      - {id: "1.2", title: First, level: 1, assessment: manual, manual: Look at it.}
      - {id: "1.10", title: Second, level: 1, assessment: manual, manual: Look at it.}
"""


def load(tmp_path: Path, text: str, name: str = "compute/some-question.yaml"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return load_library([tmp_path])


def test_a_right_file_is_loaded(tmp_path):
    assert load(tmp_path, QUERY).query("some-question").parameters == {}


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("id: some-question", "id: another", 1, "file's name"),
        ("machines are there?", "machines there are", 2, "title"),
        ("area: compute", "area: network", 3, "area must be 'compute'"),
        ("area: compute", "area: compute\nareas: x", 4, "not known"),
        ("area: compute", "area: compute\nid: some-question", 4, "second time"),
        ("area: compute", "area: compute\noff: x", 4, "not text"),
        ("needs: [azure_vm]", "needs: [azure_vmm]", 4, "nothing loads azure_vmm"),
        ("needs: [azure_vm]", "needs: [azure_vm.nothing]", 4, "nothing loads azure_vm.nothing"),
        ("needs: [azure_vm]", "needs: [azure_nic]", 6, "needs` must name azure_vm"),
        ("(vm:azure_vm)", "(vm:azure_vmm)", 6, "no entity type azure_vmm"),
        ("  RETURN vm._key AS key", "  SET vm.x = 1\n  RETURN vm._key AS key", 7, "SET"),
        ("identity: [key]", "identity: []", 8, "identity"),
        ("{type: azure_vm}", "{type: azure_vmm}", 11, "no entity type azure_vmm"),
        (
            "examples:",
            "parameters:\n  days: {type: integer, default: soon, description: x}\nexamples:",
            10,
            "whole number",
        ),
        ("identity: [key]", "identity: [key", 9, "not valid YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_the_reason(tmp_path, old, new, line, reason):
    assert old in QUERY
    with pytest.raises(UsageError) as error:
        load(tmp_path, QUERY.replace(old, new, 1))
    assert f"some-question.yaml:{line}: " in str(error.value)
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('id: "1.10"', "id: 1.10", 10, "must be text"),
        ('id: "1.10"', 'id: "1.2"', 10, "second time"),
        ('id: "1.10"', 'id: "1.1"', 10, "stands after"),
        ("manual: Look at it.}", "check: nothing}", 9, "no check 'nothing'"),
        (", manual: Look at it.}", "}", 9, "exactly one"),
    ],
)
def test_a_wrong_pack_is_refused(tmp_path, old, new, line, reason):
    load(tmp_path, PACK, "packs/some-pack.yaml")
    with pytest.raises(UsageError) as error:
        load(tmp_path, PACK.replace(old, new, 1), "packs/some-pack.yaml")
    assert reason in str(error.value)
    assert f"some-pack.yaml:{line}: " in str(error.value)


CHECK = """\
id: some-check
title: Machines are of some size
severity: low
resource: azure_vm
parameters:
  days: {type: integer, default: 30, description: How long}
cypher: |
  MATCH (vm:azure_vm) RETURN vm._key AS key, vm.name AS name, true AS passed, 'So.' AS reason
remediation: {portal: Do it.}
examples: [{name: one, graph: {}}]
"""


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("check: some-check, parameters: {day: 7}}", "the check some-check has no parameter 'day'. It has: days"),
        ("check: some-check, parameters: {days: soon}}", "'soon' is not a whole number"),
        ("manual: Look at it., parameters: {days: 7}}", "has parameters, but no check"),
    ],
)
def test_wrong_parameters_of_a_control_are_refused(tmp_path, ending, reason):
    load(tmp_path, CHECK, "checks/compute/some-check.yaml")
    right = PACK.replace("manual: Look at it.}", "check: some-check, parameters: {days: 7}}", 1)
    pack = load(tmp_path, right, "packs/some-pack.yaml").pack("some-pack")
    assert [control.parameters for _, control in pack.controls()] == [{"days": 7}, {}]
    with pytest.raises(UsageError) as error:
        load(tmp_path, PACK.replace("manual: Look at it.}", ending, 1), "packs/some-pack.yaml")
    assert reason in str(error.value)
    assert "some-pack.yaml:9: " in str(error.value)


def test_a_file_in_the_wrong_place_and_a_missing_folder_are_refused(tmp_path):
    with pytest.raises(UsageError, match="a library has"):
        load(tmp_path, QUERY, "some-question.yaml")
    with pytest.raises(UsageError, match="does not exist"):
        load_library([tmp_path / "nowhere"])


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(UsageError, match=r"cis-azure-foundations-6\.0\.0"):
        load_library().pack("cis-azure-foundation-6.0.0")


def test_queries_are_found_by_words_and_area():
    library = load_library()
    found = {one.id for one in find_queries(library, area="network", words="internet machines")}
    assert "internet-exposed-machines" in found
    assert {library.query(one).area for one in found} == {"network"}
    assert "vnet-peerings" not in found
    with pytest.raises(UsageError, match="Areas: "):
        find_queries(library, area="nowhere")


@pytest.mark.parametrize(
    ("kind", "given", "bound"),
    [("integer", "7", 7), ("boolean", "TRUE", True), ("list", "a, b", ["a", "b"]), ("string", "7", "7")],
)
def test_parameters_are_typed(kind, given, bound):
    assert bind("x", {"p": Parameter(type=kind, description="d")}, {"p": given}) == {"p": bound}


@pytest.mark.parametrize(("kind", "given"), [("integer", "1.5"), ("boolean", "yes"), ("duration", "P30D")])
def test_wrong_parameters_are_refused(kind, given):
    with pytest.raises(UsageError, match="The parameter p of x"):
        bind("x", {"p": Parameter(type=kind, description="d")}, {"p": given})


def test_unknown_and_missing_parameters_are_refused():
    declared = {"p": Parameter(type="string", description="what it is")}
    with pytest.raises(UsageError, match="It has: p"):
        bind("x", declared, {"q": "1"})
    for given in ({}, {"p": ""}, {"p": " "}):  # nothing is not a name that nothing has
        with pytest.raises(UsageError, match=r"needs `--param p=…`: what it is\.$"):
            bind("x", declared, given)
    free = {"p": Parameter(type="string", description="what it is", default="all")}
    assert bind("x", free, {"p": ""}) == {"p": ""}


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("vulnerability/apps-old-runtimes", "web/app-runtime-eol"),
        ("vulnerability/kubernetes-old-versions", "containers/aks-version-eol"),
    ],
)
def test_a_query_and_its_rule_know_the_same_last_days(query: str, rule: str) -> None:
    asked, watched = (
        yaml.safe_load((SHIPPED / folder / f"{name}.yaml").read_text(encoding="utf-8"))["parameters"]
        for folder, name in (("queries", query), ("alertrules", rule))
    )
    assert {name: asked[name]["default"] for name in watched} == {name: one["default"] for name, one in watched.items()}
