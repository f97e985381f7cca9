"""Development time only: resolve a Neo4j version with jgo and write its lock file.

    python -m loader.localdb.make_lock 5.26.18

Resolving takes minutes, which is why its result is committed and the jars alone are fetched at run time.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.env import EnvironmentBuilder
from jgo.maven import Dependency, MavenContext
from jgo.parse import Coordinate

from loader.localdb.versions import LOCKS, has_browser

BROWSER = "org.neo4j.client:neo4j-browser:5.24.0"


def resolve(version: str, repository: Path) -> list[Dependency]:
    """All jars that Neo4j's server needs at run time, the inputs first, then by coordinate."""
    roots = [f"org.neo4j.app:neo4j-server:{version}", f"org.neo4j:neo4j:{version}"]
    roots += [BROWSER] if has_browser(version) else []
    context = MavenContext(repo_cache=repository, timeout=60)
    inputs = EnvironmentBuilder(context)._coordinates_to_dependencies([Coordinate.parse(root) for root in roots])
    resolved, transitive = context.resolver.resolve(inputs)
    wanted = [dep for dep in transitive if dep.scope not in ("test", "provided") and dep.artifact.packaging == "jar"]
    return resolved + sorted(wanted, key=lambda dep: str(dep.artifact))


def lock_line(dependency: Dependency) -> str:
    artifact = dependency.artifact
    parts = [artifact.groupId, artifact.artifactId, artifact.version, artifact.classifier]
    return f"{':'.join(part for part in parts if part)} {hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()}"


def main(version: str) -> None:
    with tempfile.TemporaryDirectory() as repository, ThreadPoolExecutor(16) as pool:
        lines = list(dict.fromkeys(pool.map(lock_line, resolve(version, Path(repository)))))
    header = f"# The jars of Neo4j {version} and their SHA-256 sums; made by make_lock.py."
    LOCKS.mkdir(exist_ok=True)
    (LOCKS / f"{version}.lock").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
