"""What pydantic and readers of YAML find wrong reaches people as words that say what to write."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import Field, ValidationError

from loader import yaml_reader
from loader.errors import UsageError
from loader.library.definitions import Id, Question, Reference, Text
from loader.mistakes import reason
from loader.yaml_reader import Document, Strict


class Part(Strict):
    """What a key may be."""

    resources: list[Text]


class Whole(Strict):
    """One key of each kind."""

    id: Id = "a"
    title: Question = "Is it?"
    reference: Reference = "https://x"
    text: Text = "x"
    expires: date = date(2027, 6, 30)
    at: datetime = datetime(2027, 6, 30, 8)  # noqa: DTZ001 - as YAML has it
    count: int = 1
    on: bool = True
    kind: Literal["one", "two"] = "one"
    parts: list[Part] = Field(default=[])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: Which?!", "title: this is a question, so end it with `?`."),
        ("id: Big One", "id: write small letters and digits, with dots or dashes between them."),
        ("reference: http://x", "reference: write an address that begins with https://."),
        ("text: ' '", "text: this must not be empty."),
        ("text:", "text: nothing stands here; this must be text."),
        ("text: 3", "text: this must be text; put it in quotes."),
        ("expires: soon", "expires: write a date such as 2027-06-30."),
        ("expires: 2027-06-30 10:00:00", "expires: write a date such as 2027-06-30."),
        ("at: soon", "at: write a time such as 2027-06-30T08:00:00Z."),
        ("count: many", "count: this must be a whole number."),
        ("'on': maybe", "on: this must be true or false."),
        ("kind: three", "kind: this must be 'one' or 'two'."),
        ("parts: x", "parts: this must be a list: lines that begin with `- `."),
        ("parts: [x]", "parts.0: this must be a mapping of `key: value` lines."),
        ("titel: x", "titel: this key is not known here; did you mean title?"),
        ("parts:\n- resource: [x]", ":2: parts.0.resources: this key is missing, and `resource` is not known here."),
    ],
)
def test_a_wrong_value_is_told_with_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x.yaml").write_text(text + "\n")
    with pytest.raises(UsageError) as refused:
        Document(tmp_path / "x.yaml").validate(Whole)
    assert str(refused.value).endswith(told)


def test_no_reason_speaks_as_pydantic_does() -> None:
    wrong = dict.fromkeys(Whole.model_fields, object())
    with pytest.raises(ValidationError) as refused:
        Whole.model_validate({**wrong, "more": 1})
    told = [reason(one) for one in refused.value.errors()]
    assert len(told) == len(wrong) + 1
    assert not [one for one in told if "Input" in one or "String" in one]


@pytest.mark.parametrize("reader", [yaml_reader._Loader, yaml.SafeLoader])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a:\n\tb: 1\n", ":2: this is not valid YAML: indent with blanks, not tabs."),
        ("a:\n  b: 1\n\tc: 2\n", ":3: this is not valid YAML: indent with blanks, not tabs."),
        ("a: @b\n", ":1: this is not valid YAML: put the text that begins with @ in quotes."),
        ("a: Who? Me: you\n", "a text that has `: ` in it stands in quotes"),
        ("a: 'b\n", "a text in quotes has no end"),
        ("a: {b: 1\n", "a bracket is not closed"),
        ('a: "\\d"\n', "a backslash in double quotes stands twice"),
    ],
)
def test_what_is_no_yaml_is_told_with_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str, reader: object
) -> None:
    monkeypatch.setattr(yaml_reader, "_Loader", reader)
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(UsageError) as refused:
        Document(tmp_path / "x.yaml")
    assert told in str(refused.value)
