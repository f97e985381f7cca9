"""Examples inside queries and checks: a small graph, and what must and must not come out of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from loader.library.example_history import Alias, ExampleAlert, ExampleChange, ExampleRun
from loader.nearest import alternatives
from loader.yaml_reader import Strict

Property = str | int | float | bool | datetime | date | list[str] | list[int]
_ARROW = re.compile(r"^\s*(\S+)\s+([A-Z_]+)\s+(\S+)\s*$")


class ExampleNode(Strict):
    """One entity. Its name is its alias unless `properties` say otherwise; its key is made from the alias.

    subscription: which of the example's subscriptions it is in, by any short name. parent: the alias of the entity it
    was fetched under; its key then continues the parent's. stub: known only because another entity points at it.
    Times are written as YAML times, or relative to the run: `now`, `now-91d`, `now+2h`.
    """

    type: str
    properties: dict[str, Property] = Field(default_factory=dict)
    subscription: Alias = "one"
    parent: Alias | None = None
    stub: bool = False


class ExampleRelationship(Strict):
    """A relationship between two nodes, by alias. Written `a VERB b`; as a mapping where it has properties."""

    from_: Annotated[str, Field(alias="from")]
    verb: str
    to: str
    properties: dict[str, Property] = Field(default_factory=dict)


def _read_arrow(written: object) -> object:
    if not isinstance(written, str):
        return written
    match = _ARROW.match(written)
    if match is None:
        raise ValueError(f"{written!r} must be written as `node VERB node`")
    return {"from": match[1], "verb": match[2], "to": match[3]}


class ExampleScope(Strict):
    """How a step ended, where it did not end well. `missing`: it was never taken.

    parents: only what belongs to these nodes was not loaded whole; without them the whole subscription was not.
    """

    status: Literal["forbidden", "unavailable", "failed", "skipped", "missing", "complete"]
    reason: str = "The example says so."
    subscription: Alias | None = None
    parents: list[Alias] = Field(default_factory=list)


def refuse_unknown(named: Iterable[str], nodes: Collection[str]) -> None:
    """Raises ValueError for the first name that is no alias of the example's nodes."""
    for alias in named:
        if alias not in nodes:
            raise ValueError(f"there is no node {alias!r} in this example. {alternatives(alias, nodes)[:-1]}")


class ExampleGraph(Strict):
    """Nodes by alias, and their relationships."""

    nodes: dict[Alias, ExampleNode] = Field(default_factory=dict)
    relationships: list[Annotated[ExampleRelationship, BeforeValidator(_read_arrow)]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_its_own_nodes(self) -> Self:
        refuse_unknown((end for one in self.relationships for end in (one.from_, one.to)), self.nodes)
        refuse_unknown((node.parent for node in self.nodes.values() if node.parent), self.nodes)
        return self


def _read_status(written: object) -> object:
    return {"status": written} if isinstance(written, str) else written


class _Example(Strict):
    """What both kinds of example have. Steps that `scopes` does not name count as loaded whole."""

    name: str
    parameters: dict[str, str | int | bool | list[str]] = Field(default_factory=dict)
    graph: ExampleGraph
    scopes: dict[str, Annotated[ExampleScope, BeforeValidator(_read_status)]] = Field(default_factory=dict)


Row = dict[str, str | int | float | bool | list[str] | list[int] | None]


class QueryExample(_Example):
    """returns: every row that comes out, each by some of its columns; not_returned: rows that must not be among them.

    A value `@alias` stands for that node's `_key`. runs, changes, alerts: what azgraph itself would have written.
    """

    runs: list[ExampleRun] = Field(default_factory=list)
    changes: list[ExampleChange] = Field(default_factory=list)
    alerts: list[ExampleAlert] = Field(default_factory=list)
    returns: list[Row]
    not_returned: list[Row] = Field(default_factory=list)

    @model_validator(mode="after")
    def _names_its_own_nodes(self) -> Self:
        values = [value for row in (*self.returns, *self.not_returned) for value in row.values()]
        named = (value[1:] for value in values if isinstance(value, str) and value.startswith("@"))
        refuse_unknown(named, (*self.graph.nodes, *(change.of for change in self.changes)))
        return self


def _read_aliases(written: object) -> object:
    return dict.fromkeys(written, "") if isinstance(written, list) else written


# Aliases, or aliases with a text that the reason must contain.
Expected = Annotated[dict[Alias, str], BeforeValidator(_read_aliases)]


class CheckExample(_Example):
    """The verdict of every resource of the population, by alias. What is not named must not be in the population."""

    passes: Annotated[Expected, Field(alias="pass", default_factory=dict)]
    fails: Annotated[Expected, Field(alias="fail", default_factory=dict)]
    not_evaluated: Expected = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_its_own_nodes(self) -> Self:
        refuse_unknown((*self.passes, *self.fails, *self.not_evaluated), self.graph.nodes)
        return self
