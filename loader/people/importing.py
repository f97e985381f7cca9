"""Writing people into the graph, in a run of its own: what a file says first, what the directory says beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from loader import __version__
from loader.areas import TENANT
from loader.conclusions import code, derivations, namings
from loader.errors import UsageError
from loader.graph import Database, Run
from loader.mapping import build_record
from loader.model import Json, Outcome, Record
from loader.people.reading import Entry, read_employees
from loader.services import entity_types, type_of
from loader.services.identity.people import PERSON, person_key

# A file of people is no tenant's.
_STEP, _AREA = "person", TENANT

# Accounts with an employee id are people; a guest's belongs to the employer of the guest.
_DIRECTORY = """
MATCH (user:azure_user)
WHERE user._stub IS NULL AND trim(coalesce(user.employeeId, '')) <> '' AND coalesce(user.userType, 'Member') <> 'Guest'
RETURN user.employeeId AS employeeId, user.displayName AS name, user.mail AS mail,
       user.userPrincipalName AS signInName, user.department AS department, user.jobTitle AS jobTitle,
       user.companyName AS company, user.employeeHireDate AS startsOn,
       head([(boss:azure_user)-[:MANAGES]->(user) | boss.employeeId]) AS manager
ORDER BY toLower(user.employeeId), coalesce(user.accountEnabled, false) DESC, user.mail IS NULL, user._key
"""
_COUNTS = """
MATCH (person:person) WHERE person._stub IS NULL
RETURN count(person) AS people, count(CASE WHEN (person)-[:IS]->(:azure_user) THEN 1 END) AS withAccount,
       COUNT { (:person)-[:IS]->(:azure_user) } AS accounts
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. changes: counts by kind, as of a sync. withAccount: people who have an account."""

    run: str
    status: str
    people: int
    with_account: int
    accounts: int
    changes: Mapping[str, int]
    notes: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """The object of `--format json`."""
        return asdict(self)


def import_people(database: Database, path: Path | None = None, *, accept_deletions: bool = False) -> Imported:
    """Makes the people of the graph those of the file and of the directory; who is in neither any more is deleted.

    path: a CSV or JSON file; without it the directory alone tells. The users must have been loaded by a sync before.
    Raises UsageError for a bad file, and for a manager that nobody knows.
    """
    entries = read_employees(path) if path is not None else []
    with Run.start(
        database,
        loader_version=__version__,
        accept_deletions=accept_deletions,
        entity_types=entity_types(),
        resolve_type=type_of,
    ) as run:
        records = people_of(entries, database.read(_DIRECTORY), path)
        step = run.step(_STEP, _AREA)
        step.write("", records)
        step.finish({"": Outcome()})
        run.record_step(_STEP, _AREA, Outcome())
        run.derive(derivations(), namings(), code=code())
        told = run.finish("complete")
    counts = database.read(_COUNTS)[0]
    return Imported(
        run=told.id,
        status=told.status,
        people=counts["people"],
        with_account=counts["withAccount"],
        accounts=counts["accounts"],
        changes=told.changes,
        notes=told.notes,
    )


def people_of(entries: Sequence[Entry], directory: Sequence[Mapping[str, Any]], path: Path | None) -> list[Record]:
    """The records of all people. What the file leaves open about a person, the directory may tell.

    directory: rows of accounts with an employee id, the one to prefer first where several have the same.
    """
    people: dict[str, Json] = {}
    for entry in entries:
        told = entry.employee.model_dump(by_alias=True, exclude_none=True)
        people[str(entry.employee.key)] = {**told, "sources": ["file"]}
    by_mail = {str(one["mail"]).lower(): key for key, one in people.items() if one.get("mail")}
    seen: set[str] = set()
    for row in directory:
        key = person_key(row["employeeId"], None) or ""
        if key not in people:
            # The file may know the person by the mail address alone.
            key = by_mail.get(str(row["mail"] or "").lower(), key)
        if key in seen:
            continue
        seen.add(key)
        found = people.get(key)
        told = {name: value for name, value in row.items() if value is not None}
        if found is None:
            people[key] = {**told, "sources": ["directory"]}
        else:
            people[key] = {**told, **found, "sources": ["file", "directory"]}
    lines = {str(entry.employee.key): (entry.line, entry.employee.manager) for entry in entries}
    for key, person in people.items():
        line, named = lines.get(key, (0, None))
        person["key"] = key
        person["managerKey"] = _manager(people, person.get("manager"))
        if named and person["managerKey"] is None:
            raise UsageError(f"{path}, line {line}: the manager {named} is neither in the file nor in the directory.")
        for name in ("startsOn", "endsOn"):
            if name in person and not isinstance(person[name], datetime):
                person[name] = datetime.combine(person[name], time(), UTC)
    records = (build_record(PERSON, person) for person in people.values())
    return [record for record in records if record is not None]


def _manager(people: Mapping[str, Json], named: object) -> str | None:
    """The key of the person who is named by employee id or mail address."""
    wanted = str(named or "").strip().lower()
    if not wanted:
        return None
    if f"person:{wanted}" in people:
        return f"person:{wanted}"
    return next((key for key, one in people.items() if str(one.get("mail") or "").lower() == wanted), None)
