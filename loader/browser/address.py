"""Where the Neo4j Browser of a database is."""

from __future__ import annotations

import os
from urllib.parse import quote, urlsplit

from loader.browser.links import Browser
from loader.config import Settings, cache_dir, home_dir, settings
from loader.errors import UsageError
from loader.localdb import LocalNeo4j

# Scheme of the connection → scheme and port of Browser, as Neo4j has them unless it is configured otherwise.
_WEB = {"bolt": ("http", 7474), "neo4j": ("http", 7474)} | {
    f"{scheme}+{kind}": ("https", 7473) for scheme in ("bolt", "neo4j") for kind in ("s", "ssc")
}
# Aura's databases have no Browser of their own: they are opened in its console, by hand.
_AURA = ".databases.neo4j.io"


def find_browser(uri: str | None = None) -> Browser | None:
    """The Browser of the database that a command talks to: `--neo4j-uri`, else the configured one, else the local one.

    NEO4J_BROWSER names it where it is elsewhere than the database's address tells (a mapped port, a proxy). None where
    there is none: Aura, a local Neo4j that is down or comes without it. Asks no server. Raises UsageError for a wrong
    NEO4J_BROWSER.
    """
    configured = settings()
    uri = uri or configured.neo4j_uri
    if uri is not None:
        return browser_of(uri, configured, os.environ.get("NEO4J_BROWSER"))
    address = LocalNeo4j(home_dir(), cache_dir()).status().browser
    return Browser(address) if address else None


def browser_of(uri: str, configured: Settings, named: str | None = None) -> Browser | None:
    """The Browser of the database at `uri`; named: where the user says it is."""
    # A Browser that its own server serves knows where to connect to, and stays signed in; told what to connect to, it
    # asks for the password each time. So it is told only what it cannot know.
    database = configured.neo4j_database
    dbms = dbms_of(uri, configured.neo4j_user) if named or database else None
    if named:
        return Browser(_slashed(named), dbms, database)
    place = urlsplit(uri)
    host = place.hostname or ""
    if place.scheme not in _WEB or not host or host.endswith(_AURA):
        return None
    scheme, port = _WEB[place.scheme]
    return Browser(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/browser/", dbms, database)


def dbms_of(uri: str, user: str) -> str:
    """The connection with the user in it. Whatever stands before an @ is left out: it might be a password."""
    place = urlsplit(uri)
    return f"{place.scheme}://{quote(user)}@{place.netloc.rpartition('@')[2]}"


def _slashed(address: str) -> str:
    if urlsplit(address).scheme not in ("http", "https"):
        raise UsageError(
            f"NEO4J_BROWSER must be an address such as http://graph.example:7474/browser/, not {address!r}."
        )
    return address if address.endswith("/") else address + "/"
