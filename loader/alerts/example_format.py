"""Examples inside rules: a small graph over three runs, and which alerts must open, stay and end in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from loader.library.definitions import Text
from loader.library.example_format import ExampleGraph, ExampleScope, Property, refuse_unknown
from loader.library.example_history import Alias
from loader.mistakes import matching
from loader.yaml_reader import Strict


class ExampleChange(Strict):
    """A recorded change. entity: the alias of a node; key: of an entity that is gone, where `@alias` is a node's key.

    seq: the run that recorded it; 2 is the example's latest run, 1 the one that the rule was evaluated for before.
    """

    op: Literal["created", "updated", "deleted", "linked", "unlinked"]
    entity: Alias | None = None
    key: str | None = None
    type: str | None = None
    name: str | None = None
    path: str | None = None
    before: str | bool | int | None = None
    after: str | bool | int | None = None
    seq: Literal[1, 2] = 2

    @model_validator(mode="after")
    def _names_its_entity(self) -> Self:
        if (self.entity is None) == (self.key is None):
            raise ValueError("a change names the `entity` it is about, or the `key` and `type` of one that is gone")
        if self.key is not None and self.type is None:
            raise ValueError("a change of an entity that is gone needs its `type`")
        return self


def _read_aliases(written: object) -> object:
    return dict.fromkeys(written, "") if isinstance(written, list) else written


class Link(Strict):
    """A relationship between two nodes, by alias. Written `a VERB b` or `[a, VERB, b]`."""

    start: Alias
    verb: Annotated[str, matching(r"^[A-Z_]+$", "write it in capitals, such as HAS")]
    end: Alias


def _read_link(written: object) -> object:
    parts = written.split() if isinstance(written, str) else written
    if not isinstance(parts, list):
        return written
    if len(parts) != len(Link.model_fields):
        raise ValueError(f"{written!r} must be written as `[node, VERB, node]`")
    return dict(zip(Link.model_fields, parts, strict=True))


Links = list[Annotated[Link, BeforeValidator(_read_link)]]


class Then(Strict):
    """What the next run finds different, and whose alerts that ends; all other alerts must stay.

    nodes: properties by alias, where null takes one away. gone: nodes that are no longer there. linked, unlinked:
    relationships that are new, and those that are no longer there. resolves: the entities whose alerts end.
    """

    nodes: dict[Alias, dict[str, Property | None]] = Field(default_factory=dict)
    gone: list[Alias] = Field(default_factory=list)
    linked: Links = Field(default_factory=list)
    unlinked: Links = Field(default_factory=list)
    resolves: list[Alias] = Field(default_factory=list)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not (self.nodes or self.gone or self.linked or self.unlinked):
            raise ValueError("`then` needs `nodes`, `gone`, `linked` or `unlinked`: what the next run finds different")
        return self

    def named(self) -> Iterator[str]:
        """Every alias in it."""
        yield from (*self.nodes, *self.gone, *self.resolves)
        for link in (*self.linked, *self.unlinked):
            yield from (link.start, link.end)


class RuleExample(Strict):
    """A small graph with the changes of its last run, and what the rule must make of it.

    opens: every entity, by alias, that gets an alert, with a text that its title must contain. not: near misses.
    then: what a later run finds different, after the alerts have stayed over another run.
    """

    name: Text
    graph: ExampleGraph
    changes: list[ExampleChange] = Field(default_factory=list)
    scopes: dict[str, ExampleScope] = Field(default_factory=dict)
    opens: Annotated[dict[Alias, str], BeforeValidator(_read_aliases), Field(default_factory=dict)]
    not_: Annotated[list[Alias], Field(alias="not", default_factory=list)]
    then: Then | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not self.opens and not self.not_:
            raise ValueError("an example needs `opens` or `not`")
        refuse_unknown((*self.opens, *self.not_), self.graph.nodes)
        refuse_unknown((one.entity for one in self.changes if one.entity), self.graph.nodes)
        refuse_unknown(self.then.named() if self.then else (), self.graph.nodes)
        if self.then is not None:
            if never := [alias for alias in self.then.resolves if alias not in self.opens]:
                raise ValueError(f"`then` resolves the alert of {never[0]!r}, which `opens` does not name")
            there = {(one.from_, one.verb, one.to) for one in self.graph.relationships}
            for one in self.then.unlinked:
                if (one.start, one.verb, one.end) not in there:
                    raise ValueError(f"`then` unlinks {one.start} {one.verb} {one.end}, which the graph does not have")
        return self
