"""The shipped mappings: every requirement of their frameworks, in order, and how several checks make one verdict."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from loader.errors import UsageError
from loader.graph import Database
from loader.library import Check, Library, Pack, Severity, shipped_library
from loader.library.example_format import CheckExample
from loader.library.examples import place_example
from loader.library.exceptions import ResourceException
from loader.packs import PackResult, Verdict, control_verdicts, evaluate_pack
from loader.packs.exceptions import apply_exceptions
from loader.report.wording import coverage_text
from tests.packs.requirements import REQUIREMENTS

pytestmark = pytest.mark.packs
LIBRARY = shipped_library()


def requirements(pack: Pack) -> dict[str, list[str]]:
    """Section → the ids of its requirements, in the pack's order."""
    return {section.id: [control.id for control in section.controls] for section in pack.sections}


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_a_mapping_has_every_requirement_in_order(name: str) -> None:
    assert requirements(LIBRARY.pack(name)) == REQUIREMENTS[name]
    ids = [control.id for _, control in LIBRARY.pack(name).controls()]
    assert len(ids) == len(set(ids))


def test_every_pack_that_is_no_benchmark_of_cis_is_in_the_tables() -> None:
    assert {name for name in LIBRARY.packs if not name.startswith("cis-")} == set(REQUIREMENTS)


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_a_mapping_names_its_source_and_its_licence(name: str) -> None:
    pack = LIBRARY.pack(name)
    assert re.search(r"https://\S+", pack.source)
    assert pack.licence
    assert pack.meanings["pass"], "that no check fails must not read as the requirement being met"


@pytest.mark.parametrize("name", sorted(REQUIREMENTS))
def test_every_requirement_has_checks_or_says_why_not(name: str) -> None:
    """Looked at in the file itself: what refers to a check that does not exist would not have been loaded."""
    text = LIBRARY.files["pack", name].read_text(encoding="utf-8")
    controls = [control for section in yaml.safe_load(text)["sections"] for control in section["controls"]]
    for control in controls:
        assert set(control) <= {"id", "title", "checks", "remains", "manual", "pending"}, control["id"]
        for reason in (control.get("manual"), control.get("pending")):
            assert reason is None or (reason.endswith(".") and len(reason) > 20), control["id"]
        for use in control.get("checks", []):
            assert (use if isinstance(use, str) else use["check"]) in LIBRARY.checks


def test_attack_says_what_its_terms_of_use_ask_for() -> None:
    licence = LIBRARY.pack("mitre-attack").licence or ""
    assert "The MITRE Corporation" in licence
    assert "reproduce MITRE's copyright designation and this license" in licence
    assert LIBRARY.pack("mitre-attack").meanings["fail"] == "The technique is open."


def test_titles_of_pci_are_ours() -> None:
    """Its text is not free: a title says what we look at, and one without a check only points to the standard."""
    for _, control in LIBRARY.pack("pci-dss-4.0").controls():
        assert control.checks or control.title == f"Requirement {control.id}: see the standard"


def test_two_requirements_with_the_same_need_share_a_check() -> None:
    """No check is made for a framework: all that mappings use, they use out of the common library."""
    used = {use.check for name in REQUIREMENTS for _, control in LIBRARY.pack(name).controls() for use in control.uses}
    assert len(used) > 100
    assert used <= set(LIBRARY.checks)


# From here on: several checks, one verdict, on the real Neo4j.


def check(name: str, **changes: Any) -> Check:
    """Whether machines have the property `<name>`: true passes, false fails, none cannot be told."""
    fields = {
        "id": name,
        "title": f"Machines are {name}",
        "severity": "medium",
        "resource": "azure_vm",
        "cypher": f"MATCH (vm:azure_vm) RETURN vm._key AS key, vm.name AS name, vm.{name} AS passed, "
        f"'It is {name}: ' + coalesce(toString(vm.{name}), 'unknown') + '.' AS reason",
        "remediation": {"portal": f"Make it {name}."},
        "examples": [{"name": "none", "graph": {}}],
    }
    return Check.model_validate(fields | changes)


DISKS = {
    "resource": "azure_disk",
    "cypher": "MATCH (d:azure_disk) RETURN d._key AS key, d.name AS name, true AS passed, 'Fine.' AS reason",
}
CHECKS = [check("good"), check("kind", severity="high"), check("disk", **DISKS)]


