"""What the checks of apps, machines, databases, networks and storage say of each branch of their logic.

The cases are in `cases/`, see `case_tables`; each table goes through the whole chain at once.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.graph import Database
from loader.packs import ResourceResult, evaluate_check
from loader.packs.populations import Populations
from tests.truth.case_tables import Question, Row, Table, tables
from tests.truth.chain import LIBRARY, load

AREAS = ("apps", "compute", "databases", "databricks", "iot", "network", "sql", "storage")
FOLDER = Path(__file__).parents[2] / "queries" / "checks"
CHECKS = sorted(file.stem for area in AREAS for file in (FOLDER / area).glob("*.yaml"))


def wrong(row: Row, results: dict[str, ResourceResult]) -> str:
    """What the check says otherwise than the row, in a sentence."""
    told = results.get(row.name)
    if told is None:
        return "" if row.verdict is None else f"{row.name}: {row.question.text} does not judge it. See {row.page}"
    if told.verdict.value == row.verdict and row.reason in told.reason:
        return ""
    expected = f"{row.verdict or 'out'} {row.reason}".strip()
    return f"{row.name}: {row.question.text} says {told.verdict.value}, not {expected}: {told.reason} See {row.page}"


@pytest.mark.packs
@pytest.mark.first_neo4j
@pytest.mark.parametrize("table", tables(), ids=lambda one: one.name)
def test_what_the_documentation_means(table: Table, database: Database) -> None:
    chain = load(database, table.exchanges(), table.only)
    questions = {row.question for row in table.rows}
    populations = Populations(LIBRARY.check(one.check) for one in questions)

    def asked(question: Question) -> dict[str, ResourceResult]:
        check = LIBRARY.check(question.check)
        result = evaluate_check(database, check, chain.coverage, question.parameters, populations=populations)
        return {one.name: one for one in result.resources}

    results = {question: asked(question) for question in questions}
    found = [wrong(row, results[row.question]) for row in table.rows]
    assert not any(found), "\n".join(one for one in found if one)


# What has no third verdict while its resources are loaded: a missing value of a switch is documented, and what is
# looked for (rules, groups, endpoints) stands in the answer or does not.
ALWAYS_TOLD = {
    "appgw-http2",
    "appservice-https-only",
    "cosmosdb-entra-auth",
    "cosmosdb-private-endpoint",
    "databricks-private-endpoint",
    "network-http-from-internet",
    "network-rdp-from-internet",
    "network-ssh-from-internet",
    "network-subnet-nsg",
    "network-udp-from-internet",
    "storage-default-oauth-portal",
    "storage-infrastructure-encryption",
    "storage-key-rotation-reminder",
    "storage-private-endpoint",
    "storage-shared-key-access-disabled",
    "vnet-ddos-protection",
}


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_has_its_cases(check: str) -> None:
    told = {row.verdict for table in tables() for row in table.rows if row.question.check == check}
    needed = {"pass", "fail"} if check in ALWAYS_TOLD else {"pass", "fail", "not-evaluated"}
    assert needed <= told


def test_every_case_names_its_page() -> None:
    pages = {row.page for table in tables() for row in table.rows}
    assert [one for one in pages if not one.startswith("https://")] == []
