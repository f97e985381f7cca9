"""A pack's result as JUnit XML, which build servers read.

A suite is a section, a case is a resource under a control, or the control itself where it has none. Only `fail` is a
failure. What was not evaluated, is for a person, is excepted or has nothing to check is *skipped*, with its reason:
build servers count a case that is none of these as passed.
"""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as Xml

from loader.packs.results import ControlResult, PackResult
from loader.report.facts import facts_of
from loader.report.wording import (
    Row,
    acceptance,
    exception_note,
    filter_text,
    https_only,
    remediation_text,
    rows_of,
    severity_of,
)
from loader.verdicts import Verdict
from loader.visible import visible


def as_junit(result: PackResult) -> str:
    """The XML document, with totals on the suites."""
    root = Xml.Element("testsuites", name=_clean(f"{result.title} {result.version}"))
    for section, controls in groupby(result.controls, key=lambda control: control.section):
        suite = Xml.SubElement(root, "testsuite", name=_clean(section))
        if result.at:
            suite.set("timestamp", result.at)
        for control in controls:
            for row in rows_of(control):
                _add_case(suite, result, control, row)
        _count(suite)
    _count(root)
    notes = [exception_note(use) for use in result.exceptions if use.note]
    first = root.find("testsuite")
    if first is not None:
        first.insert(0, _assessed(result))
    if first is not None and (text := filter_text(result)):
        Xml.SubElement(first, "system-out").text = _clean(text)
    if notes and first is not None:
        # Only a suite has an output, not the document.
        Xml.SubElement(first, "system-err").text = _clean("\n".join(notes))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=False)


def _assessed(result: PackResult) -> Xml.Element:
    """What was looked at, when, and what was not loaded: what other formats have at their top, by the same names."""
    properties = Xml.Element("properties")
    for fact in facts_of(result):
        Xml.SubElement(properties, "property", name=fact.name, value=_clean("; ".join(fact.lines)))
    return properties


def _add_case(suite: Xml.Element, result: PackResult, control: ControlResult, row: Row) -> None:
    """The name holds the key, because names repeat and readers tell cases apart by it."""
    check, one = row
    title = control.title if check is None or control.only else f"{control.title}: {check.label}"
    case = Xml.SubElement(suite, "testcase", classname=_clean(f"{result.pack}.{control.id}"), time="0")
    case.set("name", _clean(f"{title}: {one.name} ({one.key})" if one else title))
    verdict, reason = (one.verdict, one.reason) if one else (control.verdict, control.reason)
    properties = Xml.SubElement(case, "properties")
    for name, value in _properties(control, row, verdict).items():
        Xml.SubElement(properties, "property", name=name, value=_clean(value))
    if verdict is Verdict.FAIL:
        failure = Xml.SubElement(case, "failure", message=_clean(reason), type=str(severity_of(check, one) or "fail"))
        failure.text = _clean(remediation_text(check.remediation)) if check else None
    elif verdict is not Verdict.PASS:
        accepted = f" {acceptance(one.exception)}" if one and one.exception else ""
        Xml.SubElement(case, "skipped", message=_clean(f"{verdict.value}: {reason}{accepted}"))


def _properties(control: ControlResult, row: Row, verdict: Verdict) -> dict[str, str]:
    check, one = row[0] or control.only, row[1]
    said: dict[str, object] = {"control": control.id, "level": control.level, "verdict": verdict.value}
    said |= {"check": check.id if check else None, "severity": severity_of(check, one) or control.severity}
    said |= {"resource": one.key, "link": https_only(one.link)} if one else {}
    said["as_of"] = one.as_of if one else None
    said["overridden"] = " ".join(change.sentence for change in control.overridden)
    return {name: str(value) for name, value in said.items() if value}


def _count(element: Xml.Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))


def _clean(text: str) -> str:
    """XML 1.0 cannot hold control characters, not even escaped; `visible` leaves none of them."""
    return visible(text, lines=True)
