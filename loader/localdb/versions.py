"""Which Neo4j versions azgraph can start by itself: one lock file each, with the jars and their SHA-256 sums."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from loader.errors import UsageError

DEFAULT_VERSION = "5.26.18"
LOCKS = Path(__file__).parent / "locks"


@dataclass(frozen=True, slots=True)
class Jar:
    """One file of a Maven repository: `coordinate` is group:artifact:version or group:artifact:version:classifier."""

    coordinate: str
    sha256: str

    @property
    def file_name(self) -> str:
        _, artifact, version, *classifier = self.coordinate.split(":")
        return "-".join([artifact, version, *classifier]) + ".jar"

    @property
    def path(self) -> str:
        """Where the jar is in every Maven repository, relative to the repository's base address."""
        group, artifact, version, *_ = self.coordinate.split(":")
        return f"{group.replace('.', '/')}/{artifact}/{version}/{self.file_name}"


def known_versions() -> list[str]:
    """The versions that have a lock file, oldest first."""
    names = [path.name.removesuffix(".lock") for path in LOCKS.glob("*.lock")]
    return sorted(names, key=lambda name: [int(part) for part in name.split(".")])


def read_lock(version: str) -> list[Jar]:
    """The jars of a Neo4j version, in class path order.

    Raises:
        UsageError: there is no lock for that version.
    """
    path = LOCKS / f"{version}.lock"
    if version not in known_versions():
        raise UsageError(
            f"azgraph cannot start Neo4j {version} by itself; it knows {', '.join(known_versions())}. "
            "For another version start it yourself and set NEO4J_URI."
        )
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return [Jar(coordinate, sha256) for coordinate, sha256 in lines]


def main_class(version: str) -> str:
    """Neo4j's entry point was renamed with the calendar versions (2025.01 and later)."""
    return "org.neo4j.server.CommunityEntryPoint" if version.startswith("5.") else "org.neo4j.server.Neo4jCommunity"


def has_browser(version: str) -> bool:
    """Neo4j Browser is published to Maven repositories for the 5 series only."""
    return version.startswith("5.")


def data_folder(version: str) -> str:
    """Calendar versions cannot share data with the 5 series: a store that was upgraded is not read by the older one."""
    return "data-5" if version.startswith("5.") else "data-calendar"


def closing_settings(version: str) -> dict[str, str]:
    """Settings that only some versions know, and that keep the server from calling anybody.

    Calendar versions can be registered with Neo4j's fleet manager by a procedure, which they cannot be without; this
    makes its address one where nobody listens.
    """
    return {} if version.startswith("5.") else {"internal.dbms.fleet_manager.base_url": "http://127.0.0.1:9"}
