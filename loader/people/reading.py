"""A file of employees, CSV or JSON, read and checked: what is wrong is told with file, line and reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from loader.errors import UsageError
from loader.files import read_text
from loader.mistakes import matching, reason
from loader.services.identity.people import person_key


def _blank_is_absent(value: object) -> object:
    """An empty cell says nothing; JSON may give numbers where a CSV has text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None if isinstance(value, str) and not value.strip() else value


# A company of a million people is below this.
_LARGEST = 500_000_000

Text = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None, BeforeValidator(_blank_is_absent)
]
Mail = Annotated[
    Annotated[
        str,
        StringConstraints(strip_whitespace=True),
        matching(r"^[^@\s]+@[^@\s]+$", "write a mail address such as ada@contoso.com"),
    ]
    | None,
    BeforeValidator(_blank_is_absent),
]
Day = Annotated[date | None, BeforeValidator(_blank_is_absent)]


class Employee(BaseModel):
    """One line of the file. manager: the employee id or the mail address of the person's manager."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    employee_id: Text = None
    name: Text = None
    mail: Mail = None
    sign_in_name: Text = None
    department: Text = None
    job_title: Text = None
    company: Text = None
    manager: Text = None
    starts_on: Day = None
    ends_on: Day = None

    @model_validator(mode="after")
    def _is_somebody(self) -> Employee:
        if self.key is None:
            raise ValueError("a person needs an employeeId or a mail address")
        return self

    @property
    def key(self) -> str | None:
        """The person's `_key`."""
        return person_key(self.employee_id, self.mail)


# As they are written in a file: employeeId, name, …
FIELDS = tuple(to_camel(name) for name in Employee.model_fields)
_BY_LOWER_CASE = {name.lower(): name for name in FIELDS}


@dataclass(frozen=True, slots=True)
class Entry:
    """One employee with the line of the file that told of it."""

    line: int
    employee: Employee


def read_employees(path: Path) -> list[Entry]:
    """The employees of a CSV file (with a header) or of a JSON file (a list of objects).

    Raises UsageError with the file, the line and the reason: unknown fields, what is no mail address or date, people
    without an id, the same employee id or mail address twice, a file that is empty.
    """
    text = read_text(path, limit=_LARGEST)
    rows = _json_rows(path, text) if path.suffix.lower() == ".json" else _csv_rows(path, text)
    entries = [Entry(line, _employee(path, line, row)) for line, row in rows]
    if not entries:
        # A whole company that is gone overnight is more likely an export that failed.
        raise UsageError(f"{path} names nobody. Check the export; no person was changed.")
    _refuse_doubles(path, entries)
    return entries


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    try:
        header = [_field(path, 1, name) for name in next(reader, [])]
        if len(set(header)) < len(header):
            raise UsageError(f"{path}, line 1: a column stands twice.")
        end = reader.line_num
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise UsageError(f"{path}, line {line}: {len(cells)} cells, but the header names {len(header)}.")
            yield line, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: this is no CSV: {error}.") from error


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of the list one by one, since the JSON module tells no lines of what it has read."""
    decoder, at = json.JSONDecoder(), _after_blanks(text, 0)
    if text[at : at + 1] != "[":
        raise UsageError(f"{path}, line 1: the file must hold a list of objects.")
    at = _after_blanks(text, at + 1)
    while text[at : at + 1] != "]":
        line = text.count("\n", 0, at) + 1
        try:
            row, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise UsageError(f"{path}, line {error.lineno}: this is no JSON: {error.msg}.") from error
        if not isinstance(row, dict):
            raise UsageError(f"{path}, line {line}: a person must be an object.")
        yield line, {_field(path, line, name): value for name, value in row.items()}
        at = _after_blanks(text, at)
        if text[at : at + 1] == ",":
            at = _after_blanks(text, at + 1)
        elif text[at : at + 1] != "]":
            raise UsageError(
                f"{path}, line {text.count(chr(10), 0, at) + 1}: a comma or the end of the list is missing."
            )
    if text[at + 1 :].strip():
        raise UsageError(f"{path}, line {text.count(chr(10), 0, at) + 1}: nothing may follow the list.")


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _field(path: Path, line: int, name: str) -> str:
    """The field that a column or a JSON name stands for; casing, blanks and underscores do not count."""
    known = _BY_LOWER_CASE.get(name.strip().lower().replace("_", "").replace(" ", ""))
    if known is None:
        raise UsageError(f"{path}, line {line}: there is no field {name.strip()!r}. Fields are {', '.join(FIELDS)}.")
    return known


def _employee(path: Path, line: int, row: dict[str, Any]) -> Employee:
    try:
        return Employee.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = f"{first['loc'][0]}: " if first["loc"] else ""
        raise UsageError(f"{path}, line {line}: {field}{reason(first)}.") from error


def _refuse_doubles(path: Path, entries: list[Entry]) -> None:
    for name in ("employee_id", "mail"):
        seen: dict[str, int] = {}
        for entry in entries:
            value = str(getattr(entry.employee, name) or "").lower()
            if value and value in seen:
                raise UsageError(
                    f"{path}, line {entry.line}: {to_camel(name)} {value} is that of line {seen[value]} too."
                )
            seen[value] = entry.line
