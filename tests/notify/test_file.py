"""A file as a channel: each message is a line of it once, whatever a crash left."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.file import FileChannel
from tests.notify.examples import HOSTILE, message


def ids(path: Path) -> list[str]:
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line)["id"])
        except ValueError:
            continue
    return found


def test_a_new_file_is_its_owners_alone_and_a_name_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "alerts.jsonl"
    FileChannel(path).send([message(1, title=HOSTILE), message(2)])
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_text().splitlines()) == 2
    assert json.loads(path.read_text().splitlines()[0])["alerts"][0]["title"] == HOSTILE


def test_half_a_batch_and_half_a_line_are_made_whole(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    batch = [message(number) for number in range(5)]
    FileChannel(path).send(batch[:2])
    with path.open("ab") as file:
        file.write(batch[2].document.as_bytes()[:100])
    FileChannel(path).send([message(number, again=True) for number in range(5)])
    assert sorted(ids(path)) == sorted(one.id for one in batch)


def test_what_a_full_disk_took_is_not_written_a_second_time(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    batch = [message(number) for number in range(3)]
    FileChannel(path).send(batch[:1])
    FileChannel(path).send([replace(one, attempts=1) for one in batch])
    assert ids(path) == [one.id for one in batch]


def test_what_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "folder", Path("/proc/no/such/file")):
        with pytest.raises(NotDeliveredError, match=str(path.name) if path.name == "folder" else "cannot be made"):
            FileChannel(path).send([message()])
