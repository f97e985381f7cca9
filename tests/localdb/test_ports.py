"""Choosing ports."""

from __future__ import annotations

import socket
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
