"""cartography, the strongest peer: its own `load()` of the same rows, in a virtual environment of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.server import Server
from bench.tenant import Tenant
from loader.config import cache_dir

VERSION = "0.143.0"
ROOT = Path(__file__).parents[1]


def interpreter() -> Path | None:
    """The Python of cartography's virtual environment, made when it is not there; None where it cannot be."""
    folder = cache_dir() / "bench" / f"cartography-{VERSION}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    # Written last: an environment without it was broken off and is made anew.
    ready = folder / "ready"
    if ready.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Installing cartography {VERSION} into a virtual environment of its own …", file=sys.stderr)
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"cartography=={VERSION}"],
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"cartography could not be installed: {error}", file=sys.stderr)
        return None
    ready.touch()
    return python


def load_twice(python: Path, server: Server, tenant: Tenant) -> dict[str, float]:
    """Seconds of the first load and of loading the same again; raises RuntimeError where it did not load it all."""
    told = subprocess.run(
        [python, "-m", "bench.peer_process", server.database.uri, server.database.user, str(tenant.entities)],
        cwd=ROOT,
        env={**os.environ, "NEO4J_PASSWORD": server.password},
        stdout=subprocess.PIPE,
        check=True,
    )
    if server.counted() != (tenant.entities, tenant.relationships):
        raise RuntimeError(f"cartography loaded {server.counted()} of {tenant.entities, tenant.relationships}.")
    first, again = json.loads(told.stdout)
    return {"cartography, first": first, "cartography, again": again}
