"""What the local Neo4j is configured with: its neo4j.conf and its first password."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from loader.localdb import private
from loader.localdb.ports import LOOPBACK
from loader.localdb.versions import closing_settings

USER = "neo4j"
_HASH_ITERATIONS = 1024


def write_conf(folder: Path, version: str, data: Path, bolt_port: int, http_port: int) -> None:
    """Write `conf/neo4j.conf`: loopback only, nothing from outside, no 256 MB of transaction log held for nothing.

    Whoever may run Cypher must not get at this machine by it: LOAD CSV reads no file and asks no address.
    """
    page_cache = os.environ.get("AZGRAPH_NEO4J_PAGECACHE", "512m")
    imports = folder / "import"
    imports.mkdir(parents=True, exist_ok=True)
    settings = {
        "server.directories.data": str(data),
        "server.default_listen_address": LOOPBACK,
        "server.bolt.listen_address": f"{LOOPBACK}:{bolt_port}",
        "server.bolt.advertised_address": f"{LOOPBACK}:{bolt_port}",
        "server.http.listen_address": f"{LOOPBACK}:{http_port}",
        "server.http.advertised_address": f"{LOOPBACK}:{http_port}",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": page_cache,
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "server.directories.import": str(imports),
        # There is no public setting for it: LOAD CSV from any address, of either kind, is refused.
        "internal.dbms.cypher_ip_blocklist": "0.0.0.0/0,::/0",
        # Of plugins none. Neo4j loads its own procedures whatever stands here: Community cannot be without them.
        "dbms.security.procedures.allowlist": "db.*,dbms.*,tx.*",
        "dbms.security.procedures.unrestricted": "",
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "100M size",
        # Once its databases are closed, Bolt would wait ten seconds more for nobody.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        **closing_settings(version),
    }
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{name}={value}\n" for name, value in settings.items())
    private.write(conf / "neo4j.conf", "# Written anew at each start by azgraph.\n" + lines)


def ensure_password(file: Path) -> str:
    """The password in `file`, which only the user can read; generated when there is none yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        private.write(file, secrets.token_urlsafe(18) + "\n")
    return file.read_text(encoding="ascii").strip()


def write_initial_password(data: Path, password: str) -> None:
    """Tell a Neo4j that was never started which password its first user has.

    It is the file that `neo4j-admin dbms set-initial-password` writes (user:algorithm,hash,salt,iterations:), written
    here so that no password stands among a process's arguments and no server is ever up with the default one.
    """
    salt = os.urandom(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_HASH_ITERATIONS - 1):
        digest = hashlib.sha256(digest).digest()
    line = f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{_HASH_ITERATIONS}:\n"
    file = data / "dbms" / "auth.ini"
    file.parent.mkdir(parents=True, exist_ok=True)
    private.write(file, line)