def mapping(**control: Any) -> Pack:
    """A mapping with one requirement that is answered as told."""
    controls = [{"id": "R-1", "title": "Be well", **control}, {"id": "R-2", "title": "Be brave", "manual": "Look."}]
    sections = [{"id": "R", "title": "Rules", "controls": controls}]
    head = {"id": "a-mapping", "version": "1", "title": "A mapping", "source": "Contoso", "licence": "Ours."}
    meanings = {"fail": "The rule is broken.", "pass": "Nothing shows that it is broken."}
    return Pack.model_validate({**head, "meanings": meanings, "sections": sections})


def place(database: Database, nodes: dict[str, Any], scopes: dict[str, Any] | None = None) -> dict[str, str]:
    example = CheckExample.model_validate({"name": "it", "graph": {"nodes": nodes}, "scopes": scopes or {}})
    return place_example(database, example, ["azure_vm", "azure_disk", "azure_resource_group"])


def machine(**properties: object) -> dict[str, Any]:
    return {"type": "azure_vm", "properties": properties}


def evaluate(database: Database, *checks: Any) -> PackResult:
    return evaluate_pack(database, Library(checks={one.id: one for one in CHECKS}), mapping(checks=list(checks)))


@pytest.mark.parametrize(
    ("nodes", "verdict", "reason"),
    [
        (
            {"a": machine(good=True, kind=True)},
            Verdict.PASS,
            "Nothing shows that it is broken. 2 of 3 checks pass. 1 of 3 checks had nothing to look at.",
        ),
        (
            {"a": machine(good=True, kind=False), "b": machine(good=True, kind=True)},
            Verdict.FAIL,
            (
                "The rule is broken. 1 of 3 checks fail. Machines are kind: 1 of 2 fail. 1 of 3 checks pass. "
                "1 of 3 checks had nothing to look at."
            ),
        ),
        (
            {"a": machine(good=False)},
            Verdict.FAIL,
            (
                "The rule is broken. 1 of 3 checks fail. Machines are good: 1 of 1 fail. 1 of 3 checks could not be "
                "evaluated. Machines are kind: 1 of 1 could not be evaluated. It is kind: unknown. "
                "1 of 3 checks had nothing to look at."
            ),
        ),
        (
            {"a": machine(good=True)},
            Verdict.NOT_EVALUATED,
            (
                "1 of 3 checks could not be evaluated. Machines are kind: 1 of 1 could not be evaluated. "
                "It is kind: unknown. 1 of 3 checks pass. 1 of 3 checks had nothing to look at."
            ),
        ),
        ({"s": {"type": "azure_subscription"}}, Verdict.NOT_APPLICABLE, "All 3 checks had nothing to look at."),
    ],
    ids=["pass", "fail", "fail and unknown", "unknown", "nothing there"],
)
def test_the_worst_check_decides(database, nodes, verdict, reason):
    place(database, nodes)
    control, other = evaluate(database, "good", "kind", "disk").controls
    assert (control.verdict, control.reason) == (verdict, reason)
    assert (other.verdict, other.reason) == (Verdict.MANUAL, "Look.")


def test_a_check_whose_data_was_refused_keeps_the_others_from_passing(database):
    place(database, {"a": machine(good=True, kind=True)}, {"azure_disk": "forbidden"})
    control = evaluate(database, "good", "disk").controls[0]
    assert control.verdict is Verdict.NOT_EVALUATED
    assert [check.verdict for check in control.checks] == [Verdict.PASS, Verdict.NOT_EVALUATED]
    assert "azure_disk" in control.reason


def test_a_resource_stands_under_each_check_that_looks_at_it_worst_first(database):
    keys = place(database, {"a": machine(good=False, kind=False), "b": machine(good=True, kind=False)})
    control = evaluate(database, "good", "kind").controls[0]
    told = [(check.id, one.key, one.verdict.value) for check, one in control.rows]
    assert told == [
        ("kind", keys["a"], "fail"),
        ("kind", keys["b"], "fail"),
        ("good", keys["a"], "fail"),
        ("good", keys["b"], "pass"),
    ]
    assert control.severity == "high"


def test_the_severity_is_that_of_what_fails(database):
    place(database, {"a": machine(good=False, kind=True)})
    result = evaluate(database, "good", "kind")
    assert result.controls[0].severity == "medium"
    assert [one.id for one in result.findings(Severity.MEDIUM)] == ["R-1"]
    assert result.findings(Severity.HIGH) == []


