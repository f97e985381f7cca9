"""Addresses that open a query, a node or a guide in Neo4j Browser. They fill its editor and run nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, urlencode

from loader.browser.literals import literal
from loader.browser.scripts import script
from loader.library.definitions import Query
from loader.library.parameters import Given

# Nodes around the one that a link opens; Browser draws 300 at most.
_NEIGHBOURS = 100


@dataclass(frozen=True, slots=True)
class Browser:
    """A Neo4j Browser. address: ends in `/browser/`; dbms, database: what it shall connect to, None for its own."""

    address: str
    dbms: str | None = None
    database: str | None = None

    @property
    def home(self) -> str:
        """Its address, with what to connect to filled in."""
        connection = {name: value for name, value in (("dbms", self.dbms), ("db", self.database)) if value}
        return self.address + ("?" + urlencode(connection, quote_via=quote) if connection else "")

    def signing_in(self, dbms: str) -> str:
        """Its address with server and user filled in. Told both, Browser asks for the password in any case."""
        return Browser(self.address, self.dbms or dbms, self.database).home

    def text(self, cypher: str) -> str:
        """Opens with this Cypher in the editor."""
        # Browser decodes the whole address before it looks for the next `&` or `#`, so neither may stand in the text,
        # however encoded. Cypher reads these escapes anywhere.
        return self._command("edit", cypher.replace("&", r"\u0026").replace("#", r"\u0023"))

    def query(self, query: Query, given: Mapping[str, Given] | None = None) -> str:
        """Opens with a query of the library in the editor, as a graph where it has one."""
        return self.text(script(query, given).rstrip())

    def node(self, key: str) -> str:
        """Opens with the question for a node, by its `_key`, and what is around it."""
        return self.text(
            f"MATCH (n:Entity {{_key: {literal(key)}}}) OPTIONAL MATCH path = (n)--(:Entity) "
            f"RETURN n, path LIMIT {_NEIGHBOURS}"
        )

    def guide(self, url: str) -> str:
        """Opens with the guide at `url` beside the editor."""
        return self._command("guide", url)

    def _command(self, name: str, argument: str) -> str:
        return f"{self.home}{'&' if '?' in self.home else '?'}cmd={name}&arg={quote_plus(argument)}"
