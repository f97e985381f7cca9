"""Places of secrets: what services declare for each entity type, found again in the answers of Azure.

An answer is known by what it says of itself (each resource's `id` tells its type) and by the address that was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from loader.model import Embedded, EntityType, Graph, Json, Vault
from loader.secrets.finding import MARKER, instead_of

# A tree of steps in lower case; `*` stands for any name, and a step that leads to None takes all that is below it.
Tree = dict[str, Any]

# Types that azgraph does not load, and whose answers recordings of other tools hold, by their REST reference.
OTHER_TYPES: Mapping[str, tuple[str, ...]] = {
    "Microsoft.Resources/deployments": (
        "properties.parameters.*.value", "properties.outputs.*.value",
        "properties.template.parameters.*.defaultValue", "properties.template.variables.*",
    ),
    "Microsoft.Resources/deploymentScripts": (
        "properties.scriptContent", "properties.arguments", "properties.environmentVariables[].value",
        "properties.environmentVariables[].secureValue", "properties.outputs",
        "properties.storageAccountSettings.storageAccountKey",
    ),
    "Microsoft.Insights/actionGroups": (
        "properties.webhookReceivers[].serviceUri", "properties.automationRunbookReceivers[].serviceUri",
        "properties.logicAppReceivers[].callbackUrl", "properties.azureFunctionReceivers[].httpTriggerUrl",
        "properties.itsmReceivers[].ticketConfiguration",
    ),
    "Microsoft.Logic/workflows": ("properties.parameters.*.value", "properties.definition.parameters.*.defaultValue"),
    "Microsoft.Web/connections": ("properties.parameterValues", "properties.nonSecretParameterValues"),
    "Microsoft.Automation/automationAccounts/variables": ("properties.value",),
    "Microsoft.Automation/automationAccounts/webhooks": ("properties.uri", "properties.parameters"),
    "Microsoft.Automation/automationAccounts/jobs": ("properties.parameters",),
    "Microsoft.Automation/automationAccounts/jobSchedules": ("properties.parameters",),
    "Microsoft.ApiManagement/service/namedValues": ("properties.value",),
    "Microsoft.ApiManagement/service/policies": ("properties.value",),
    "Microsoft.ApiManagement/service/apis/policies": ("properties.value",),
    "Microsoft.ApiManagement/service/subscriptions": ("properties.primaryKey", "properties.secondaryKey"),
    "Microsoft.ApiManagement/service/backends": ("properties.credentials", "properties.proxy.password"),
    "Microsoft.Compute/virtualMachines/runCommands": (
        "properties.source", "properties.parameters[].value", "properties.protectedParameters[].value",
    ),
    "Microsoft.Web/staticSites": ("properties.repositoryToken",),
}  # fmt: skip

# Requests whose whole answer is secrets: https://learn.microsoft.com/rest/api names them list…
_WHOLE_ANSWERS = re.compile(
    r"/config/(appsettings|connectionstrings|authsettings(v2)?|publishingcredentials|azurestorageaccounts|metadata)/list$"
    r"|/(list|regenerate|get|generate)[a-z]*(keys?|secrets?|secretvalues?|connectionstrings?|credentials?|sas"
    r"|callbackurl|tokens?|settings)$"
    r"|/(listvalue|sharedkey)$"
)
# What such an answer says besides.
_NAMES_IT = frozenset({"id", "name", "type", "kind", "location", "nextlink", "keyname"})
WHOLE: Tree = {"*": None}
# The value of a secret is in no declaration that may be forgotten.
_VAULT_SECRETS = re.compile(r"\.vault\.[\w.]+/(deleted)?secrets(/|$)")


def tree_of(paths: Iterable[str]) -> Tree:
    """The tree of paths such as "properties.containers[].command[]"; lists are walked with and without brackets."""
    tree: Tree = {}
    for path in paths:
        *steps, last = [step.lower() for step in path.replace("[]", "").split(".")]
        at: Tree | None = tree
        for step in steps:
            at = at.setdefault(step, {}) if at is not None else None
        if at is not None:
            at[last] = None
    return tree


@lru_cache(maxsize=50_000)
def resource_type(identifier: str) -> str:
    """The type an ARM id is of, in lower case: "microsoft.sql/servers/databases"; "" for anything else."""
    parts = identifier.lower().strip("/").split("/")
    if "providers" not in parts:
        return ""
    last = len(parts) - 1 - parts[::-1].index("providers")
    return "/".join([*parts[last + 1 : last + 2], *parts[last + 2 :: 2]])


class Places:
    """The declared places of all entity types, to be found by an answer's address and by the ids in it."""

    def __init__(self, entity_types: Iterable[EntityType] = ()) -> None:
        paths: dict[str, list[str]] = {name.lower(): list(found) for name, found in OTHER_TYPES.items()}
        below: dict[str, list[str]] = {}
        self._addresses = [(_VAULT_SECRETS, tree_of(["value"]))]
        known = {one.type: one for one in entity_types}
        for one in known.values():
            for home, path in _at_home(one, known):
                name = (home.arm_type or "").lower()
                if path.startswith("$"):
                    below.setdefault(name, []).append(re.sub(r"^\$\w+\.(value\[\]\.)?", "", path))
                elif name:
                    paths.setdefault(name, []).append(path)
            if isinstance(one.fetch, Graph | Vault) and one.secrets:
                self._addresses.append((_address(one.fetch), tree_of(one.secrets)))
        self._types = {name: tree_of(found) for name, found in paths.items()}
        self._below = {name: tree_of(found) for name, found in below.items() if name}

    def of_resource(self, item: Json) -> list[Tree]:
        """The places in one object, by what it says of itself: its id, or the type that ARM templates name."""
        identifier, kind = item.get("id"), item.get("type")
        if isinstance(identifier, str) and identifier.startswith("/"):
            return self._of_type(resource_type(identifier))
        if isinstance(kind, str) and "/" in kind:
            return self._of_type(kind.lower())
        return []

    def of_address(self, url: str) -> list[Tree]:
        """The places in the object, or in each object of the list, that is asked for at an address."""
        parts = urlsplit(url)
        path = parts.path.rstrip("/").lower().removesuffix("/latest/queryresults")
        if _WHOLE_ANSWERS.search(path):
            return [WHOLE]
        address = f"{parts.netloc.lower()}{path}"
        found = [tree for pattern, tree in self._addresses if pattern.search(address)]
        return found + self._of_type(resource_type(path))

    def _of_type(self, name: str) -> list[Tree]:
        found = [self._types[name]] if name in self._types else []
        while name:
            if name in self._below:
                found.append(self._below[name])
            name = name.rpartition("/")[0]
        return found


