"""Choosing ports."""

from __future__ import annotations

import socket
import tempfile
from contextlib import ExitStack

import pytest

from loader.errors import UnreachableError
from loader.localdb import ports


@pytest.fixture
def busy():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_busy_port_leads_to_another(busy, tmp_path):
    assert not ports.is_free(busy)
    with ports.reserved(busy, tmp_path) as taken:
        assert taken > busy


def test_a_port_that_listens_on_all_addresses_is_busy():
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        assert not ports.is_free(other.getsockname()[1])


def test_two_starts_at_once_take_different_ports_and_give_them_back(busy, tmp_path):
    with ports.reserved(busy, tmp_path) as one, ports.reserved(busy, tmp_path) as two:
        assert one != two
    with ports.reserved(one, tmp_path) as again:
        assert again == one


def test_no_free_port_is_said(busy, tmp_path, monkeypatch):
    monkeypatch.setattr(ports, "_TRIES", 1)
    with pytest.raises(UnreachableError, match="is free for Neo4j"), ExitStack() as stack:
        stack.enter_context(ports.reserved(busy, tmp_path))


def test_homes_with_caches_of_their_own_reserve_ports_in_one_place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    one, two = (ports.common_folder(tmp_path / name / "ports") for name in "ab")
    assert one == two
    assert one.stat().st_mode & 0o777 == 0o700


def test_a_place_that_is_somebody_elses_is_not_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = ports.common_folder(tmp_path / "own")
    own.rmdir()
    own.symlink_to(tmp_path)
    assert ports.common_folder(tmp_path / "own") == tmp_path / "own"
    own.unlink()
    own.write_text("x")
    assert ports.common_folder(tmp_path / "own") == tmp_path / "own"
