"""The keys of `azgraph.yaml` as a page, from the models that read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loader.config.model import schema
from tools import NOTICE

_FLAT = ("neo4j_uri", "neo4j_user", "neo4j_database", "neo4j_password_file", "account_name_tag")


def page() -> str:
    """Every key with what it says and what holds without it."""
    made = schema()
    lines = [
        "# The keys of azgraph.yaml\n",
        NOTICE,
        "How they are used stands in [configuration](configuration.md); editors read the same from",
        "[azgraph.schema.json](azgraph.schema.json). Relative paths begin at the folder of the file, but those of",
        "`neo4j`, `library` and `people_file`, which begin where the command is run. Where a list is due, one value",
        "alone will do.\n",
        "| key | meaning | default |\n|---|---|---|",
        *_rows(made, made["properties"], ""),
        "\nThe flat file of earlier versions goes on to work: " + ", ".join(f"`{name}`" for name in _FLAT) + ".",
    ]
    return "\n".join(lines)


def _rows(made: dict[str, Any], properties: dict[str, Any], before: str) -> Iterator[str]:
    for name, one in properties.items():
        if not before and name in _FLAT:
            continue
        part, many = _part(made, one)
        key = f"{before}{name}{'[]' if many else ''}"
        if part is None or one.get("description"):
            yield f"| `{key}` | {one.get('description') or _about(part)}{_choices(one)} | {_default(one)} |"
        elif part is not None:
            yield f"| `{key}` | {_about(part)} | |"
        if part is not None:
            yield from _rows(made, part["properties"], f"{key}.")


def _part(made: dict[str, Any], one: dict[str, Any]) -> tuple[dict[str, Any] | None, bool]:
    """The mapping that a key holds, if it does, and whether it holds a list of them."""
    items = one.get("items", {})
    for where, many in ((one, False), (items, True)):
        for each in (where, *where.get("anyOf", ())):
            for deeper in (each, *each.get("anyOf", ())):
                if "$ref" in deeper:
                    return made["$defs"][deeper["$ref"].rpartition("/")[2]], many
    return None, False


def _about(part: dict[str, Any] | None) -> str:
    return " ".join(str((part or {}).get("description", "")).split())


def _choices(one: dict[str, Any]) -> str:
    found = one.get("enum") or next((each["enum"] for each in one.get("anyOf", ()) if "enum" in each), None)
    return f": {', '.join(f'`{each}`' for each in found)}" if found else ""


def _default(one: dict[str, Any]) -> str:
    value = one.get("default")
    return "" if value in (None, "", [], {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"
