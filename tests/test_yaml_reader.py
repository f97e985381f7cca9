"""The one way to read YAML: plain data only, told by file and line before anything is built of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from loader import yaml_reader
from loader.config import settings
from loader.errors import UsageError
from loader.library import load_library
from loader.library.exceptions import load_exceptions
from loader.library.library import Library
from loader.library.overrides import read_overrides
from loader.yaml_reader import Document, plain_text

_NESTED = zip("abcdefghi", "bcdefghij", strict=True)
BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(f"{k}: &{k} [{', '.join([f'*{j}'] * 8)}]\n" for j, k in _NESTED)
REFUSED = [
    (BOMB, 1, "anchors are not read"),
    ("a: 1\nb: &self\n  c: *self\n", 2, "take &self out"),
    ("a: 1\nb: *nobody\n", 2, "aliases are not read"),
    ("a: !!python/object/apply:os.system [x]\n", 1, "tags are not read"),
    ("a: !!binary aGk=\n", 1, "tags are not read"),
    ("a: 1\n---\nb: 2\n", 2, "second document"),
    ("a: " + "[" * 5000 + "]" * 5000, 1, "nested deeper"),
    ("- " * 5000 + "x", 1, "nested deeper"),
    ("a: 1\n.nan: 2\n", 2, "not text to YAML"),
    ("a: 1\n? [x]\n: 2\n", 2, "not text to YAML"),
    ("a: .inf\n", 1, "finite"),
    ("a: " + "9" * 5000 + "\n", 1, "is no value"),
    ("a: " + "9" * 30 + "\n", 1, "64 bits"),
    ("a: 2026-02-30\n", 1, "out of range"),
    ("a: 1\na: 2\n", 2, "second time"),
    ("a: \x00\n", 1, "not valid YAML"),
    ("a: [\n", 2, "not valid YAML"),
    ("[]\n", 1, "mapping"),
]


@pytest.mark.parametrize(("text", "line", "reason"), REFUSED)
@pytest.mark.parametrize("reader", [yaml_reader._Loader, yaml.SafeLoader])
def test_what_is_no_plain_data_is_refused_with_its_line(tmp_path, monkeypatch, text, line, reason, reader) -> None:
    monkeypatch.setattr(yaml_reader, "_Loader", reader)
    path = tmp_path / "x.yaml"
    path.write_text(text)
    started = time.process_time()
    with pytest.raises(UsageError) as refused:
        Document(path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert reason in str(refused.value)
    assert time.process_time() - started < 5, "a short text must not take long to refuse"


def test_every_file_of_the_users_is_read_that_way(tmp_path, monkeypatch) -> None:
    for name in ("overrides.yaml", "exceptions.yaml", "config.yaml", "queries/area/x.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BOMB)
    monkeypatch.setenv("AZGRAPH_CONFIG", str(tmp_path / "config.yaml"))
    settings.cache_clear()
    try:
        for read in (
            lambda: read_overrides(tmp_path),
            lambda: load_exceptions(tmp_path / "exceptions.yaml", Library()),
            settings,
            lambda: load_library([tmp_path / "queries"]),
        ):
            with pytest.raises(UsageError, match=r"\.yaml:1: anchors are not read here"):
                read()
    finally:
        settings.cache_clear()


def test_files_that_come_with_azgraph_may_spare_repetition(tmp_path) -> None:
    ours = next(one for one in Path("loader/demo/contoso").rglob("*.yaml") if "&" in one.read_text())
    assert plain_text(ours)
    copy = tmp_path / "copy.yaml"
    copy.write_text(ours.read_text())
    with pytest.raises(UsageError, match="not read here"):
        plain_text(copy)


def test_an_empty_configuration_says_nothing(tmp_path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("# nothing\n")
    assert Document(path, may_be_empty=True).data == {}
