"""The demo's answers as written in YAML: what is asked, and the objects that are answered, defaults merged in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loader.demo.merging import Scope, with_defaults
from loader.demo.placeholders import PlaceholderError, Placeholders, guid
from loader.demo.reading import Block, read_list
from loader.errors import UsageError

_FIELDS = {"get", "each", "status", "defaults", "value", "body"}
_MENTION = re.compile(r"\$\{id [^{}]+\}")
# Where an object's label is looked for, if it has no `$label`.
_LABELS = (
    "userPrincipalName",
    "displayName",
    "properties.displayName",
    "properties.roleName",
    "name",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry of a file: the objects of a list (`many`), or one object. each: the pattern of ids it repeats for."""

    get: str
    items: tuple[Scope, ...]
    many: bool
    status: int
    each: str | None
    defaults: Block
    file: Path
    line: int

    @classmethod
    def from_block(cls, block: Block, file: Path) -> Answer:
        """The entry of a file; raises UsageError naming the file, the line and what is wrong."""
        problem = _problem(block)
        if problem:
            raise UsageError(f"{file}, line {block.line}: {problem}.")
        defaults, many = block.get("defaults", Block()), "body" not in block
        own = block.get("value", []) if many else [block["body"]]
        get = block["get"]
        items = tuple(as_item(one, defaults, get) for one in own)
        return cls(get, items, many, block.get("status", 200), block.get("each"), defaults, file, block.line)

    def with_items(self, added: list[Block]) -> Answer:
        """The same answer with more objects, which take its defaults."""
        more = tuple(as_item(one, self.defaults, self.get) for one in added)
        return Answer(self.get, self.items + more, True, self.status, self.each, self.defaults, self.file, self.line)


def _problem(block: Block) -> str:
    unknown = sorted(set(block) - _FIELDS)
    if unknown:
        return f"{unknown[0]} is not a field of an answer; there are {', '.join(sorted(_FIELDS))}"
    if not isinstance(block.get("get"), str):
        return "an answer needs `get`, the path that is asked"
    if ("body" in block) == ("value" in block):
        return "an answer has either `value` (a list) or `body` (one object)"
    value = block.get("value", [block.get("body")])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return "`value` is a list of objects, `body` is one object"
    return ""


def as_item(own: Any, defaults: Block, get: str) -> Scope:
    """One object with its defaults; `${guid}` in it is the GUID of its label and of the list it is in."""
    item = Scope(with_defaults(defaults, own))
    item.line = own.line
    words = next(iter(labels(item)), "")
    item.setdefault("$guid", guid(f"{get.rstrip('/').rsplit('/', 1)[-1].lower()} {words}"))
    return item


def labels(item: Block) -> list[str]:
    """What an object may be called in `${id …}`, the best name first; its `$label` alone where it has one."""
    if isinstance(item.get("$label"), str):
        return [str(item["$label"])]
    found: list[str] = []
    for path in _LABELS:
        value: Any = item
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str) and "${" not in value and value not in found:
            found.append(str(value))
    return found


def read_answers(folder: Path) -> list[Answer]:
    """All answers of a folder, in the order of its files."""
    files = sorted(path for path in folder.rglob("*.yaml") if path.name != "names.yaml")
    return [Answer.from_block(block, file) for file in files for block in read_list(file)]


@dataclass
class Labels:
    """The ids of all objects by their labels, worked out when asked, since an id may be made of another's."""

    answers: list[Answer]
    placeholders: Placeholders | None = None
    _items: dict[str, list[Scope]] = field(default_factory=dict)
    _asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for answer in self.answers:
            for item in answer.items if answer.each is None else ():
                # An object whose id is another's (a group's member) is a mention of that other one.
                for label in [] if _MENTION.fullmatch(str(item.get("id", ""))) else labels(item):
                    self._items.setdefault(label, []).append(item)

    def id_of(self, label: str) -> str:
        """The id of the one object called so; raises PlaceholderError where there is none, or more than one."""
        found = self._items.get(label, [])
        if not found or self.placeholders is None:
            raise PlaceholderError(0, f"no object is called {label}")
        if label in self._asked:
            raise PlaceholderError(0, f"the id of {label} leads back to itself")
        self._asked.append(label)
        ids = {str(self.placeholders.text(item["id"], [item])) for item in found if "id" in item}
        self._asked.pop()
        if len(ids) != 1:
            raise PlaceholderError(0, f"{len(ids)} objects are called {label}; write the id in full")
        return ids.pop()
