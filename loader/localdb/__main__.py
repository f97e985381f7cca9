"""`python -m loader.localdb up|status|down|wipe`: the local Neo4j for developers, without the CLI around it."""

from __future__ import annotations

import argparse

from loader.config import cache_dir, home_dir
from loader.localdb import LocalNeo4j


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m loader.localdb", description=__doc__)
    parser.add_argument("command", choices=["up", "status", "down", "wipe"])
    parser.add_argument("--version", help="the Neo4j version to start")
    options = parser.parse_args()
    local = LocalNeo4j(home_dir(), cache_dir(), print)
    if options.command == "up":
        found = local.up(options.version)
        print(f"Neo4j {found.version}: {found.uri} {found.browser or ''} password in {found.password_file}")
    else:
        print(getattr(local, options.command)())


if __name__ == "__main__":
    main()
