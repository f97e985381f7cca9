"""The least rights for loading chosen entity types, read off the declarations of the services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from loader.actors.feeds import FEEDS, Feed
from loader.connect.app_roles import APP_ROLES
from loader.model import AnyCall, Arm, Call, Embedded, EntityType, Graph, Json, ResourceGraph, Vault
from loader.services import SUBSCRIPTION, entity_types, in_each_subscription
from loader.services.shared.actions import allows
from loader.sync.rights import PERMISSIONS

_ACTION = re.compile(r"[A-Za-z]+\.[\w.]+(?:/[\w.*-]+)+")
# What the role Reader allows: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/general#reader
READER: list[Json] = [{"actions": ["*/read"]}]
# Other calls about a whole tenant are above all management groups, and a role on the provider itself counts.
_UNDER_MANAGEMENT_GROUPS = ("microsoft.management/", "microsoft.resources/")


class Kind(StrEnum):
    """How a right is given.

    GRAPH: an application permission of Microsoft Graph. ACTION: an action of Azure RBAC, on subscriptions or a
    management group above them. PROVIDER: an action that counts on the resource provider of the tenant. VAULT: a data
    action of key vaults, or what an access policy of the vault allows. READER: no role but Reader has it. USER: only
    signed-in users have it.
    """

    GRAPH = "graph"
    ACTION = "action"
    PROVIDER = "provider"
    VAULT = "vault"
    READER = "reader"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Right:
    """One right. steps: what is loaded with it, `type` or `type.detail`, sorted; optional: why it may be left out."""

    kind: Kind
    name: str
    steps: tuple[str, ...]
    optional: str = ""

    @property
    def provider(self) -> str:
        """The resource provider of an action."""
        return self.name.partition("/")[0]


# No step ends for want of these; what they show besides is said here.
_OPTIONAL = (
    Right(
        Kind.GRAPH,
        "Member.Read.Hidden",
        ("azure_administrative_unit.members", "azure_user_group.members"),
        "shows who is in groups and administrative units that hide their members; without it the members of all groups "
        "are not known as soon as there is such a group",
    ),
    Right(
        Kind.ACTION,
        "Microsoft.Web/sites/config/list/Action",
        (),
        "shows the settings of web apps with their secrets; azgraph asks for none of them, so leave it out unless a "
        "query of your own needs what it shows",
    ),
)


@dataclass(frozen=True)
class Rights:
    """What is needed, by kind and name. Made by `rights_for`."""

    all: tuple[Right, ...]

    def of(self, *kinds: Kind) -> tuple[Right, ...]:
        """The rights of some kinds."""
        return tuple(one for one in self.all if one.kind in kinds)

    @property
    def graph(self) -> tuple[Right, ...]:
        """The application permissions of Microsoft Graph."""
        return self.of(Kind.GRAPH)

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions of a custom role that allows nothing else."""
        return tuple(one.name for one in self.of(Kind.ACTION))

    @property
    def data_actions(self) -> tuple[str, ...]:
        """The data actions of that role."""
        return tuple(one.name for one in self.of(Kind.VAULT))

    @property
    def beyond_reader(self) -> tuple[str, ...]:
        """The actions that the role Reader lacks."""
        return tuple(name for name in self.actions if not allows(READER, name))

    @property
    def providers(self) -> tuple[str, ...]:
        """The resource providers of the tenant on which a role is needed."""
        return tuple(dict.fromkeys(one.provider for one in self.of(Kind.PROVIDER)))

    @property
    def vault_policy(self) -> tuple[str, ...]:
        """The kinds of contents ("key") that an access policy must allow to list."""
        return tuple(name.split("/")[2].removesuffix("s") for name in self.data_actions)

    @property
    def management_groups(self) -> bool:
        """Whether management groups are read, which no role on a subscription allows."""
        return any(name.lower().startswith("microsoft.management/") for name in self.actions)


def rights_for(types: Mapping[str, EntityType] | None = None, *, optional: bool = False) -> Rights:
    """The rights for these types, all declared ones by default. optional: with those that may be left out."""
    steps: dict[tuple[Kind, str], list[str]] = {}
    chosen = entity_types() if types is None else types
    for step, call in calls_of(chosen):
        for kind, name in kinds_of(call):
            steps.setdefault((kind, _known_spelling(name, steps)), []).append(step)
    if any(in_each_subscription(one) for one in chosen.values()):
        # Without it nobody knows how much of a subscription's lists is answered.
        steps.setdefault((Kind.ACTION, PERMISSIONS.permission), []).append(SUBSCRIPTION)
    found = [Right(kind, name, tuple(sorted(set(named)))) for (kind, name), named in steps.items()]
    loaded = {step for right in found for step in right.steps}
    there = {(one.kind, one.name) for one in found}
    for one in OPTIONAL if optional else ():
        about_types = [step for step in one.steps if not step.startswith("actors.")]
        if (not about_types or loaded.intersection(about_types)) and (one.kind, one.name) not in there:
            found.append(one)
    return Rights(tuple(sorted(found, key=lambda one: (list(Kind).index(one.kind), one.name.lower()))))


def calls_of(types: Mapping[str, EntityType]) -> Iterator[tuple[str, Call]]:
    """Every step of the types with the call that it makes; of a type embedded in another's answer, that one's."""
    for name, one in types.items():
        fetch = one.fetch
        while isinstance(fetch, Embedded):
            fetch = entity_types()[fetch.parent].fetch
        if fetch is None:
            continue
        yield name, fetch
        for detail in one.details:
            yield f"{name}.{detail.name}", detail.call


def kinds_of(call: AnyCall) -> Iterable[tuple[Kind, str]]:
    """The rights that one call needs, as its declaration names them."""
    if isinstance(call, Graph):
        name, _, said = call.permission.partition(" ")
        return [(Kind.USER if said else Kind.GRAPH, name)]
    if isinstance(call, Vault):
        return [(Kind.VAULT, call.permission)]
    if call.permission == "*/read":
        return [(Kind.READER, call.permission)]
    return [(_kind_of_action(call, name), name) for name in _ACTION.findall(call.permission)]


def app_role(name: str) -> str:
    """The id under which an application permission is granted."""
    return APP_ROLES[name]


def _kind_of_action(call: Arm | ResourceGraph, name: str) -> Kind:
    of_tenant = isinstance(call, Arm) and call.tenant and not name.lower().startswith(_UNDER_MANAGEMENT_GROUPS)
    return Kind.PROVIDER if of_tenant else Kind.ACTION


def _known_spelling(name: str, steps: Mapping[tuple[Kind, str], object]) -> str:
    """Actions differ in nothing by their casing."""
    return next((known for _, known in steps if known.lower() == name.lower()), name)


def _of_logs() -> Iterator[Right]:
    """The rights for the logs that tell who made changes."""
    purposes: dict[tuple[Kind, str], list[Feed]] = {}
    for feed in FEEDS:
        for right in kinds_of(feed.call):
            purposes.setdefault(right, []).append(feed)
    for (kind, name), feeds in purposes.items():
        said = f"tells {', and '.join(one.purpose for one in feeds)}"
        yield Right(kind, name, tuple(one.step for one in feeds), f"{said}; without it nobody is named for these")


OPTIONAL = (*_OPTIONAL, *_of_logs())
