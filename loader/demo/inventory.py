"""Lists that tell of everything what other answers tell of each: a subscription's resources, its machines' states."""

from __future__ import annotations

import re
from typing import Any

from loader.demo.addresses import ARM
from loader.demo.awkward import Bodies

_RESOURCE = re.compile(r"(/subscriptions/([^/]+))/resourcegroups/[^/]+/providers/([^/]+)/(.+)", re.IGNORECASE)
# Of these providers Azure's list has nothing: what they have is told of other resources, or is no resource.
_NEVER = {"microsoft.advisor", "microsoft.authorization", "microsoft.policyinsights", "microsoft.security"}
_ALL_THE_SAME = {"microsoft.security/iotsecuritysolutions"}
# Parts of other resources that are tracked themselves.
_PARTS = {
    "microsoft.cdn/profiles/afdendpoints",
    "microsoft.cdn/profiles/endpoints",
    "microsoft.compute/galleries/images",
    "microsoft.compute/galleries/images/versions",
    "microsoft.compute/virtualmachines/extensions",
    "microsoft.containerregistry/registries/webhooks",
    "microsoft.network/networkwatchers/flowlogs",
    "microsoft.sql/servers/databases",
    "microsoft.synapse/workspaces/sqlpools",
    "microsoft.web/sites/slots",
}
_MACHINES = "/providers/Microsoft.Compute/virtualMachines"
_SHOWN = ("id", "name", "location", "kind", "sku", "tags", "managedBy", "identity", "plan")


def add_inventories(bodies: Bodies) -> None:
    """Answers the list of all resources of each subscription with resource groups; refused where those are."""
    found: dict[str, dict[str, Any]] = {}
    for url, body in bodies.by_url.items():
        for item in body.get("value") or () if url.startswith(ARM) and isinstance(body.get("value"), list) else ():
            told = _told(item)
            if told is not None:
                owner = _RESOURCE.match(told["id"])
                found.setdefault(owner[2].lower() if owner else "", {}).setdefault(told["id"].lower(), told)
    for url in [*bodies.by_url]:
        listed = re.fullmatch(rf"{re.escape(ARM)}/subscriptions/([^/]+)/resourcegroups", url, re.IGNORECASE)
        if listed is None:
            continue
        address = f"{ARM}/subscriptions/{listed[1]}/resources"
        if url in bodies.statuses:
            bodies.by_url[address], bodies.statuses[address] = bodies.by_url[url], bodies.statuses[url]
        elif address not in bodies.statuses:
            written = bodies.by_url.get(address, {}).get("value") or []
            told = found.get(listed[1].lower(), {}) | {item["id"].lower(): item for item in written}
            bodies.by_url[address] = {"value": [*told.values()]}


def add_states(bodies: Bodies) -> None:
    """Answers the list of machines' states of each subscription that lists machines, by their own answers."""
    machines = re.compile(rf"{re.escape(ARM)}(/subscriptions/[^/]+){_MACHINES}", re.IGNORECASE)
    for url in [*bodies.by_url]:
        listed = machines.fullmatch(url)
        if listed is None:
            continue
        address = f"{url}?statusOnly=true"
        if url in bodies.statuses:
            bodies.by_url[address], bodies.statuses[address] = bodies.by_url[url], bodies.statuses[url]
            continue
        own = re.compile(rf"{re.escape(ARM)}({listed[1]}/.+{_MACHINES}/[^/]+)/instanceView", re.IGNORECASE)
        views = {found[1]: view for at, view in bodies.by_url.items() if (found := own.fullmatch(at))}
        told = [
            {"id": machine, "name": machine.rpartition("/")[2], "properties": {"instanceView": view}}
            for machine, view in views.items()
            if f"{ARM}{machine}/instanceView" not in bodies.statuses
        ]
        bodies.by_url[address] = {"value": told}


def _told(item: Any) -> dict[str, Any] | None:
    """What the list of all resources tells of an item of another list; None for what it does not have."""
    identifier = item.get("id") if isinstance(item, dict) else None
    found = _RESOURCE.fullmatch(identifier) if isinstance(identifier, str) else None
    if found is None:
        return None
    names = found[4].split("/")
    kind = "/".join([found[3], *names[::2]])
    never = found[3].lower() in _NEVER and kind.lower() not in _ALL_THE_SAME
    if len(names) % 2 or never or "providers" in [name.lower() for name in names]:
        return None
    if len(names) > 2 and kind.lower() not in _PARTS:
        return None
    return {**{name: item[name] for name in _SHOWN if name in item}, "type": kind}
