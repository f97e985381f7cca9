"""The words every room speaks: entity types, relationships, fetches, records, outcomes.

Services declare `EntityType`s; the Azure room turns a fetch into plain REST JSON; `mapping` turns that JSON into
`Record`s; the graph room stores records. Nothing here knows Azure's SDKs or Neo4j.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from loader.calls import DELTA_FROM_NOW as DELTA_FROM_NOW
from loader.calls import DELTA_LINK as DELTA_LINK
from loader.calls import AnyCall as AnyCall
from loader.calls import Argument as Argument
from loader.calls import Arm as Arm
from loader.calls import At as At
from loader.calls import Body as Body
from loader.calls import Call as Call
from loader.calls import Delta as Delta
from loader.calls import Detail as Detail
from loader.calls import Embedded as Embedded
from loader.calls import Fetch as Fetch
from loader.calls import Graph as Graph
from loader.calls import Json as Json
from loader.calls import ResourceGraph as ResourceGraph
from loader.calls import Segment as Segment
from loader.calls import Vault as Vault
from loader.calls import all_operations as all_operations
from loader.calls import operations_of as operations_of
from loader.outcomes import Outcome as Outcome
from loader.outcomes import Quiet as Quiet
from loader.outcomes import Status as Status

Scalar = str | int | float | bool | datetime
Value = Scalar | list[Scalar]

# Far ends that are whatever entity carries the id, of any type.
ANY_SCOPE = "ANY_SCOPE"
ANY_RESOURCE = "ANY_RESOURCE"
ANY_PRINCIPAL = "ANY_PRINCIPAL"
ANY_TYPES = frozenset({ANY_SCOPE, ANY_RESOURCE, ANY_PRINCIPAL})
# What a change can be.
OPERATIONS = ("created", "updated", "deleted", "linked", "unlinked")


# --- what a record is made of --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """The far end of a link. `key` is its `_key`; `type` its entity type where the declaration knows it.

    `properties` name a far end that no answer describes (the Internet, an address range, a service tag).
    """

    key: str
    type: str | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """One relationship of a record. `incoming` points it from the target to the record.

    `key` tells parallel relationships between the same two nodes apart (firewall rules); it is empty otherwise.
    """

    verb: str
    target: Target
    incoming: bool = False
    key: str = ""
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One entity as the graph stores it, with the links that its own answer declares.

    `key` is lower case (ARM id or object id). `properties` hold no nulls and no `_` names, which belong to the graph
    room. `unknown` names properties whose detail call failed in this run: the graph keeps what it has of them, and
    `unknown_verbs` the verbs whose links are likewise not known. `only_named`: nothing but its id was told, so that all
    the graph has of it stays, what it is called among it. `odd`: why some of these two are not known although their
    answer came: a value of a shape that cannot be read. withheld: that is only that Azure left `properties` out.
    """

    key: str
    type: str
    properties: Mapping[str, Value]
    links: tuple[Link, ...] = ()
    unknown: frozenset[str] = frozenset()
    unknown_verbs: frozenset[str] = frozenset()
    only_named: bool = False
    odd: str = ""
    withheld: bool = False


# --- what services declare -----------------------------------------------------------------------------------------

Source = str | Callable[[Json], object]


@dataclass(frozen=True, slots=True)
class Property:
    """A stored property. Make it with `text`, `flag`, `whole`, `number`, `date` or `texts`.

    source: a path ("properties.sku.name", "a.b | a.c" for several API shapes, "x[].y" for lists, "$detail.…",
    "@parent.…", "@subscription", "@tenant"), or a function of the answer whose docstring explains it.
    needs: the details that a function reads (paths tell it themselves).
    may_need: those that it can sometimes do without; where it gives nothing and one failed, the value is not known.
    values: all that Azure answers today. They are stored as they are spelt here, whatever casing comes, so that Cypher
    compares them as they are. A check that compares the property does not judge a resource that has another one, since
    nobody here knows what that means.
    quiet: it changes without anybody having changed anything; it is stored, but makes no change (`quiet`).
    """

    name: str
    source: Source
    meaning: str
    kind: str
    needs: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    may_need: tuple[str, ...] = ()
    quiet: bool = False


def quiet(declared: Property) -> Property:
    """The same property, of which no change is told: counters of use, times of the last use, what others have moved."""
    return replace(declared, quiet=True)


def text(
    name: str, source: Source, meaning: str, *, needs: tuple[str, ...] = (), values: tuple[str, ...] = ()
) -> Property:
    """A string. values: see `Property`."""
    return Property(name, source, meaning, "text", needs, values)


def flag(name: str, source: Source, meaning: str, *, needs: tuple[str, ...] = ()) -> Property:
    """A boolean; takes true/false and Azure's "Enabled"/"Disabled", "On"/"Off", "True"/"False"."""
    return Property(name, source, meaning, "flag", needs)


def whole(name: str, source: Source, meaning: str, *, needs: tuple[str, ...] = ()) -> Property:
    """An integer."""
    return Property(name, source, meaning, "whole", needs)


def number(name: str, source: Source, meaning: str, *, needs: tuple[str, ...] = ()) -> Property:
    """A floating point number."""
    return Property(name, source, meaning, "number", needs)


def date(name: str, source: Source, meaning: str, *, needs: tuple[str, ...] = ()) -> Property:
    """A point in time; takes ISO 8601 text and epoch seconds; always UTC in the graph."""
    return Property(name, source, meaning, "date", needs)


def texts(
    name: str, source: Source, meaning: str, *, needs: tuple[str, ...] = (), values: tuple[str, ...] = ()
) -> Property:
    """A list of strings that is a set: stored sorted, so that Azure's order does not look like a change."""
    return Property(name, source, meaning, "texts", needs, values)


