"""Files of employees: what is read, and what is refused with file, line and reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.people import read_employees


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_csv_file_is_read(tmp_path: Path) -> None:
    text = (
        "Employee ID,name,mail,manager,startsOn\n"
        '1001,"Lind, Astrid",astrid.lind@contoso.example,,2020-01-31\n'
        "\n"
        "1002,Bo Nyberg,,1001,\n"
    )
    first, second = read_employees(written(tmp_path, "people.csv", text))
    assert (first.line, first.employee.name, first.employee.starts_on) == (2, "Lind, Astrid", date(2020, 1, 31))
    assert (second.line, second.employee.key, second.employee.mail) == (4, "person:1002", None)


def test_a_spreadsheet_of_europe_is_read(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes("\ufeffemployee_id;name\n1001;Åsa\n".encode())
    assert [entry.employee.name for entry in read_employees(file)] == ["Åsa"]


def test_a_json_file_is_read(tmp_path: Path) -> None:
    text = '[\n  {"employeeId": 1001, "name": "Astrid Lind"},\n  {"mail": "bo@contoso.example"}\n]\n'
    first, second = read_employees(written(tmp_path, "people.json", text))
    assert (first.line, first.employee.employee_id) == (2, "1001")
    assert (second.line, second.employee.key) == (3, "person:bo@contoso.example")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.csv", "employeeId,salary\n1,2\n", "line 1: there is no field 'salary'"),
        ("a.csv", "name,name\nA,B\n", "line 1: a column stands twice"),
        ("a.csv", "employeeId,name\n1\n", "line 2: 1 cells, but the header names 2"),
        ("a.csv", "employeeId,name\n1,A\n,B\n", "line 3: a person needs an employeeId or a mail"),
        ("a.csv", "employeeId,mail\n1,nobody\n", "line 2: mail: "),
        ("a.csv", 'employeeId,name\n1,"a\nb"\n2,c\n1,d\n', "line 5: employeeId 1 is that of line 2 too"),
        ("a.csv", "employeeId,endsOn\n1,soon\n", "line 2: endsOn: "),
        ("a.csv", "employeeId\n", "names nobody"),
        ("a.csv", "", "names nobody"),
        ("a.json", "{}", "line 1: the file must hold a list"),
        ("a.json", '[\n{"employeeId": "1"}\n{"employeeId": "2"}]', "line 3: a comma"),
        ("a.json", '[{"employeeId": "1"},\n 7]', "line 2: a person must be an object"),
        ("a.json", '[{"employeeId": "1"},\n {"employeeId": ]', "line 2: this is no JSON"),
        ("a.json", '[{"employeeId": "1"}', "line 1: a comma or the end"),
        ("a.json", '[{"name": ["x"], "employeeId": "1"}]', "line 1: name: "),
        ("a.json", '[{"employeeId": "1"}] x', "nothing may follow"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, name: str, text: str, reason: str) -> None:
    with pytest.raises(UsageError) as told:
        read_employees(written(tmp_path, name, text))
    assert str(tmp_path / name) in str(told.value)
    assert reason in str(told.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv:1: the file cannot be read"):
        read_employees(tmp_path / "none.csv")