def _at_home(one: EntityType, known: Mapping[str, EntityType]) -> Iterator[tuple[EntityType, str]]:
    """The places of a type in the answers it comes with: those of a part lie in its parent's."""
    for own in one.secrets:
        home, path = one, own
        while isinstance(home.fetch, Embedded) and home.fetch.parent in known:
            path = f"{home.fetch.at}.{path}"
            home = known[home.fetch.parent]
        yield home, path
        if one.arm_type and home is not one:
            yield one, own


def _address(fetch: Graph | Vault) -> re.Pattern[str]:
    """The addresses of a Graph collection or of a kind of a vault's objects, and of one object of it."""
    if isinstance(fetch, Vault):
        kind = fetch.client.rpartition(":")[2].removesuffix("Client").lower()
        return re.compile(rf"\.vault\.[\w.]+/(deleted)?{kind}s(/|$)")
    steps = ["[^/]+" if step.startswith("by_") else step.replace("_", "") for step in fetch.builder.split(".")]
    return re.compile(rf"^[^/]+/(v1\.0|beta)/{'/'.join(steps)}(/[^/]+)?$")


def whole_answer(trees: list[Tree]) -> bool:
    """Whether all of an answer goes, but for what names it."""
    return any(tree is WHOLE for tree in trees)


def names_it(name: str) -> bool:
    """Whether a field of an answer that is secrets as a whole only names it."""
    return name.lower() in _NAMES_IT


def without_places(paths: tuple[str, ...], answer: Json) -> Json:
    """An entity's answer with the marker at the declared places; the same object where nothing stands there."""
    return _taken(answer, _tree_of(paths)) if paths else answer


_tree_of = lru_cache(maxsize=500)(tree_of)
_NOWHERE = object()


def _taken(value: Any, tree: Any, name: str = "") -> Any:
    """tree: the steps below this value; None takes all of it. name: the field it stands in."""
    if isinstance(value, list):
        items = [_taken(item, tree, name) for item in value]
        return value if all(one is other for one, other in zip(items, value, strict=True)) else items
    if isinstance(value, dict):
        steps = {name: None if tree is None else tree.get(name.lower(), tree.get("*", _NOWHERE)) for name in value}
        taken = {name: _taken(value[name], step, name) for name, step in steps.items() if step is not _NOWHERE}
        return value if all(value[name] is one for name, one in taken.items()) else {**value, **taken}
    return instead_of(name, value) if tree is None and is_scalar_secret(value) else value


def is_scalar_secret(value: Any) -> bool:
    """Whether a value at a secret's place is one: texts and numbers are, switches and nothing are not."""
    return (isinstance(value, str) and value not in ("", MARKER)) or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )
