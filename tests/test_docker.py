"""docker-compose.yml, the Dockerfile and what the container runs: read, and the script run. No engine is needed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docker" / "loader.sh"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
# What compose fills in: a name, with what to do where it is set or is not.
_FILLED = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?:(:[-+?])((?:[^{}]|\$\{[^{}]*\})*))?\}")

pytestmark = pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")


def filled(text: str, given: dict[str, str]) -> str:
    """As compose fills a value in, with what it knows of `-`, `+` and `?`."""

    def one(match: re.Match[str]) -> str:
        name, kind, other = match[1], match[2], match[3] or ""
        value = given.get(name, "")
        if kind == ":+":
            return filled(other, given) if value else ""
        assert value or kind != ":?", other
        return value or filled(other, given)

    return _FILLED.sub(one, text)


def loader(**given: str) -> tuple[dict[str, str], list[str]]:
    """Environment and mounts of the loader where the user has set these variables."""
    known = {"NEO4J_PASSWORD": "long-enough"} | given
    service: dict[str, Any] = COMPOSE["services"]["loader"]
    environment = {name: filled(str(value), known) for name, value in service["environment"].items()}
    return environment, [filled(one, known) for one in service["volumes"]]


def test_it_is_whole():
    for service in COMPOSE["services"].values():
        assert ("image" in service) != ("build" in service)
        assert set(service) <= {
            *("image", "build", "profiles", "restart", "init", "environment", "ports", "volumes", "healthcheck"),
            "depends_on",
        }
        for volume in service["volumes"]:
            source, target = filled(volume, {}).split(":")[:2]
            assert target.startswith("/")
            assert source in COMPOSE["volumes"] or source.startswith("/")
    assert COMPOSE["services"]["loader"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert "healthcheck" in COMPOSE["services"]["neo4j"]


def test_a_secret_is_handed_on_and_nothing_is_mounted_that_is_not_there():
    environment, mounts = loader(AZURE_CLIENT_SECRET="word")
    assert (environment["AZURE_CLIENT_SECRET"], environment["AZURE_CLIENT_CERTIFICATE_PATH"]) == ("word", "")
    assert all(one.startswith("/dev/null:") for one in mounts)


def test_a_certificate_authorities_and_settings_are_mounted_where_the_loader_looks():
    named = {
        "AZURE_CLIENT_CERTIFICATE_PATH": "./app.pem",
        "SSL_CERT_FILE": "/etc/contoso/ca.pem",
        "AZGRAPH_CONFIG": "./config.yaml",
    }
    environment, mounts = loader(**named)
    for name, path in named.items():
        assert f"{path}:{environment[name]}:ro" in mounts


def test_a_proxy_is_handed_on_and_never_stands_before_neo4j():
    environment, _ = loader(HTTPS_PROXY="http://proxy:3128", NO_PROXY="contoso.example")
    assert environment["HTTPS_PROXY"] == "http://proxy:3128"
    assert environment["NO_PROXY"] == "contoso.example,neo4j"
    assert loader()[0]["NO_PROXY"] == "neo4j"


def test_the_image_has_what_it_copies():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for line in re.findall(r"^COPY (.*)$", text, re.MULTILINE):
        for name in [one for one in line.split() if not one.startswith("--")][:-1]:
            assert (ROOT / name).exists()
            assert f"!{name.partition('/')[0]}" in ignored


@pytest.fixture
def run(tmp_path: Path):
    """Runs the script with an azgraph that ends with the codes it is told; gives code, output and what azgraph saw."""
    fake = tmp_path / "azgraph"
    fake.write_text('#!/bin/sh\necho "$@ ${SSL_CERT_FILE-unset}" >> "$SEEN"\neval "exit \\${CODE_$1:-0}"\n')
    fake.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "SEEN": str(tmp_path / "seen"),
        "SSL_CERT_FILE": "",
    }

    def started(*arguments: str, **given: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["sh", str(SCRIPT), *arguments],
            env=environment | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ended(*arguments: str, **given: str) -> tuple[int, str]:
        with started(*arguments, **given) as process:
            out, _ = process.communicate(timeout=20)
        return process.returncode, out

    ended.started = started  # type: ignore[attr-defined]
    ended.seen = tmp_path / "seen"  # type: ignore[attr-defined]
    return ended


@pytest.mark.parametrize(
    ("codes", "ends", "calls"),
    [
        ({}, 0, ["sync", "alerts"]),
        ({"CODE_sync": "3"}, 3, ["sync", "alerts"]),
        ({"CODE_sync": "4"}, 4, ["sync"]),
        ({"CODE_alerts": "1"}, 1, ["sync", "alerts"]),
        ({"CODE_sync": "3", "CODE_alerts": "1"}, 3, ["sync", "alerts"]),
    ],
)
def test_one_turn_ends_with_its_code(run, codes, ends, calls):
    assert run("once", **codes)[0] == ends
    lines = run.seen.read_text().splitlines()
    assert [line.split()[0] for line in lines] == calls
    # An empty variable is none.
    assert all(line.endswith("unset") for line in lines)
    assert run("loop", AZGRAPH_EVERY="0", **codes)[0] == ends


def test_any_command_keeps_its_code(run):
    assert run("azgraph", "check", CODE_check="1")[0] == 1


def test_health_is_that_of_the_last_turn(run, tmp_path):
    assert run("healthy") == (1, "no turn has ended yet\n")
    run("once")
    assert run("healthy")[0] == 0
    run("once", CODE_sync="4")
    code, said = run("healthy")
    assert code == 1
    assert said.startswith("the last turn ended with code 4")
    (tmp_path / ".azgraph-turn").write_text("0 1000\n")
    assert run("healthy")[0] == 1


def test_the_loop_says_a_code_and_stops_at_once(run):
    with run.started("loop", CODE_sync="4") as process:
        assert process.stdout.readline() == "azgraph: this turn ended with code 4; the next comes in 86400 seconds\n"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    assert time.monotonic() - began < 5
