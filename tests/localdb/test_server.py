"""The local Neo4j as a user meets it: real servers, each in a home of its own."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import Neo4jError

from loader.config import cache_dir
from loader.errors import UnreachableError, UsageError
from loader.graph import Database
from loader.localdb import server
from tests.localdb.outside import outside

pytestmark = [pytest.mark.localdb, pytest.mark.slow]

UP = [sys.executable, "-m", "loader.localdb", "up"]


def ask(found, query):
    with GraphDatabase.driver(found.uri, auth=(found.user, found.password)) as driver:
        return [tuple(record) for record in driver.execute_query(query).records]


def open_to_others(folder):
    """The files and folders that anyone but the user may read, write or list."""
    found = [folder, *folder.rglob("*")]
    return [str(path) for path in found if not path.is_symlink() and path.lstat().st_mode & 0o077]


@pytest.fixture
def _loose_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_loose_umask")
def test_life_of_a_server(home):
    """Up, up again, wrong version, killed, up, wrong password, down, wipe: in one test, as every start is dear."""
    assert not home.local.status().running
    left = home.path / "neo4j" / "logs" / "of-an-older-azgraph.log"
    left.parent.mkdir(parents=True)
    left.write_text("anyone may read this")

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

    assert open_to_others(home.path / "neo4j") == []
    refuses_the_outside(first, home)

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

    again.password_file.write_text("not-the-password\n")
    with pytest.raises(UnreachableError, match="refuses the password in"):
        home.local.up()

    assert home.local.down() is True
    assert open_to_others(home.path / "neo4j") == []
    assert home.server is None
    assert home.local.down() is False

    home.local.wipe()
    assert not (home.path / "neo4j").exists()


def refuses_the_outside(found, home):
    """Whoever may run Cypher gets at no file and no address by it, in no database."""
    with outside() as (address, asked):
        for source in (address, address.replace("127.0.0.1", "localhost"), "file:///etc/passwd", "file:///x.csv"):
            with pytest.raises(Neo4jError, match=r"is blocked via the configuration|allow_csv_import_from_file_urls"):
                ask(found, f"LOAD CSV FROM '{source}' AS line RETURN line")
        assert asked == []
    settings = dict(ask(found, "SHOW SETTINGS YIELD name, value RETURN name, value"))
    assert settings["server.directories.import"] == str(home.path / "neo4j" / "import")
    assert list((home.path / "neo4j" / "import").iterdir()) == []
    assert settings["dbms.security.procedures.unrestricted"] == ""
    assert settings["dbms.usage_report.enabled"] == "false"


def test_starts_race_for_ports_and_for_a_home(new_home, tmp_path):
    """Two starts of one home give one server, that survives them; that of another home takes other ports.

    The homes have caches and places for temporary files of their own, so that nothing but the servers themselves can
    tell them of each other.
    """
    homes = [new_home("one"), new_home("two")]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # another program has the port already, which is as good
            other.bind(("127.0.0.1", server.BOLT_PORT))
            other.listen()
        for home in homes:
            cache = own_cache(home, tmp_path)
            cache.mkdir()
            (cache / "jars").symlink_to(cache_dir() / "jars")
        ups = [
            subprocess.Popen(UP, env=started_for(home, tmp_path), stdout=subprocess.PIPE, text=True)
            for home in (*homes, homes[1])
        ]
        said = [up.communicate()[0] for up in ups]
    assert [up.returncode for up in ups] == [0, 0, 0], said
    in_use = [f"Port {server.BOLT_PORT} is in use" in one for one in said]
    assert in_use[0]
    assert in_use[1:].count(True) == 1, "who came second found the server of the first"
    assert said[1].splitlines()[-1] == said[2].splitlines()[-1]
    assert [len([p for p in psutil.process_iter() if is_server_of(p, home)]) for home in homes] == [1, 1]
    first, second = (home.local.up() for home in homes)
    assert str(server.BOLT_PORT) not in first.uri
    assert first.uri != second.uri
    assert first.browser != second.browser
    assert first.password != second.password
    ask(first, "CREATE (:OnlyHere)")
    assert ask(second, "MATCH (n) RETURN n") == []


def own_cache(home, folder):
    return folder / f"cache-{home.path.name}"


def started_for(home, folder):
    """The environment that a start for this home has."""
    own = str(own_cache(home, folder))
    return os.environ | {"AZGRAPH_HOME": str(home.path), "AZGRAPH_CACHE": own, "TMPDIR": own}


def test_a_failing_start_names_the_log(home, monkeypatch):
    monkeypatch.setenv("AZGRAPH_NEO4J_HEAP", "a lot")
    with pytest.raises(UnreachableError, match=r"did not start; its log .*server\.log says why"):
        home.local.up()
    assert "Invalid maximum heap size" in (home.path / "neo4j" / "server.log").read_text()
    assert not home.local.status().running


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 40 MB of its own; only root may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk]).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_disk_that_is_full_and_then_is_not(small_disk, new_home, monkeypatch):
    # With a full disk it does not come to an end by itself: it is asked, and killed.
    monkeypatch.setattr("loader.localdb.process.STOP_SECONDS", 5)
    home = new_home(small_disk / "home")
    found, ballast, kept = home.local.up(), small_disk / "ballast", []
    with Database(found.uri, found.user, found.password, patience=1) as database:
        ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - 4 * 2**20))

        def fill():
            while len(kept) < 100:
                database.write(lambda transaction: transaction.run("UNWIND range(1, 5000) AS i CREATE (:Kept {i: i})"))
                kept.append(5000)

        with pytest.raises(UnreachableError, match=r"can write nothing more: most likely its disk is full"):
            fill()
    home.local.down()
    with suppress(OSError), ballast.open("ab", buffering=0) as more:
        more.write(bytes(shutil.disk_usage(small_disk).free))
    with pytest.raises(UnreachableError, match=r"No space left on device.*Free some space"):
        home.local.up()

    ballast.unlink()
    again = home.local.up()
    [(count,)] = ask(again, "MATCH (n:Kept) RETURN count(n)")
    assert count >= sum(kept) > 0
    ask(again, "CREATE (:More)")


def is_server_of(process, home):
    try:
        return f"--home-dir={home.path / 'neo4j'}" in process.cmdline()
    except psutil.Error:
        return False
