"""People in the graph: who is written, whose accounts are whose, what goes when somebody leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure
from loader.errors import UsageError
from loader.graph import Database, Run
from loader.model import Link, Outcome, Record, Target, Value
from loader.people import import_people
from loader.services import entity_types, type_of
from loader.services.identity.people import accounts_of_people

pytestmark = pytest.mark.graph


def account(name: str, manager: str | None = None, **properties: Value) -> Record:
    own: dict[str, Value] = {"id": name, "name": name, "displayName": name, "userType": "Member", **properties}
    links = (Link("MANAGES", Target(manager, "azure_user"), incoming=True),) if manager else ()
    return Record(name, "azure_user", own, links)


def load(database: Database, *accounts: Record) -> None:
    with Run.start(database, loader_version="1", entity_types=entity_types(), resolve_type=type_of) as run:
        step = run.step("azure_user", "tenant")
        step.write("", accounts)
        step.finish({"": Outcome()})
        run.finish("complete")


def matches(database: Database) -> dict[str, tuple[str, str]]:
    rows = database.read("MATCH (p:person)-[r:IS]->(u:azure_user) RETURN u._key AS u, p._key AS p, r.matchedOn AS m")
    return {row["u"]: (row["p"], row["m"]) for row in rows}


def led(database: Database) -> set[tuple[str, str]]:
    return {(row["a"], row["b"]) for row in database.read("MATCH (a:person)-[:MANAGES]->(b:person) "
                                                          "RETURN a._key AS a, b._key AS b")}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(
        "employeeId,name,mail,signInName,manager\n"
        "1,Ada,ada@contoso.example,,\n"
        "2,Bo,bo@contoso.example,,1\n"
        ",Cleo,cleo@contoso.example,,ada@contoso.example\n"
        "4,Dana,,dana-local,1\n"
        "5,Emil,,,2\n"
    )
    return path


def test_people_and_their_accounts(database: Database, file: Path) -> None:
    load(
        database,
        account("u1", employeeId="1", mail="ada@contoso.example", department="IT"),
        account("u1-admin", employeeId="1", userPrincipalName="adm-ada@contoso.example"),
        account("u2", mail="BO@contoso.example"),
        account("u3", otherMails=["cleo@contoso.example"], mail="c.leo@contoso.example"),
        account("u4", userPrincipalName="Dana-Local"),
        account("emergency"),
        account("u9", "u1", employeeId="9"),
        account("guest", employeeId="77", userType="Guest"),
    )
    done = import_people(database, file)
    assert (done.status, done.people, done.with_account, done.accounts) == ("complete", 6, 5, 6)
    assert matches(database) == {
        "u1": ("person:1", "employeeId"),
        "u1-admin": ("person:1", "employeeId"),
        "u2": ("person:2", "mail"),
        "u3": ("person:cleo@contoso.example", "mail"),
        "u4": ("person:4", "signInName"),
        "u9": ("person:9", "employeeId"),
    }
    assert led(database) == {
        ("person:1", "person:2"),
        ("person:1", "person:cleo@contoso.example"),
        ("person:1", "person:4"),
        ("person:2", "person:5"),
        ("person:1", "person:9"),
    }
    ada = database.read("MATCH (p:person:Employee:Person {_key: 'person:1'}) RETURN p.department AS d, p.sources AS s")
    assert ada == [{"d": "IT", "s": ["directory", "file"]}]


def test_who_leaves_goes_and_who_comes_is_a_change(database: Database, file: Path) -> None:
    load(database, account("u2", mail="bo@contoso.example"))
    import_people(database, file)
    file.write_text("employeeId,name,mail\n1,Ada,ada@contoso.example\n8,Hana,hana@contoso.example\n")
    done = import_people(database, file, accept_deletions=True)
    assert (done.people, done.changes["created"], done.changes["deleted"]) == (2, 1, 4)
    assert matches(database) == {}


def test_the_directory_alone_is_enough(database: Database) -> None:
    load(database, account("u1", employeeId="1", displayName="Ada"), account("u2", "u1", employeeId="2"))
    done = import_people(database)
    assert (done.people, done.accounts) == (2, 2)
    assert led(database) == {("person:1", "person:2")}


def test_a_question_about_people_says_that_nobody_imported_any(database: Database, file: Path) -> None:
    def missing() -> list[str]:
        return [gap.sentence for gap in Coverage.read(database).gaps(closure(["person"]), "")]

    load(database, account("u1", employeeId="1"))
    assert missing() == ["person of the tenant has not been loaded yet: run `azgraph people import`."]
    import_people(database, file)
    assert missing() == []
    load(database, account("u1", employeeId="1"), account("u2"))
    assert missing() == [], "a later sync knows nothing of people, and forgets nothing"


def test_what_is_needed_of_everything_in_azure_needs_no_people() -> None:
    assert "person" not in closure(["everything"])
    assert "person" in closure(["everything", "person"])


def test_a_manager_nobody_knows_is_refused_and_nothing_is_written(database: Database, file: Path) -> None:
    file.write_text("employeeId,manager\n1,\n2,99\n")
    with pytest.raises(UsageError, match=r"line 3: the manager 99"):
        import_people(database, file)
    assert database.read("MATCH (p:person) RETURN count(p) AS people") == [{"people": 0}]


def person_row(key: str, **known: Any) -> dict[str, Any]:
    return {"key": key, "isPerson": True, "employeeId": None, "mail": None, "signInName": None, **known}


def user_row(key: str, **known: Any) -> dict[str, Any]:
    empty = {"employeeId": None, "mail": None, "otherMails": None, "userPrincipalName": None}
    return {"key": key, "isPerson": False, **empty, **known}


def test_the_surest_match_wins_and_what_two_share_matches_neither() -> None:
    rows = [
        person_row("a", employeeId="1", mail="shared@contoso.example"),
        person_row("b", employeeId="2", mail="b@contoso.example"),
        person_row("c", employeeId="3", mail="shared@contoso.example"),
        user_row("both", employeeId="1", mail="b@contoso.example"),
        user_row("shared", mail="shared@contoso.example"),
        user_row("by-sign-in", userPrincipalName="B@contoso.example"),
    ]
    found = {(link.from_key, link.to_key, link.properties["matchedOn"]) for link in accounts_of_people(rows)}
    assert found == {("a", "both", "employeeId"), ("b", "by-sign-in", "signInName")}
