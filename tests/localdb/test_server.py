"""The local Neo4j as a user meets it: real servers, each in a home of its own."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from neo4j import GraphDatabase

from loader.errors import UnreachableError, UsageError
from loader.localdb import server

pytestmark = [pytest.mark.localdb, pytest.mark.slow]


def ask(found, query):
    with GraphDatabase.driver(found.uri, auth=(found.user, found.password)) as driver:
        return [tuple(record) for record in driver.execute_query(query).records]


def test_life_of_a_server(home):
    """Up, up again, wrong version, killed, up, down, up, wipe: in one test, as every start takes ten seconds."""
    assert not home.local.status().running

    first = home.local.up()
    assert ask(first, "CALL dbms.components() YIELD versions, edition RETURN versions[0], edition") == [
        (first.version, "community")
    ]
    assert first.password not in repr(first)
    assert stat.S_IMODE(first.password_file.stat().st_mode) == 0o600
    assert first.password_file.read_text().strip() == first.password
    listening = {one.laddr.ip for one in home.server.net_connections("tcp") if one.status == psutil.CONN_LISTEN}
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
    status = home.local.status()
    assert (status.running, status.uri, status.browser) == (True, first.uri, first.browser)

    running = home.server.pid
    ask(first, "CREATE (:Kept {name: 'before the kill'})")
    assert home.local.up() == first
    assert home.server.pid == running
    with pytest.raises(UsageError, match="is running; stop it"):
        home.local.up("2026.05.0")

    home.server.kill()
    psutil.wait_procs([psutil.Process(running)] if psutil.pid_exists(running) else [], timeout=30)
    assert not home.local.status().running
    again = home.local.up()
    assert ask(again, "MATCH (n) RETURN n.name") == [("before the kill",)]
    assert again.password == first.password

    assert home.local.down() is True
    assert home.server is None
    assert home.local.down() is False

    home.local.wipe()
    assert not (home.path / "neo4j").exists()


def test_two_homes_side_by_side_and_a_busy_port(new_home):
    one, two = new_home("one"), new_home("two")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # another program has the port already, which is as good
            other.bind(("127.0.0.1", server.BOLT_PORT))
            other.listen()
        first, second = one.local.up(), two.local.up()
    assert str(server.BOLT_PORT) not in first.uri
    assert any(f"Port {server.BOLT_PORT} is in use" in said for said in one.said)
    assert first.uri != second.uri
    assert first.password != second.password
    ask(first, "CREATE (:OnlyHere)")
    assert ask(second, "MATCH (n) RETURN n") == []


def test_two_ups_at_once_start_one_server_that_survives_them(home):
    command = [sys.executable, "-m", "loader.localdb", "up"]
    environment = os.environ | {"AZGRAPH_HOME": str(home.path)}
    ups = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(2)]
    outputs = [up.communicate()[0].decode().splitlines()[-1] for up in ups]
    assert [up.returncode for up in ups] == [0, 0]
    assert outputs[0] == outputs[1]
    assert len([p for p in psutil.process_iter() if is_server_of(p, home)]) == 1
    assert home.local.status().running


def test_a_failing_start_names_the_log(home, monkeypatch):
    monkeypatch.setenv("AZGRAPH_NEO4J_HEAP", "a lot")
    with pytest.raises(UnreachableError, match=r"did not start; its log .*server\.log says why"):
        home.local.up()
    assert "Invalid maximum heap size" in (home.path / "neo4j" / "server.log").read_text()
    assert not home.local.status().running


def test_a_changed_password_is_said(home):
    found = home.local.up()
    found.password_file.write_text("not-the-password\n")
    with pytest.raises(UnreachableError, match="refuses the password in"):
        home.local.up()


def is_server_of(process, home):
    try:
        return f"--home-dir={home.path / 'neo4j'}" in process.cmdline()
    except psutil.Error:
        return False
