"""How an answer is fetched: the calls that a declaration can name. The rooms import them from `loader.model`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class At:
    """An argument read from the parent's answer by path: `At("properties.vaultUri")`, `At("@subscription")`."""

    path: str


@dataclass(frozen=True, slots=True)
class Segment:
    """An argument read from the parent's ARM id: `Segment("servers")` is what follows `/servers/`, in any casing."""

    name: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a call sends, where Azure lists something by POST: `Body({"deploymentTypes": ["SecurityAdmin"]})`."""

    fields: Mapping[str, object]


Argument = At | Segment | Body | str

# https://learn.microsoft.com/graph/delta-query-overview: a query of this token answers nothing but the next address.
DELTA_FROM_NOW = "latest"
DELTA_LINK = "@odata.deltaLink"


# The operations of Azure's SDKs that calls name, by client: of an SDK no more than these is imported.
_operations: dict[str, set[str]] = {}


def operations_of(client: str) -> Set[str]:
    """The operations of a client that any call names by now; more are there when more calls have been declared."""
    return _operations.get(client, set())


def all_operations() -> Iterable[str]:
    """The same of all clients."""
    return chain.from_iterable(_operations.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A call of an `azure-mgmt-*` async client, once a subscription (or tenant), or once for each parent entity.

    client: "azure.mgmt.sql.aio:SqlManagementClient"; operation: "databases.list_by_server".
    permission: the RBAC action it needs. tenant: the call is not about one subscription.
    when: tells from the parent's answer whether the call makes sense for it.
    each: the ids that a parent's answer names; one call for each different one of them, in place of one for each
    parent, told to `args` as `At("@each")`.
    parts: the ids of parts of a parent; one call for each of them, told likewise. What they list is the parent's.
    named_at: where a parent's answer names the ids of all that the call lists of it ("resources[].id"). What Resource
    Graph has of just these ids, as their provider answers them, stands for the call: one question for many parents.
    one: the answer due is one object; otherwise it is a list, and nothing else will do.
    """

    client: str
    operation: str
    permission: str
    each: Callable[[Json], Iterable[str]] | None = None
    parts: Callable[[Json], Iterable[str]] | None = None
    named_at: str = ""
    args: tuple[Argument, ...] = ()
    kwargs: Mapping[str, Argument] = field(default_factory=dict)
    parent: str | tuple[str, ...] | None = None
    tenant: bool = False
    api_version: str | None = None
    when: Callable[[Json], bool] | None = None
    one: bool = False

    def __post_init__(self) -> None:
        _operations.setdefault(self.client, set()).add(self.operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A Microsoft Graph request made with the typed builders of `msgraph-sdk`: "groups.by_group_id.members".

    Each `by_…` step of the path takes the next of `args`. permission: the application permission it needs. one: the
    answer due is one object, not a list. some: the list always has something, so that an empty one is no answer to it.
    advanced: asked as an advanced query (`ConsistencyLevel: eventual` with `$count=true`), which some lists of
    directory objects need for options and casts: https://learn.microsoft.com/graph/aad-advanced-queries
    filter: `{path}` in it stands for what the parent's answer has there, as text within quotes.
    each: as for `Arm`, told to `filter` as `{@each}`.
    beta: the path is asked of Graph's beta, for what v1.0 does not have; Microsoft may change it without notice.
    top: so many items a page, where the list takes that; otherwise as many as it gives.
    since: of a delta query, the address that the one before ended with, or `DELTA_FROM_NOW`. The last page then ends
    with an item that has nothing but the address for the next one, as `DELTA_LINK`; without one it was cut off.
    """

    builder: str
    permission: str
    args: tuple[Argument, ...] = ()
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    filter: str | None = None
    parent: str | tuple[str, ...] | None = None
    each: Callable[[Json], Iterable[str]] | None = None
    when: Callable[[Json], bool] | None = None
    one: bool = False
    some: bool = False
    advanced: bool = False
    beta: bool = False
    top: int | None = None
    since: str = ""

    @property
    def about_one(self) -> bool:
        """Whether it is asked for each of many objects."""
        return bool(self.args) or "{" in (self.filter or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vault:
    """A data-plane list of one key vault: "azure.keyvault.keys.aio:KeyClient", "list_properties_of_keys"."""

    client: str
    operation: str
    endpoint: At
    permission: str
    parent: str | tuple[str, ...]
    when: Callable[[Json], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceGraph:
    """A question to Azure Resource Graph over all that the identity may read, in its language; the answer is rows.

    query: begins with its table. subscriptions: ids of those that it is about; none for all. permission: the RBAC
    action that it needs.
    """

    query: str
    permission: str
    subscriptions: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """The table that is asked."""
        return self.query.split(maxsplit=1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """How Microsoft Graph tells which objects of a list have changed: "users.delta".

    Asked are the properties that the list selects, and `relationships`. Each of them is one whose changes Graph tells.
    """

    builder: str
    relationships: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """No call: the entities are parts of the parent's own answer, at a path such as "properties.subnets[]"."""

    parent: str
    at: str


Call = Arm | Graph | Vault
# Declarations of entity types name no question to Resource Graph: it does not have all that their own lists have.
AnyCall = Call | ResourceGraph
Fetch = Call | Embedded


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One more call for each entity; its answer is read at `$name.…`. Its outcome is a step of its own: `type.name`.

    Where it fails for an entity that one is loaded all the same, and what the detail would have told of it stays as the
    graph has it; no other entity is concerned.
    many: the answer due is a list, and all its items stand at `$name.value[]`; otherwise it is one object, at `$name`.
    absent: Azure's 404 or empty answer to it means "nothing configured" and leaves `$name` empty, not unknown.
    unknown_when: of the entity's answer with `$name` in it, why the detail's answer does not tell what is there, as a
    sentence with what to do; None where it does. The detail is then as good as forbidden.
    by: the call is one list for all entities, made once; at `$name` stands the item that has the entity's value of
    this field, or nothing where none has.
    spare: the detail that is asked for what this one does not tell, so that its failure is none of the run.
    """

    name: str
    call: Call
    many: bool = False
    absent: bool = False
    unknown_when: Callable[[Json], str | None] | None = None
    by: str = ""
    spare: str = ""
