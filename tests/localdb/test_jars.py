"""Fetching the jars, against a real HTTP server that plays a Maven repository."""

from __future__ import annotations

import hashlib
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tenacity

from loader.errors import UnreachableError, UsageError
from loader.localdb import LocalNeo4j, jars
from loader.localdb.versions import LOCKS, Jar, known_versions, read_lock

CONTENT = {"org.example:one:1.0": b"one", "org.example:two:2.0:linux": b"two"}
LOCK = [Jar(coordinate, hashlib.sha256(content).hexdigest()) for coordinate, content in CONTENT.items()]


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder and notes what was asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def repository(tmp_path, monkeypatch):
    folder = tmp_path / "repository"
    for jar, content in zip(LOCK, CONTENT.values(), strict=True):
        (folder / "maven" / jar.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "maven" / jar.path).write_bytes(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    server.asked, server.folder = [], folder / "maven"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    monkeypatch.setenv(jars.MIRROR_SETTING, f"http://user:planted-secret@127.0.0.1:{server.server_port}/maven")
    yield server
    server.shutdown()
    server.server_close()


def fetch(folder):
    return jars.fetch_jars(LOCK, folder, lambda _: None)


def test_fetches_once_and_keeps_the_order(repository, tmp_path):
    paths = fetch(tmp_path / "cache")
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert sorted(repository.asked) == [
        "/maven/org/example/one/1.0/one-1.0.jar",
        "/maven/org/example/two/2.0/two-2.0-linux.jar",
    ]
    assert fetch(tmp_path / "cache") == paths
    assert len(repository.asked) == 2


def test_a_file_broken_in_the_cache_is_fetched_anew(repository, tmp_path):
    one, _ = fetch(tmp_path / "cache")
    one.write_bytes(b"on")
    assert fetch(tmp_path / "cache")[0].read_bytes() == b"one"
    assert len(repository.asked) == 3


def test_a_corrupted_jar_is_refused(repository, tmp_path):
    (repository.folder / LOCK[0].path).write_bytes(b"evil")
    with pytest.raises(UnreachableError, match=r"sent another one-1\.0\.jar .*its SHA-256 differs"):
        fetch(tmp_path / "cache")
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert [path.name for path in kept if path.name != "two-2.0-linux.jar"] == []


def test_a_missing_jar_is_said(repository, tmp_path):
    (repository.folder / LOCK[1].path).unlink()
    with pytest.raises(UnreachableError, match=r"answered 404 for org\.example:two"):
        fetch(tmp_path / "cache")


def test_goes_on_where_a_broken_run_stopped(repository, tmp_path):
    (repository.folder / LOCK[1].path).rename(repository.folder / "away")
    with pytest.raises(UnreachableError):
        fetch(tmp_path / "cache")
    (tmp_path / "cache" / LOCK[0].path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "cache" / LOCK[0].path).write_bytes(b"one")
    (repository.folder / "away").rename(repository.folder / LOCK[1].path)
    repository.asked.clear()
    fetch(tmp_path / "cache")
    assert repository.asked == ["/maven/" + LOCK[1].path]


def test_an_unreachable_mirror_names_the_other_ways_and_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv(jars.MIRROR_SETTING, "http://user:planted-secret@127.0.0.1:9/maven")
    monkeypatch.setattr(jars._stream_to.retry, "wait", tenacity.wait_none())
    with pytest.raises(UnreachableError) as caught:
        LocalNeo4j(tmp_path / "home", tmp_path / "cache").up()
    sentence = str(caught.value)
    for way in (jars.MIRROR_SETTING, "docker compose up -d", "NEO4J_URI", "127.0.0.1"):
        assert way in sentence
    assert "planted-secret" not in sentence


@pytest.mark.parametrize("version", ["5.26.18", "2026.05.0"])
def test_locks_hold_coordinates_and_sums_only(version):
    assert version in known_versions()
    for jar in read_lock(version):
        assert re.fullmatch(r"[\w.-]+(:[\w.-]+){2,3}", jar.coordinate)
        assert re.fullmatch(r"[0-9a-f]{64}", jar.sha256)
    assert "://" not in (LOCKS / f"{version}.lock").read_text()


def test_an_unknown_version_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"knows 5\.26\.18, 2026\.05\.0"):
        LocalNeo4j(tmp_path / "home", tmp_path / "cache").up("4.4.0")
