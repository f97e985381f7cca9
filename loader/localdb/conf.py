"""What the local Neo4j is configured with: its neo4j.conf and its first password."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from loader.localdb.ports import LOOPBACK

USER = "neo4j"
_HASH_ITERATIONS = 1024


def write_conf(folder: Path, data: Path, bolt_port: int, http_port: int) -> None:
    """Write `conf/neo4j.conf`: loopback only, no telemetry, and no 256 MB transaction logs reserved for nothing."""
    page_cache = os.environ.get("AZGRAPH_NEO4J_PAGECACHE", "512m")
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
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "100M size",
        # Once its databases are closed, Bolt would wait ten seconds more for nobody.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
    }
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{name}={value}\n" for name, value in settings.items())
    (conf / "neo4j.conf").write_text("# Written anew at each start by azgraph.\n" + lines, encoding="utf-8")


def ensure_password(file: Path) -> str:
    """The password in `file`, which only the user can read; generated when there is none yet."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(18) + "\n")
        part.replace(file)
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
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(line)
