"""The page of docs/ about what is never kept: the declared places by type, the names, the forms."""

from __future__ import annotations

from collections.abc import Iterator

from loader.secrets import MARKER
from loader.secrets.names import SECRET_NAMES
from loader.secrets.places import OTHER_TYPES
from loader.secrets.scrubbing import FORMS
from loader.services import entity_types
from tools import NOTICE


def page() -> str:
    """Places, names and forms, in the order in which they are looked for."""
    return "\n".join(["# What is never kept\n", NOTICE, _INTRODUCTION, *_places(), *_names(), *_forms(), _ENTROPY])


_INTRODUCTION = f"""
Secrets reach neither the graph nor a recording, the log, a report or an error's sentence. azgraph looks for them by
place, then by name, then by form, and by entropy last. `{MARKER}` stands in the place of each; the summary of a sync
counts and names what was taken out of a recording or refused by the graph, and never tells a value. Of addresses of
web hooks scheme and host stay. [Recordings](recordings.md) says how to look through one before you hand it on.
"""


def _places() -> Iterator[str]:
    yield "## By place\n"
    yield "Everything at these places, whatever it looks like. `[]` is any item of a list, `*` any name, `$name` the"
    yield "answer of a detail's call.\n"
    yield "| entity type | places |\n|---|---|"
    for name, one in sorted(entity_types().items()):
        if one.secrets:
            yield f"| `{name}` | {_listed(one.secrets)} |"
    yield "\nOf types that azgraph does not load, but which recordings of other tools may hold:\n"
    yield "| resource type | places |\n|---|---|"
    for name, paths in sorted(OTHER_TYPES.items()):
        yield f"| `{name}` | {_listed(paths)} |"
    yield "\nIn every answer: values of `environmentVariables` and their like, `command` and `args`, scripts,"
    yield "application settings, headers, web hook properties; the value of a key vault's secret; answers that are"
    yield "secrets as a whole (`listKeys` and its like, `config/appsettings/list`).\n"


def _names() -> Iterator[str]:
    yield "## By name\n"
    yield "A field, a tag, a header, or a pair of `name` and `value`, whose name ends so, in any casing and with any"
    yield "separators. Switches (`Enabled`), ids and references into a key vault stay.\n"
    yield f"{_listed(SECRET_NAMES)}.\n"


def _forms() -> Iterator[str]:
    yield "## By form\n"
    yield "In any text, and only the secret itself: what stands around it stays.\n"
    names = sorted(dict.fromkeys(form.name for form in FORMS), key=str.lower)
    yield "\n".join(f"- {name}" for name in names)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_ENTROPY = """
## By entropy

Words of 24 characters and more that look drawn at random, and base64 of a text with a secret in it, where people write
what they like: tags, descriptions, notes, messages. Numbers in base 16 stay, since hashes and ids look the same.

## What cannot be known

A secret in a form that looks like no secret, in a place where none is expected: a password that is a word, in a
description. Look through a recording before you hand it on.
"""
