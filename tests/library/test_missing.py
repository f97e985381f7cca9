"""An answer says what was not loaded whole of what it needs: no row is no proof then."""

from __future__ import annotations

import pytest

from loader.graph import Database
from loader.library import shipped_library
from loader.library.examples import place_example
from loader.library.running import run_query

pytestmark = pytest.mark.packs
QUERY = shipped_library().query("internet-exposed-machines")


def missing(database: Database) -> list[str]:
    return run_query(database, QUERY).missing


def test_a_query_says_what_is_missing_before_at_and_after_a_run(database: Database) -> None:
    assert "No subscription is loaded yet" in missing(database)[0]
    place_example(database, QUERY.examples[0], QUERY.needs)
    assert missing(database) == []
    database.write(lambda transaction: transaction.run("CREATE (:SyncRun {seq: 9, status: 'running', derived: false})"))
    database.write(lambda transaction: transaction.run("MATCH (s:SyncScope {step: 'azure_vm'}) SET s.writing = 9"))
    (told,) = missing(database)
    assert "azure_vm" in told
    assert "not at its end" in told
    database.write(lambda transaction: transaction.run("MATCH (r:SyncRun) SET r.status = 'complete', r.derived = true"))
    assert missing(database) == []
    database.write(
        lambda transaction: transaction.run("MATCH (s:SyncScope {step: 'azure_nic'}) SET s.status = 'forbidden'")
    )
    assert "azure_nic" in missing(database)[0]
