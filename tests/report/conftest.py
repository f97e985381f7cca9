"""A pack's result with one of everything, for the tests of every format."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from loader.library import Severity
from loader.library.definitions import Remediation
from loader.library.exceptions import ResourceException
from loader.packs import CheckOutcome, ControlResult, PackResult, ResourceResult, Verdict
from loader.packs.basis import Assessed, NotLoaded, Part, Run, Span, Tenant
from loader.packs.exceptions import apply_exceptions
from loader.packs.results import verdict_over

HOSTILE = '<script>alert("x")</script>\x1b[31m{{ 7*7 }}|`a`]]>'
EVIL = "\"'`</template></style><script>document.title='run'</script> {{ 7*7 }} \u202e\u05d0\u05d1\u05d2 " + "x" * 300
ASSESSED = Assessed(
    at="2026-01-02T05:04:05+00:00",
    version="9.8.7",
    by="auditor",
    host="desk",
    tenants=[Tenant("c0705000-0000-0000-0000-000000000001", EVIL, "contoso.example")],
    subscriptions=[
        Part("11111111-1111-1111-1111-111111111111", "Contoso Production", "Enabled", Span("2026-01-02T03:00:00Z"), 1)
    ],
    runs=[Run("run-7", "c0705000-0000-0000-0000-000000000001", "2026-01-02T03:04:05Z", "partial", "9.8.6")],
    data=Span("2026-01-02T03:00:00Z", "2026-01-02T03:03:00Z"),
    not_loaded=[NotLoaded("azure_key_vault", ["Contoso Production"], "Forbidden. Grant the role Reader.")],
    parameters={"days": "30"},
    exceptions="accepted.yaml",
)
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


def checked(name: str, severity: Severity, resources: list[ResourceResult], **settings: str) -> CheckOutcome:
    """What a check says of these resources."""
    verdict, reason = verdict_over(resources) if resources else (Verdict.NOT_APPLICABLE, "There is nothing to check.")
    return CheckOutcome(
        id=name,
        title=name.replace("-", " ").capitalize(),
        severity=severity,
        verdict=verdict,
        reason=reason,
        resources=resources,
        remediation=Remediation(portal="Close it.", az="az close --name <NAME>"),
        references=["https://learn.example/x"],
        settings=settings,
    )


def control(number: str, title: str, *checks: CheckOutcome, section: str = "1 First") -> ControlResult:
    """A control that these checks evaluate."""
    return ControlResult(number, title, section, 1, Verdict.NOT_EVALUATED, "").judged([*checks])


@pytest.fixture
def bare() -> PackResult:
    """Every verdict that evaluation gives, over two sections."""
    good, kept = resource("good", Verdict.PASS, "It is encrypted."), resource("Kept", Verdict.FAIL, "It is open.")
    bad = resource(HOSTILE, Verdict.FAIL, "It is open to *.", "javascript:alert(1)")
    unseen = ResourceResult(SUBSCRIPTION, "Production", Verdict.NOT_EVALUATED, "Key vaults were forbidden.")
    bad_things = control("1.2", "Bad things", checked("bad-check", Severity.HIGH, [bad, kept, good]))
    return PackResult(
        pack="some-pack",
        title="A pack",
        version="1.0",
        source="Contoso",
        run="run-7",
        at="2026-01-02T03:04:05Z",
        assessed=ASSESSED,
        controls=[
            replace(bad_things, remains="Ask the owner.").judged(bad_things.checks),
            control("1.10", "Kept things", checked("kept-check", Severity.LOW, [kept])),
            control("1.11", "Unseen things", checked("unseen-check", Severity.MEDIUM, [unseen])),
            control("1.12", "Good things", checked("good-check", Severity.CRITICAL, [good])),
            ControlResult("2.1", "Look yourself", "2 Second", 1, Verdict.MANUAL, "Look at it."),
            ControlResult("2.2", "Nothing yet", "2 Second", 2, Verdict.NOT_EVALUATED, "There is no check yet."),
            control("2.3", "No things", checked("no-check", Severity.INFO, []), section="2 Second"),
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
