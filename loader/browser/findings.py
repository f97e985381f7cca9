"""A pack's result with links that open its findings in Neo4j Browser."""

from __future__ import annotations

from dataclasses import replace

from loader.browser.links import Browser
from loader.packs.results import CheckOutcome, PackResult, ResourceResult
from loader.verdicts import Verdict


def with_links(result: PackResult, browser: Browser | None) -> PackResult:
    """The same result, each resource that does not pass with a link to its node; unchanged without a Browser."""
    if browser is None:
        return result

    def linked(one: ResourceResult) -> ResourceResult:
        return one if one.verdict is Verdict.PASS else replace(one, browser=browser.node(one.key))

    def outcome(check: CheckOutcome) -> CheckOutcome:
        return replace(check, resources=[linked(one) for one in check.resources])

    controls = [replace(control, checks=[outcome(check) for check in control.checks]) for control in result.controls]
    return replace(result, controls=controls)
