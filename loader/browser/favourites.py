"""The library as favourites of Neo4j Browser: a zip whose folders become its folders, each file a saved script."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from loader.browser.scripts import script
from loader.library.library import Library

# A zip keeps when its files were made; a constant keeps two exports of one library equal.
_MADE = (2020, 1, 1, 0, 0, 0)


def favourites_zip(library: Library) -> bytes:
    """The zip to drop on Neo4j Browser's window.

    Folders are the areas. A query with a graph form is there twice: as the graph, and as the table.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _files(library):
            # Browser's menu is sorted by title within a folder, so the names only have to be plain and unlike.
            archive.writestr(zipfile.ZipInfo(name, _MADE), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def folder(area: str) -> str:
    """What Browser calls the folder of an area; the name tells it from folders that the user has already."""
    return f"Azure {area.replace('-', ' ')}"


def _files(library: Library) -> Iterator[tuple[str, str]]:
    for query in library.queries.values():
        place = f"{folder(query.area)}/{query.id}"
        if query.graph:
            yield f"{place}.graph.cypher", script(query)
            yield f"{place}.table.cypher", _as_table(script(query, graph=False))
        else:
            yield f"{place}.cypher", script(query)


def _as_table(text: str) -> str:
    title, newline, rest = text.partition("\n")
    return f"{title} (table){newline}{rest}"
