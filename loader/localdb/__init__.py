"""A real Neo4j on this machine without Docker and without Java: `LocalNeo4j(home_dir(), cache_dir()).up()`."""

from loader.localdb.server import Connection, LocalNeo4j, State
from loader.localdb.throwaway import throwaway
from loader.localdb.versions import DEFAULT_VERSION, known_versions

__all__ = ["DEFAULT_VERSION", "Connection", "LocalNeo4j", "State", "known_versions", "throwaway"]
