"""On Contoso: a derivation names all that it reads, and a run that redoes little comes to what redoing all comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from loader import demo
from loader.azure import sessions
from loader.azure.transport.replay import ReplayStore
from loader.conclusions import code, derivations, namings
from loader.graph import Database, Run
from loader.graph.derivations import Deriver
from loader.graph.native import native
from loader.model import Derivation
from loader.services import entity_types, type_of
from loader.sync.options import Options
from loader.sync.run import sync

pytestmark = pytest.mark.graph

# As the deletion of all entities of other types would leave them, and all that is derived from others.
_TAKEN_AWAY = (
    "MATCH ()-[r]->() WHERE r._derivation IS NOT NULL AND NOT r._derivation IN $after DELETE r",
    """
    MATCH (n:Entity) WHERE n._stub IS NULL AND NOT n._type IN $inputs
    CALL (n) {
      MATCH (n)-[r]->() WHERE r._owner = 'from' RETURN r UNION MATCH (n)<-[r]-() WHERE r._owner = 'to' RETURN r
    }
    DELETE r
    """,
    """
    MATCH (n:Entity) WHERE n._stub IS NULL AND NOT n._type IN $inputs
    SET n = {_key: n._key, _stub: true, id: n.id, name: n.name, displayName: n.displayName,
             _type: n._type, _class: n._class}
    """,
    "MATCH (n:Entity) WHERE n._stub AND NOT EXISTS { (n)--(:Entity) } DETACH DELETE n",
)
# What Contoso has nothing of.
_NOTHING_OF = {
    "people",
    "balanced-addresses",
    "sql-administrator-applications",
    "internet-through-application-gateways",
    "internet-through-front-door",
    "can-become-owner",
    "subscriptions-through-perimeters",
}


def _load(database: Database, day: int) -> None:
    async def run() -> None:
        async with sessions.over(ReplayStore(demo.exchanges(day))) as session:
            await sync(session, database, Options(), lambda _step: None)

    asyncio.run(run())


def _derive_only(database: Database, made_by: str) -> None:
    """A run in which nothing was found different."""
    with Run.start(database, loader_version="1", entity_types=entity_types(), resolve_type=type_of) as run:
        run.derive(derivations(), namings(), code=made_by)
        run.finish("complete")


def _derived(database: Database) -> list[Any]:
    rows = database.read(
        "MATCH (a)-[r]->(b) WHERE r._derivation IS NOT NULL "
        "RETURN r._derivation AS name, a._key AS start, type(r) AS verb, b._key AS end, properties(r) AS said"
    )
    return sorted(
        (row["name"], row["start"], row["verb"], row["end"], str(sorted(row["said"].items()))) for row in rows
    )


@pytest.fixture(scope="module")
def contoso(neo4j_connection: Any) -> Iterator[Database]:
    with Database(*neo4j_connection) as database:
        database.write(lambda run: run.run("MATCH (n) DETACH DELETE n"))
        _load(database, 1)
        yield database


def _links(transaction: Any, derivation: Derivation) -> list[str]:
    rows = [{name: native(value) for name, value in row.items()} for row in transaction.run(derivation.query)]
    return sorted(
        str((one.from_key, one.verb, one.to_key, one.key, sorted(one.properties.items())))
        for one in derivation.links(rows)
    )


@pytest.mark.first_neo4j
def test_a_derivation_names_all_that_it_reads(contoso: Database) -> None:
    """Whatever of the graph is neither its inputs nor made by those before it makes no difference to it."""
    declared = derivations()
    wrong, nothing = {}, set()
    for at, one in enumerate(declared):
        assert set(one.after) <= {earlier.name for earlier in declared[:at]}, one.name
        with contoso.session(access="WRITE") as session, session.begin_transaction() as transaction:
            before = _links(transaction, one)
            for statement in _TAKEN_AWAY:
                transaction.run(statement, inputs=list(one.inputs), after=list(one.after)).consume()
            left = _links(transaction, one)
            transaction.rollback()
        if left != before:
            wrong[one.name] = (sorted(set(before) ^ set(left))[:2], len(before), len(left))
        if not before:
            nothing.add(one.name)
    assert wrong == {}
    assert nothing == _NOTHING_OF


def test_what_a_run_leaves_as_it_is_would_come_to_the_same(contoso: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next day redoes some; nothing new redoes nothing; and all of it done anew changes nothing."""
    redone: list[str] = []
    derive = Deriver.derive

    def counted(self: Deriver, derivation: Derivation) -> Any:
        redone.append(derivation.name)
        return derive(self, derivation)

    monkeypatch.setattr(Deriver, "derive", counted)
    _load(contoso, 2)
    assert 0 < len(redone) < len(derivations())
    redone.clear()
    _derive_only(contoso, code())
    assert redone == []
    kept = _derived(contoso)
    _derive_only(contoso, "the code of another azgraph")
    assert redone == [one.name for one in derivations()]
    assert _derived(contoso) == kept


def test_who_says_that_the_internet_reaches_something_makes_it() -> None:
    """Where no rule names the Internet nothing else has made its node."""
    lacking = [
        one.name
        for one in derivations()
        if any(start == "internet" for start, _, _ in one.relationships)
        and "internet" not in {target.key for target in one.makes}
    ]
    assert lacking == []
