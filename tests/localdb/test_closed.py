"""The local Neo4j is configured closed: no file, no address and no plugin for whoever may run Cypher."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.localdb import conf, known_versions
from loader.localdb.process import JAVA_OPTIONS

CLOSED = {
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
    "dbms.security.procedures.allowlist": "db.*,dbms.*,tx.*",
    "dbms.security.procedures.unrestricted": "",
    "server.default_listen_address": "127.0.0.1",
    "server.bolt.listen_address": "127.0.0.1:7687",
    "server.http.listen_address": "127.0.0.1:7474",
    "server.https.enabled": "false",
    "dbms.usage_report.enabled": "false",
    "client.allow_telemetry": "false",
}


@pytest.mark.parametrize("version", known_versions())
def test_what_is_written_for_the_server(tmp_path: Path, version: str) -> None:
    conf.write_conf(tmp_path, version, tmp_path / "data", 7687, 7474)
    file = tmp_path / "conf" / "neo4j.conf"
    lines = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    written = {name: value for name, _, value in lines}
    assert {name: written.get(name) for name in CLOSED} == CLOSED
    assert written["server.directories.import"] == str(tmp_path / "import")
    assert "dbms.security.auth_enabled" not in written
    assert file.stat().st_mode & 0o077 == 0
    assert "-XX:+ExitOnOutOfMemoryError" in JAVA_OPTIONS
