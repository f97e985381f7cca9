"""What a start does when things do not go their way, mostly without a server that comes up."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import neo4j
import psutil
import pytest
from neo4j.exceptions import AuthError

from loader.errors import UnreachableError
from loader.localdb import patience, private, process, server, troubles
from loader.localdb.troubles import Trouble, larger_heap, trouble_in

pytestmark = pytest.mark.localdb


def test_it_waits_as_long_as_the_server_lives_and_says_so(home, monkeypatch):
    """A server that is stopped in its tracks is not given up; one that is dead is, at once."""
    monkeypatch.setattr(patience, "FIRST_WORD_SECONDS", 0.2)
    monkeypatch.setattr(patience, "NEXT_WORD_SECONDS", 0.2)
    raised = []

    def up():
        try:
            home.local.up()
        except UnreachableError as error:
            raised.append(str(error))

    thread = threading.Thread(target=up)
    thread.start()
    while (running := home.server) is None:
        time.sleep(0.05)
    running.suspend()
    while not raised and len([one for one in home.said if "still starting" in one and "server.log" in one]) < 3:
        time.sleep(0.05)
    assert not raised
    running.kill()
    thread.join(60)
    assert "did not start; its log" in raised[0]


def test_a_second_command_says_that_it_waits_for_the_first(home, monkeypatch):
    monkeypatch.setattr(patience, "FIRST_WORD_SECONDS", 0.0)
    home.path.mkdir()
    with home.local._lock:
        other = type(home)(home.path)
        thread = threading.Thread(target=other.local.down)
        thread.start()
        while not other.said:
            time.sleep(0.05)
    thread.join(30)
    assert not thread.is_alive()
    assert "Another command is starting or stopping" in other.said[0]


@pytest.fixture
def dies(monkeypatch):
    """A server that writes into its log and ends. Gives the list of what it was started with: heap and bolt port."""
    started: list[tuple[str, str]] = []

    def dies(*logs: str) -> list[tuple[str, str]]:
        def start(folder, class_path, main_class, heap, output):
            conf = (folder / "conf" / "neo4j.conf").read_text()
            started.append((heap, conf.partition("server.bolt.listen_address=")[2].splitlines()[0]))
            text = logs[min(len(started), len(logs)) - 1]
            with private.create(output) as log:
                return psutil.Popen([sys.executable, "-c", f"print({text!r})"], stdout=log, stderr=subprocess.STDOUT)

        monkeypatch.setattr(process, "start", start)
        monkeypatch.setattr("loader.localdb.jars.fetch_jars", lambda *_: [])
        return started

    return dies


def test_a_recovery_that_runs_out_of_memory_is_given_more(home, dies, monkeypatch):
    monkeypatch.setenv(troubles.HEAP_SETTING, "64m")
    started = dies("Terminating due to java.lang.OutOfMemoryError: Java heap space", "No space left on device")
    with pytest.raises(UnreachableError, match=r"server.log says why. It seems that the disk is full. Free some space"):
        home.local.up()
    assert [heap for heap, _ in started] == ["64m", "128m"]
    assert "Neo4j ran out of memory with a heap of 64m; trying with 128m." in home.said


def test_a_port_that_is_lost_in_the_race_is_tried_anew(home, dies):
    started = dies("java.net.BindException: Address already in use", "nothing that is known")
    debug = home.path / "neo4j" / "logs" / "debug.log"
    debug.parent.mkdir(parents=True)
    debug.write_text("Caused by: java.net.BindException: Address already in use\n")  # of a start long ago
    with pytest.raises(UnreachableError, match=r"says why\.$"):
        home.local.up()
    assert len(started) == 2


def test_that_another_homes_server_refuses_the_password_is_not_believed(home, monkeypatch):
    """It took the port of one that has just ended: only one that listens there itself is asked, and believed."""
    here = psutil.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    notes = server._Notes()
    owned = {notes.bolt_port, notes.http_port}

    def ports_of(_process):
        return owned if here.is_running() else set()

    class Other:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def execute_query(self, *_):
            here.kill()
            here.wait()
            raise AuthError("The client is unauthorized due to authentication failure.")

    monkeypatch.setattr(process, "listening_ports", ports_of)
    monkeypatch.setattr(neo4j.GraphDatabase, "driver", lambda *_, **__: Other())
    home.path.mkdir()
    with pytest.raises(UnreachableError, match="did not start; its log"):
        home.local._wait_until_ready(here, notes)


@pytest.mark.parametrize(
    ("log", "trouble"),
    [
        ("java.io.IOException: No space left on device", Trouble.DISK),
        ("Caused by: java.net.BindException: Address already in use", Trouble.PORT),
        ("Terminating due to java.lang.OutOfMemoryError: Java heap space", Trouble.MEMORY),
        ("There is insufficient memory for the Java Runtime Environment to continue.", Trouble.MEMORY),
        ("Invalid maximum heap size: -Xmxa lot", Trouble.HEAP),
        ("Unrecognized VM option 'UseNothing'", Trouble.JAVA),
        ("org.neo4j.io.locker.FileLockException: Lock file has been locked by another process", Trouble.DATA),
        ("Started.", None),
    ],
)
def test_the_log_is_told_in_plain_words(tmp_path, log, trouble):
    (tmp_path / "server.log").write_text(log)
    assert trouble_in(tmp_path / "server.log", tmp_path / "missing.log") is trouble


def test_more_memory_is_twice_as_much_while_the_machine_has_it():
    assert larger_heap("512m") == "1024m"
    assert larger_heap(f"{psutil.virtual_memory().total // 2**30}g") is None
    assert larger_heap("a lot") is None


def test_files_are_mended_and_links_are_not_followed(tmp_path):
    other = tmp_path / "other"
    other.write_text("not ours")
    other.chmod(0o644)
    folder = tmp_path / "home"
    (folder / "logs").mkdir(parents=True)
    folder.chmod(0o755)
    (folder / "link").symlink_to(other)
    (folder / "logs" / "old.log").write_text("x")
    (folder / "logs" / "old.log").chmod(0o666)
    private.make_private(folder)
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "logs", folder / "logs" / "old.log")] == [
        0o700,
        0o700,
        0o600,
    ]
    assert other.stat().st_mode & 0o777 == 0o644
