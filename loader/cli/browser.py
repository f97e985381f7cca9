"""`azgraph browser`: Neo4j Browser, and what makes it comfortable: favourites, a style, a guide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import LibraryFolders, Neo4jUri, library_folders, open_database, say
from loader.errors import UsageError
from loader.files import write_whole

if TYPE_CHECKING:
    from loader.browser import Browser
    from loader.library.library import Library

app = typer.Typer(help="Open Neo4j Browser; export favourites, a style and a guide for it.")

NoOpen = Annotated[bool, typer.Option("--no-open", help="Only print the address.")]


@app.callback(invoke_without_command=True)
def open_browser(context: typer.Context, no_open: NoOpen = False, neo4j_uri: Neo4jUri = None) -> None:
    """Open Neo4j Browser at the graph, starting the local Neo4j if it is down."""
    if context.invoked_subcommand is not None:
        if no_open or neo4j_uri:
            raise UsageError(f"Options stand behind the command: `azgraph browser {context.invoked_subcommand} --…`.")
        return
    _open(_browser(neo4j_uri).home, no_open)


@app.command()
def favourites(
    output: Annotated[Path, typer.Option("--output", help="The zip to write.")] = Path("azgraph-favourites.zip"),
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
) -> None:
    """Write the library's queries as a zip of favourites: drop it on Browser's window.

    Queries of your own are planned by the database first, and refused where they do more than read.
    """
    from loader.browser.favourites import favourites_zip
    from loader.library.own import library_with

    library = library_with(library_folders(folders), say)
    _refuse_more_than_reading(library, neo4j_uri)
    write_whole(output, favourites_zip(library))
    say(f"Written to {output}. Drop it on Neo4j Browser's window; its folders appear under Favorites.")


@app.command()
def style(
    output: Annotated[Path | None, typer.Option("--output", help="Write to this file instead of stdout.")] = None,
) -> None:
    """Print a style sheet (GraSS) with a colour and a caption for each class."""
    from loader.browser.style import style_sheet

    if output is None:
        typer.echo(style_sheet(), nl=False)
        return
    write_whole(output, style_sheet())
    say(f"Written to {output}. Drop it on Neo4j Browser's window.")


@app.command()
def guide(
    port: Annotated[int, typer.Option("--port", help="Serve it on this port (default: a free one).")] = 0,
    no_open: NoOpen = False,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
) -> None:
    """Open Browser with a guide to the graph and to every question. Serves it until Ctrl+C."""
    from threading import Event

    from loader.browser.guide import GUIDE, guide_pages
    from loader.browser.server import origins_of, serving
    from loader.library.own import library_with

    library, browser = library_with(library_folders(folders), say), _browser(neo4j_uri)
    _refuse_more_than_reading(library, neo4j_uri)
    with serving(lambda address: guide_pages(library, address), origins_of(browser.address), port) as address:
        _open(browser.guide(address + GUIDE), no_open)
        say(f"In a Browser that is open already: `:guide {address}{GUIDE}`. Ctrl+C ends the guide.")
        try:
            Event().wait()
        except KeyboardInterrupt:
            say("The guide is closed.")


def _refuse_more_than_reading(library: Library, neo4j_uri: str | None) -> None:
    """Has the database plan the scripts of the user's own queries; it is opened only where there are some."""
    from loader.browser.scripts import own_scripts
    from loader.library.gate import admit

    if scripts := own_scripts(library):
        with open_database(neo4j_uri) as database:
            for owner, text in scripts:
                admit(database, owner, text, {})


def _browser(uri: str | None) -> Browser:
    """The Browser of the database; where that is the local one, it is started, and who to be there is told."""
    from loader.browser import find_browser
    from loader.config import cache_dir, home_dir, settings
    from loader.localdb import LocalNeo4j

    if (uri or settings().neo4j_uri) is None:
        local = LocalNeo4j(home_dir(), cache_dir(), say)
        connection = local.up()
        say(f"Sign in as {connection.user} with the password in {connection.password_file}.")
    browser = find_browser(uri)
    if browser is None:
        raise UsageError(
            "This Neo4j comes without Neo4j Browser. Use its own console (Aura: Query), or name a Browser that can "
            "reach it: NEO4J_BROWSER=https://…/browser/."
        )
    return browser


def _open(address: str, no_open: bool) -> None:
    """Prints the address on stdout, and opens it where there is a screen to open it on."""
    import os
    import sys
    import webbrowser

    typer.echo(address)
    # Without a screen Python would start a text browser in this terminal.
    screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")))
    if screen and not no_open and not webbrowser.open(address):
        say("No web browser could be started; open the address in one.")
