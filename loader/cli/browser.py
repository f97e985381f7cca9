"""`azgraph browser`: Neo4j Browser, and what makes it comfortable: favourites, a style, a guide."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loader.cli.common import LibraryFolders, Neo4jUri, library_folders, open_database, say
from loader.cli.stopping import StoppedError, stop_says
from loader.errors import UsageError
from loader.files import write_whole

if TYPE_CHECKING:
    from loader.browser import Browser
    from loader.library.library import Library
    from loader.localdb import Connection

app = typer.Typer(help="Open Neo4j Browser; export favourites, a style and a guide for it.")

NoOpen = Annotated[bool, typer.Option("--no-open", help="Only print the address.")]


@app.callback(invoke_without_command=True)
def open_browser(
    context: typer.Context,
    no_open: NoOpen = False,
    show_password: Annotated[
        bool, typer.Option("--show-password", help="Also print the local Neo4j's password, on stderr.")
    ] = False,
    neo4j_uri: Neo4jUri = None,
) -> None:
    """Open Neo4j Browser at the graph with server and user filled in, starting the local Neo4j if it is down.

    The local Neo4j's password is put on the clipboard where this machine has one. A Browser in which you are signed in
    already stays so if you open it without this command.
    """
    if context.invoked_subcommand is not None:
        if no_open or neo4j_uri or show_password:
            raise UsageError(f"Options stand behind the command: `azgraph browser {context.invoked_subcommand} --…`.")
        return
    from loader.browser.address import dbms_of
    from loader.config import settings

    browser, local = _started(neo4j_uri)
    if local is not None:
        _give_password(local, show=show_password, copying=not no_open)
        _open(browser.signing_in(dbms_of(local.uri, local.user)), no_open)
        return
    if show_password:
        raise UsageError("--show-password is for the local Neo4j: azgraph does not tell passwords that you gave it.")
    configured = settings()
    _open(browser.signing_in(dbms_of(neo4j_uri or configured.neo4j_uri or "", configured.neo4j_user)), no_open)


def _give_password(local: Connection, *, show: bool, copying: bool) -> None:
    """Says on stderr where the password is: on the clipboard, here, or in its file. It goes into no log."""
    from loader.browser.clipboard import copy

    if show:
        say(f"User {local.user}, password {local.password}")
    elif copying and copy(local.password):
        say(f"The password of {local.user} is on the clipboard: paste it and press Enter.")
    else:
        say(f"The password of {local.user} is in {local.password_file}; `azgraph browser --show-password` prints it.")


@app.command()
def favourites(
    output: Annotated[Path, typer.Option("--output", "-o", help="The zip to write.")] = Path("azgraph-favourites.zip"),
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
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout.")] = None,
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
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Serve it on this port (default: a free one).")
    ] = 0,
    no_open: NoOpen = False,
    folders: LibraryFolders = None,
    neo4j_uri: Neo4jUri = None,
) -> None:
    """Open Browser with a guide to the graph and to every question. Serves it until Ctrl+C."""
    from threading import Event

    from loader.browser.guide import GUIDE, guide_pages
    from loader.browser.server import origins_of, serving
    from loader.library.own import library_with

    library = library_with(library_folders(folders), say)
    browser, local = _started(neo4j_uri)
    if local is not None:
        say(f"If it asks who you are: {local.user}; `azgraph browser` has the password.")
    _refuse_more_than_reading(library, neo4j_uri)
    with serving(lambda address: guide_pages(library, address), origins_of(browser.address), port) as address:
        _open(browser.guide(address + GUIDE), no_open)
        say(f"In a Browser that is open already: `:guide {address}{GUIDE}`. Ctrl+C ends the guide.")
        with suppress(StoppedError), stop_says("The guide is closed.", at_once=False):
            Event().wait()


def _refuse_more_than_reading(library: Library, neo4j_uri: str | None) -> None:
    """Has the database plan the scripts of the user's own queries; it is opened only where there are some."""
    from loader.browser.scripts import own_scripts
    from loader.library.gate import admit

    if scripts := own_scripts(library):
        with open_database(neo4j_uri) as database:
            for owner, text in scripts:
                admit(database, owner, text, {})


def _started(uri: str | None) -> tuple[Browser, Connection | None]:
    """The Browser of the database; where that is the local one, it is started, and how to reach it is given too."""
    from loader.browser import find_browser
    from loader.config import cache_dir, home_dir, settings
    from loader.localdb import LocalNeo4j

    local = None
    if (uri or settings().neo4j_uri) is None:
        local = LocalNeo4j(home_dir(), cache_dir(), say).up()
    browser = find_browser(uri)
    if browser is None:
        raise UsageError(
            "This Neo4j comes without Neo4j Browser. Use its own console (Aura: Query), or name a Browser that can "
            "reach it: NEO4J_BROWSER=https://…/browser/."
        )
    return browser, local


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
