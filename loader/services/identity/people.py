"""People: the employees behind accounts, from a file of the personnel department and from the directory.

Azure lists no people, so `azgraph people import` writes them (room `loader/people`). Which accounts are whose is
worked out over the graph, and again whenever people or accounts change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from loader.model import Derivation, DerivedLink, EntityType, Service, date, incoming, text, texts


def person_key(employee_id: str | None, mail: str | None) -> str | None:
    """A person is known by the employee id, or by the mail address where there is none."""
    identity = str(employee_id or mail or "").strip().lower()
    return f"person:{identity}" if identity else None


PERSON = EntityType(
    type="person",
    resource="Person",
    classes=("Person", "Employee"),
    fetch=None,
    key="key",
    name="name | mail | employeeId",
    properties=(
        text("employeeId", "employeeId", "the organization's own number of the person"),
        text("mail", "mail", "the mail address at work"),
        text("signInName", "signInName", "the name the person signs in with"),
        text("department", "department", "where the person works"),
        text("jobTitle", "jobTitle", "what the person does"),
        text("company", "company", "who employs the person"),
        date("startsOn", "startsOn", "the first day at work"),
        date("endsOn", "endsOn", "the last day at work"),
        texts("sources", "sources", "file, directory, or both: who told of the person"),
    ),
    relationships=(incoming("MANAGES", "person", "managerKey", "who leads the person"),),
)

# --- whose account is it -------------------------------------------------------------------------------------------

# From the surest to the least sure. An account is one person's only, by the surest that fits.
_MATCHES = (("employeeId", ("employeeId",)), ("mail", ("mail", "otherMails")), ("signInName", ("userPrincipalName",)))


def _names(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [str(one).strip().lower() for one in listed if one]


def _known_by(person: Mapping[str, Any], matched_on: str) -> list[str]:
    """What of a person an account is compared with. Sign-in names are often the mail address."""
    if matched_on == "signInName":
        return _names(person["signInName"]) + _names(person["mail"])
    return _names(person[matched_on])


def accounts_of_people(rows: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
    """`person IS azure_user`, with what they were matched on. What two people share matches neither."""
    people: list[Mapping[str, Any]] = []
    accounts: list[Mapping[str, Any]] = []
    for row in rows:
        (people if row["isPerson"] else accounts).append(row)
    known: dict[tuple[str, str], set[str]] = {}
    for person in people:
        for matched_on, _ in _MATCHES:
            for name in _known_by(person, matched_on):
                known.setdefault((matched_on, name), set()).add(person["key"])
    for account in accounts:
        for matched_on, fields in _MATCHES:
            names = [name for field in fields for name in _names(account[field])]
            found = set().union(*(known.get((matched_on, name), set()) for name in names))
            if len(found) == 1:
                yield DerivedLink(found.pop(), "IS", account["key"], properties={"matchedOn": matched_on})
                break


PERSON_IS_USER = Derivation(
    name="people",
    inputs=("person", "azure_user"),
    relationships=(("person", "IS", "azure_user"),),
    query="""
        MATCH (one:Entity) WHERE (one:person OR one:azure_user) AND one._stub IS NULL
        RETURN one._key AS key, one:person AS isPerson, one.employeeId AS employeeId, one.mail AS mail,
               one.otherMails AS otherMails, one.signInName AS signInName, one.userPrincipalName AS userPrincipalName
    """,
    rows=accounts_of_people,
)

SERVICE = Service(name="People", entity_types=(PERSON,), derivations=(PERSON_IS_USER,))
