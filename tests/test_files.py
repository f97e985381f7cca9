"""Files of the user's: whole or not at all, for their owner alone, and a sentence where they cannot be written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from loader.errors import UsageError
from loader.files import private_folder, read_text, refuse_unwritable, write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_its_owners_alone_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    new, old = tmp_path / "new.csv", tmp_path / "old.csv"
    old.write_text("before")
    old.chmod(0o640)
    for path in (new, old):
        write_whole(path, "after ü")
        assert path.read_text(encoding="utf-8") == "after ü"
    assert (mode(new), mode(old)) == (0o600, 0o640)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new.csv", "old.csv"]


def test_a_link_goes_on_pointing_where_it_does(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    link.symlink_to(target)
    write_whole(link, b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    write_whole(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UsageError, match=r"report\.html cannot be written: No space left on device"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize(
    ("name", "reason"), [("folder", "is a folder"), ("none/x", "does not exist. Make it"), ("file/x", "does not exist")]
)
def test_a_place_that_takes_no_file_is_a_sentence(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for write in (refuse_unwritable, lambda path: write_whole(path, "x")):
        with pytest.raises(UsageError, match=reason):
            write(tmp_path / name)


def test_a_place_that_takes_a_file_is_left_as_it_is_until_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    for path in (tmp_path / "new", tmp_path / "old", Path("/dev/null")):
        refuse_unwritable(path)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("old", "before")]


def test_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    private_folder(tmp_path / "open" / "a" / "b")
    assert [mode(tmp_path / "open" / one) for one in ("a", "a/b")] == [0o700, 0o700]
    assert mode(tmp_path / "open") == 0o755
    (tmp_path / "file").touch()
    for taken in ("file", "file/below"):
        with pytest.raises(UsageError, match="cannot be made"):
            private_folder(tmp_path / taken)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"one\ntw\xff\n", "x:2: the file is no UTF-8"), (b"0" * 1001, "larger"), (None, "Is a directory")],
)
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "x"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(UsageError, match=reason):
        read_text(path, limit=1000)
