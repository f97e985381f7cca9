"""A guide for Neo4j Browser: a first look at the graph, then the library's questions, each to be tried by a click."""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby

from jinja2 import Template
from markupsafe import Markup, escape

from loader.browser.favourites import folder
from loader.browser.pictures import pictures
from loader.browser.scripts import script
from loader.browser.server import Page
from loader.browser.style import style_sheet
from loader.library.library import Library
from loader.pages import page_template

GUIDE = "/azure.html"
STYLE = "/azgraph.grass"
# What the guide shows first, in this order; those that a library lacks are left out.
FIRST = ("internet-exposed-machines", "path-internet-to-identity", "subscription-owners", "storage-public-containers")


@cache
def _template() -> Template:
    return page_template("loader.browser", "guide.html.j2", kept=_kept)


def guide_pages(library: Library, address: str) -> dict[str, Page]:
    """What `loader.browser.server` serves under `address`: the guide, and the style that its button asks for."""
    return {
        GUIDE: Page("text/html", guide_page(library, address + STYLE)),
        STYLE: Page("text/plain", style_sheet()),
    }


def guide_page(library: Library, style_url: str) -> str:
    """The guide as HTML slides. style_url: where its button finds the style sheet."""
    queries = sorted(library.queries.values(), key=lambda query: (query.area, query.title))
    return _template().render(
        style_url=style_url,
        first=[library.queries[one] for one in FIRST if one in library.queries],
        areas=[(folder(area), list(group)) for area, group in groupby(queries, key=lambda query: query.area)],
        script=script,
        pictures=[(area, Markup(_quiet(svg)), cypher) for area, (svg, cypher) in pictures().items()],  # noqa: S704
    )


def _quiet(svg: str) -> str:
    """An SVG that Browser leaves alone: in it nothing looks like an event handler, which it would cut out."""
    return re.sub(r"(?<= )(on\w*\s*)=", r"\1&#61;", svg, flags=re.IGNORECASE)


def _kept(text: str) -> Markup:
    """Text escaped so that Browser leaves it alone.

    Browser cuts whatever looks like an event handler out of a guide (` on…=…`), and Cypher such as `WHERE one = 1`
    does; it looks before it decodes, so an encoded `=` is safe.
    """
    return Markup(str(escape(text)).replace("=", "&#61;"))  # noqa: S704 - escaped in this line