def test_a_check_is_asked_once_for_each_way_it_is_set(database, monkeypatch):
    """However many requirements refer to it; a value that is its default is no other way."""
    place(database, {"a": machine(good=True)})
    text = {"type": "string", "default": "good", "description": "x"}
    word = check("word", parameters={"word": text}, cypher=CHECKS[0].cypher.replace("vm.good", "vm[$word]"))
    ways: list[Any] = ["word", {"check": "word", "parameters": {"word": "good"}}]
    ways.append({"check": "word", "parameters": {"word": "kind"}})
    controls = [{"id": f"R-{number}", "title": "T", "checks": ways} for number in range(3)]
    sections = [{"id": "R", "title": "Rules", "controls": controls}]
    pack = Pack.model_validate({"id": "p", "version": "1", "title": "P", "source": "Contoso", "sections": sections})
    asked: list[object] = []
    ask = control_verdicts.evaluate_check
    monkeypatch.setattr(
        control_verdicts, "evaluate_check", lambda *given, **named: asked.append(given[3]) or ask(*given, **named)
    )
    result = evaluate_pack(database, Library(checks={"word": word}), pack)
    assert asked == [{}, {"word": "kind"}]
    for control in result.controls:
        assert [check.verdict.value for check in control.checks] == ["pass", "pass", "not-evaluated"]
        assert [check.label for check in control.checks] == ["word", "word (word: good)", "word (word: kind)"]


def test_an_exception_for_a_check_leaves_the_other_checks_of_a_requirement_alone(database):
    keys = place(database, {"a": machine(good=False, kind=False)})
    accepted = ResourceException(
        check="kind", resources=[keys["a"]], reason="It is old.", owner="Contoso", expires=date(2026, 6, 30)
    )
    result = apply_exceptions(evaluate(database, "good", "kind"), [accepted], date(2026, 1, 1))
    control = result.controls[0]
    assert [(check.id, check.verdict) for check in control.checks] == [
        ("good", Verdict.FAIL),
        ("kind", Verdict.EXCEPTED),
    ]
    assert control.verdict is Verdict.FAIL
    assert control.reason.startswith("The rule is broken. 1 of 2 checks fail.")
    result = apply_exceptions(evaluate(database, "kind"), [accepted], date(2026, 1, 1))
    assert result.controls[0].verdict is Verdict.EXCEPTED


def test_the_coverage_is_told_beside_the_score(database):
    place(database, {"a": machine(good=True)})
    result = evaluate(database, "good")
    assert (result.covered, len(result.controls), result.score) == (1, 2, 100)
    assert coverage_text(result) == "1 of 2 controls have a check."
    assert result.licence == "Ours."


def test_a_parameter_of_any_of_the_checks_can_be_set_where_the_mapping_leaves_it_open(database):
    place(database, {"a": machine(good=True)})
    text = {"type": "string", "default": "kind", "description": "x"}
    word = check("word", parameters={"word": text}, cypher=CHECKS[0].cypher.replace("vm.good", "vm[$word]"))
    library = Library(checks={"word": word, "good": CHECKS[0]})
    assert (
        evaluate_pack(database, library, mapping(checks=["good", "word"])).controls[0].verdict is Verdict.NOT_EVALUATED
    )
    given = {"word": "good"}
    assert evaluate_pack(database, library, mapping(checks=["good", "word"]), given).controls[0].verdict is Verdict.PASS
    fixed = mapping(checks=["good", {"check": "word", "parameters": {"word": "kind"}}])
    with pytest.raises(UsageError, match="to set"):
        evaluate_pack(database, library, fixed, given)


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        ({"checks": []}, "exactly one of check, checks, manual and pending"),
        ({"checks": ["good"], "check": "kind"}, "exactly one"),
        ({"checks": ["good"], "pending": "the moon."}, "exactly one"),
        ({"checks": ["good", "kind", "good"]}, "uses the check good the same way twice"),
        ({"checks": ["good"], "parameters": {"days": 1}}, "has parameters, but no check"),
        ({"checks": [{"check": "good", "days": 1}]}, "days"),
        ({"manual": "Look.", "remains": "More."}, "says what remains"),
    ],
)
def test_a_requirement_that_is_answered_in_no_clear_way_is_refused(control, reason):
    with pytest.raises(ValidationError, match=reason):
        mapping(**control)
