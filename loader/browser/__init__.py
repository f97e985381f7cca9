"""Neo4j Browser: links into it, the library as its favourites and as a guide, a style for the graph."""

from loader.browser.address import find_browser
from loader.browser.links import Browser

__all__ = ["Browser", "find_browser"]
