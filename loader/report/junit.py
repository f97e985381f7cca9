"""A pack's result as JUnit XML, which build servers read.

A suite is a section, a case is a resource under a control, or the control itself where it has none. Only `fail` is a
failure. What was not evaluated, is for a person, is excepted or has nothing to check is *skipped*, with its reason:
build servers count a case that is none of these as passed.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree as Xml

from loader.packs.results import ControlResult, PackResult, ResourceResult, Verdict
from loader.report.wording import acceptance, exception_note, https_only, remediation_text

# What XML 1.0 cannot hold, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(result: PackResult) -> str:
    """The XML document, with totals on the suites."""
    root = Xml.Element("testsuites", name=_clean(f"{result.title} {result.version}"))
    for section, controls in groupby(result.controls, key=lambda control: control.section):
        suite = Xml.SubElement(root, "testsuite", name=_clean(section))
        if result.at:
            suite.set("timestamp", result.at)
        for control in controls:
            _add_cases(suite, result, control)
        _count(suite)
    _count(root)
    notes = [exception_note(use) for use in result.exceptions if use.note]
    first = root.find("testsuite")
    if notes and first is not None:
        # Only a suite has an output, not the document.
        Xml.SubElement(first, "system-err").text = _clean("\n".join(notes))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=False)


def _add_cases(suite: Xml.Element, result: PackResult, control: ControlResult) -> None:
    for one in control.resources:
        _add_case(suite, result, control, one)
    if not control.resources:
        _add_case(suite, result, control, None)


def _add_case(suite: Xml.Element, result: PackResult, control: ControlResult, one: ResourceResult | None) -> None:
    """The name holds the key, because names repeat and readers tell cases apart by it."""
    case = Xml.SubElement(suite, "testcase", classname=_clean(f"{result.pack}.{control.id}"), time="0")
    case.set("name", _clean(f"{control.title}: {one.name} ({one.key})" if one else control.title))
    verdict, reason = (one.verdict, one.reason) if one else (control.verdict, control.reason)
    properties = Xml.SubElement(case, "properties")
    for name, value in _properties(control, one, verdict).items():
        Xml.SubElement(properties, "property", name=name, value=_clean(value))
    if verdict is Verdict.FAIL:
        failure = Xml.SubElement(case, "failure", message=_clean(reason), type=str(control.severity or "fail"))
        failure.text = _clean(remediation_text(control.remediation)) if control.remediation else None
    elif verdict is not Verdict.PASS:
        accepted = f" {acceptance(one.exception)}" if one and one.exception else ""
        Xml.SubElement(case, "skipped", message=_clean(f"{verdict.value}: {reason}{accepted}"))


def _properties(control: ControlResult, one: ResourceResult | None, verdict: Verdict) -> dict[str, str]:
    link = https_only(one.link) if one else ""
    said = {"control": control.id, "level": str(control.level), "verdict": verdict.value, "check": control.check}
    said |= {"severity": control.severity, "resource": one.key if one else None, "link": link}
    return {name: str(value) for name, value in said.items() if value}


def _count(element: Xml.Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))


def _clean(text: str) -> str:
    return _ILLEGAL.sub("�", text)
