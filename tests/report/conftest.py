"""A pack's result with one of everything, for the tests of every format."""

from __future__ import annotations

from datetime import date

import pytest

from loader.packs import ControlResult, PackResult, ResourceResult, Severity, Verdict
from loader.packs.definitions import Remediation
from loader.packs.exceptions import ResourceException, apply_exceptions

HOSTILE = '<script>alert("x")</script>\x1b[31m{{ 7*7 }}|`a`]]>'
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
TODAY = date(2026, 1, 2)


def resource(name: str, verdict: Verdict, reason: str, link: str = "https://portal.azure.com/#x") -> ResourceResult:
    """A resource in a subscription; its key is made of its name."""
    key = f"{SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.storage/storageaccounts/{name.lower()}"
    return ResourceResult(key, name, verdict, reason, link)


def exception(name: str, expires: date = date(2026, 6, 30), **about: str) -> ResourceException:
    """An exception for the resource of that name; for the check `bad-check` unless told otherwise."""
    return ResourceException(
        **(about or {"check": "bad-check"}),
        resources=[resource(name, Verdict.FAIL, "").key],
        reason="The old scanner needs it.",
        owner="cloud@contoso.example",
        expires=expires,
    )


@pytest.fixture
def bare() -> PackResult:
    """Every verdict that evaluation gives, over two sections."""
    good, kept = resource("good", Verdict.PASS, "It is encrypted."), resource("Kept", Verdict.FAIL, "It is open.")
    bad = resource(HOSTILE, Verdict.FAIL, "It is open to *.", "javascript:alert(1)")
    unseen = ResourceResult(SUBSCRIPTION, "Production", Verdict.NOT_EVALUATED, "Key vaults were forbidden.")
    fix = Remediation(portal="Close it.", az="az close --name <NAME>")
    checked = {"level": 1, "section": "1 First", "remediation": fix, "references": ["https://learn.example/x"]}
    return PackResult(
        pack="some-pack",
        title="A pack",
        version="1.0",
        source="Contoso",
        run="run-7",
        at="2026-01-02T03:04:05Z",
        controls=[
            ControlResult(
                id="1.2",
                title="Bad things",
                verdict=Verdict.FAIL,
                reason="2 of 3 fail. What remains for a person: Ask the owner.",
                resources=[bad, kept, good],
                check="bad-check",
                severity=Severity.HIGH,
                remains="Ask the owner.",
                **checked,
            ),
            ControlResult(
                id="1.10",
                title="Kept things",
                verdict=Verdict.FAIL,
                reason="1 of 1 fail.",
                resources=[kept],
                check="kept-check",
                severity=Severity.LOW,
                **checked,
            ),
            ControlResult(
                id="1.11",
                title="Unseen things",
                verdict=Verdict.NOT_EVALUATED,
                reason="1 of 1 could not be evaluated. Key vaults were forbidden.",
                resources=[unseen],
                check="unseen-check",
                severity=Severity.MEDIUM,
                **checked,
            ),
            ControlResult(
                id="1.12",
                title="Good things",
                verdict=Verdict.PASS,
                reason="It passes.",
                resources=[good],
                check="good-check",
                severity=Severity.CRITICAL,
                **checked,
            ),
            ControlResult("2.1", "Look yourself", "2 Second", 1, Verdict.MANUAL, "Look at it."),
            ControlResult("2.2", "Nothing yet", "2 Second", 2, Verdict.NOT_EVALUATED, "There is no check yet."),
            ControlResult(
                "2.3", "No things", "2 Second", 2, Verdict.NOT_APPLICABLE, "Nothing to check.", [], "no-check"
            ),
        ],
    )


@pytest.fixture
def result(bare: PackResult) -> PackResult:
    """The same with `Kept` excepted everywhere, an expired exception and one that matches nothing."""
    given = [
        exception("Kept", pack="some-pack"),
        exception(HOSTILE, expires=date(2026, 1, 1)),
        exception("Nobody"),
    ]
    return apply_exceptions(bare, given, TODAY)
