"""Verdicts of the checks about the tenant, its subscriptions and vaults, on answers in wire format.

The worlds stand in `tenant_cases/`, written from the documentation of Azure and Microsoft Graph.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from loader.graph import Database
from tests.truth.chain import LIBRARY, VERDICTS, cases
from tests.truth.tenant_worlds import FILES, all_cases, verdict_of, wrong_verdicts

CHECKS = Path(__file__).parents[2] / "queries" / "checks"
AREAS = ("defender", "governance", "identity", "keyvault", "monitor", "tenant")
# Beside these files: tables of one subject each.
TABLES = ("activity_alerts.yaml", "conditional_access.yaml", "defender.yaml")
# What Azure answers is enough for these: a thing that is not there, or is not said, means no.
ALWAYS_KNOWN = {
    "keyvault-private-endpoint": "a vault without connections has none",
    "keyvault-purge-protection": "what is not said has its documented default",
    "keyvault-rbac-authorization": "what is not said has its documented default",
    "subscription-tenant-transfer-policy": "what is not blocked is allowed",
    "defender-easm-enabled": "a list of resources that is read whole",
}


@pytest.mark.packs
@pytest.mark.first_neo4j
@pytest.mark.parametrize("name", FILES)
def test_what_the_documentation_means(database: Database, name: str) -> None:
    wrong = wrong_verdicts(database, name)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("area", AREAS)
def test_each_check_has_cases_of_each_verdict(area: str) -> None:
    told = defaultdict(set)
    for case in [*all_cases(), *(case for table in TABLES for case in cases(table))]:
        told[case["check"]].add(verdict_of(case))
    checks = sorted(path.stem for path in (CHECKS / area).glob("*.yaml"))
    assert set(checks) <= set(LIBRARY.checks)
    lacking = {name: {*VERDICTS} - told[name] - {"not-evaluated" if name in ALWAYS_KNOWN else ""} for name in checks}
    assert {name: verdicts for name, verdicts in lacking.items() if verdicts} == {}


def test_each_case_has_a_page_of_microsoft() -> None:
    assert [one for one in all_cases() if not one["page"].startswith("https://learn.microsoft.com/")] == []