LinkMaker = Callable[[Json], Iterable[Link]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A typed edge between this entity and `other`. Make it with `outgoing`, `incoming` or `links`.

    to: path(s) or function giving the id(s) of the far end; `make` builds links whole where ids alone are not enough.
    other: the far entity type, several of them, or ANY_SCOPE, ANY_RESOURCE, ANY_PRINCIPAL.
    """

    verb: str
    other: str | tuple[str, ...]
    meaning: str
    to: Source | None = None
    is_incoming: bool = False
    make: LinkMaker | None = None
    needs: tuple[str, ...] = ()


def outgoing(
    verb: str, other: str | tuple[str, ...], to: Source, meaning: str = "", *, needs: tuple[str, ...] = ()
) -> Relationship:
    """This entity VERB other."""
    return Relationship(verb=verb, other=other, to=to, meaning=meaning, needs=needs)


def incoming(
    verb: str, other: str | tuple[str, ...], to: Source, meaning: str = "", *, needs: tuple[str, ...] = ()
) -> Relationship:
    """Other VERB this entity."""
    return Relationship(verb=verb, other=other, to=to, meaning=meaning, is_incoming=True, needs=needs)


def links(
    verb: str,
    other: str | tuple[str, ...],
    make: LinkMaker,
    meaning: str = "",
    *,
    is_incoming: bool = False,
    needs: tuple[str, ...] = (),
) -> Relationship:
    """Links built by a function: with properties, with keys, or with far ends that no answer describes."""
    return Relationship(verb=verb, other=other, make=make, meaning=meaning, is_incoming=is_incoming, needs=needs)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    """One entity type of the model: what it is, how it is fetched, what is kept of it, what it is linked to.

    arm_type: Azure's resource type ("Microsoft.Sql/servers"), by which a bare ARM id is recognised.
    key: the id of the entity (lower-cased to `_key`). name: what people call it; displayName falls back to it.
    spread: turns one answer into the several entities it holds (a tree). keep: tells which answers are of this type
    where one list holds several. documentation: the API's reference page. secrets: where its answers can hold secrets,
    as paths like those of properties ("properties.containers[].command[]", "*" for any name); never kept anywhere.
    ids: what its ids are, where that does not follow from the rest (`sync/own_ids.py`): the ARM types they name where
    these are not `arm_type`, with `*` for any last segment; "opaque" for ids of Microsoft Graph of which nobody says
    that they are GUIDs.
    delta: how the changes of its list are told, so that it need not be read whole in each run.
    inventory: the ARM type under which Azure's inventory of a subscription has all that the list has, so that the list
    need not be asked where the inventory names none; empty: it is always asked. Each has a witness in the tests.
    """

    type: str
    resource: str
    classes: tuple[str, ...]
    fetch: Fetch | None
    properties: tuple[Property, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    details: tuple[Detail, ...] = ()
    arm_type: str | None = None
    key: Source = "id"
    name: Source = "displayName | name"
    spread: Callable[[Json], Iterable[Json]] | None = None
    keep: Callable[[Json], bool] | None = None
    documentation: str = ""
    secrets: tuple[str, ...] = ()
    inventory: str = ""
    delta: Delta | None = None
    ids: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The node's labels, in order: `Entity`, the type, the classes."""
        return ("Entity", self.type, *self.classes)


@dataclass(frozen=True, slots=True)
class DerivedLink:
    """One edge that a derivation finds between two loaded entities, by their `_key`s."""

    from_key: str
    verb: str
    to_key: str
    key: str = ""
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """Relationships that need more than one answer, computed over the graph after the load.

    query: a reading Cypher query. rows: turns its rows into links; without it each row is one, with the columns `from`
    and `to`, and `verb` where several are declared. inputs: the entity types whose properties it asks for, and whose
    answers declare the relationships that it follows; it is redone only where a run changed one of them. after: the
    derivations whose relationships it reads, which come before it. relationships: the (from, verb, to) triples it can
    make. makes: far ends of these that no answer describes; they are made where they are missing.
    """

    name: str
    inputs: tuple[str, ...]
    relationships: tuple[tuple[str, str, str], ...]
    query: str
    rows: Callable[[Iterable[Mapping[str, Any]]], Iterable[DerivedLink]] | None = None
    after: tuple[str, ...] = ()
    makes: tuple[Target, ...] = ()

    def is_possible(self, types: Collection[str]) -> bool:
        """Whether any of its relationships can be in a graph that has entities of these types only."""
        there = {*types, *(one.type for one in self.makes), *ANY_TYPES}
        return any(start in there and end in there for start, _, end in self.relationships)

    def links(self, found: Iterable[Mapping[str, Any]]) -> Iterable[DerivedLink]:
        """The links that follow from the rows of its query."""
        if self.rows is not None:
            return self.rows(found)
        verb = self.relationships[0][1]
        return (DerivedLink(row["from"], row.get("verb", verb), row["to"]) for row in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What people call entities that Azure itself names with a GUID, known once several answers are loaded.

    types: whose entities it names. inputs: the other entity types that it reads. query: a reading Cypher query that
    gives each entity's `key` and the `parts` of its name, a map; call: the name made of them, None where there is none.
    """

    name: str
    types: tuple[str, ...]
    inputs: tuple[str, ...]
    query: str
    call: Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What one file of `services/` declares, as its module-level `SERVICE`."""

    name: str
    entity_types: tuple[EntityType, ...]
    derivations: tuple[Derivation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What one file of `conclusions/` declares, as its module-level `CONCLUSION`."""

    name: str
    derivations: tuple[Derivation, ...] = ()
    namings: tuple[Naming, ...] = ()
