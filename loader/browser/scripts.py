"""A query of the library as a text that runs by itself: its title as the first line, its parameters written in."""

from __future__ import annotations

from collections.abc import Mapping

from loader.browser.left_to_right import left_to_right
from loader.browser.literals import fill_in
from loader.library.bounded import bounded, limit_note
from loader.library.definitions import Query
from loader.library.library import Library, shipped_folder
from loader.library.parameters import Bound, Given, Parameter, bind

# The area whose graph forms are ways: they have a beginning and an end.
_WAYS = "attack-paths"
# Stand in for a parameter that has no default, by type; a reader puts a value in their place.
_PLACEHOLDERS: dict[str, Given] = {"integer": 0, "boolean": False, "list": [], "duration": "0d"}


def script(query: Query, given: Mapping[str, Given] | None = None, *, graph: bool = True) -> str:
    """The query with what stands in the first line as its title, which is what Neo4j Browser calls it by.

    graph: its graph form where it has one, which ends with a LIMIT and says so, else its table. Parameters that are not
    given take their defaults; one without a default takes a placeholder, and a comment asks for a value. Raises
    UsageError for a wrong parameter.
    """
    given = given or {}
    missing = {name: one for name, one in query.parameters.items() if name not in given and one.default is None}
    placeholders = {name: _placeholder(name, one) for name, one in missing.items()}
    values: dict[str, Bound] = bind(f"The query {query.id}", query.parameters, {**placeholders, **given})
    lines = [query.title]
    for name, one in missing.items():
        lines.append(f"Put a value in place of {placeholders[name]!r}: {one.description}")
    text = query.cypher
    if graph and query.graph:
        text = bounded(query.graph)[0]
        text = left_to_right(text) if query.area == _WAYS else text
        lines.append(limit_note(query.graph))
    comments = "".join(f"// {_on_one_line(line)}\n" for line in lines)
    return comments + fill_in(text.strip(), values) + "\n"


def own_scripts(library: Library) -> list[tuple[str, str]]:
    """The scripts of the queries that a user's own folders brought or changed, each with who it is: "The query x".

    They pass the library's gate before they are given to Neo4j Browser, which runs them with all rights of whoever is
    signed in. What is shipped has passed it in azgraph's own tests.
    """
    shipped = shipped_folder()
    return [
        (f"The query {query.id}", script(query, graph=graph))
        for query in library.queries.values()
        if query.overridden or not library.files["query", query.id].is_relative_to(shipped)
        for graph in ((True, False) if query.graph else (False,))
    ]


def _on_one_line(text: str) -> str:
    """A text that cannot leave its comment: Neo4j resolves `\\u000a` there too, and then reads on in the next line."""
    return " ".join(text.split()).replace("\\u", "\\ u")


def _placeholder(name: str, parameter: Parameter) -> Given:
    return _PLACEHOLDERS.get(parameter.type, f"<{name}>")
