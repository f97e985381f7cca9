"""Reads the example files: wire answers of each entity type, with what the mapping must make of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from loader.model import Json, Link

FOLDER = Path(__file__).parent / "examples"
# The example file of each entity type, in the area that its service is in.
FILES = {path.stem: path for path in sorted(FOLDER.glob("*/*.yaml"))}
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
TENANT = "99999999-9999-9999-9999-999999999999"


class _PlainLoader(yaml.CSafeLoader):
    """YAML in which times stay text, as they are in JSON."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Example:
    type: str
    about: str
    answer: Json
    expect: Json

    def __str__(self) -> str:
        return f"{self.type}: {self.about}"


@cache
def load(entity_type: str) -> Json:
    """One example file; `$SUB` in it is the example subscription's ARM id."""
    text = FILES[entity_type].read_text(encoding="utf-8")
    loaded: Json = yaml.load(text.replace("$SUB", f"/subscriptions/{SUBSCRIPTION}"), _PlainLoader)
    return loaded


def examples() -> list[Example]:
    return [
        Example(name, one["about"], _in_context(one["answer"]), one.get("expect") or {})
        for name in FILES
        for one in load(name)["examples"]
    ]


def wire(answer: Json) -> Json:
    """What Azure sent of it: without what the runner adds."""
    return {name: value for name, value in answer.items() if not name.startswith(("@", "$"))}


def plain(value: Any) -> Any:
    """A stored value as an example writes it: times as ISO text."""
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def written(link: Link) -> str:
    """A link as an example writes it: "HAS <- /subscriptions/…"."""
    return f"{link.verb} {'<-' if link.incoming else '->'} {link.target.key}"


def _in_context(answer: Json) -> Json:
    parts = str(answer.get("id") or "").split("/")
    subscription = parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else SUBSCRIPTION
    return {"@subscription": subscription, "@tenant": TENANT, **answer}
