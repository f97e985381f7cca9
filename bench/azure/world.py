"""The whole simulated tenant: answers to requests, page by page, made up when they are first asked for."""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from bench.azure import directory, subscription
from bench.azure.made import Json, Made, Size
from bench.azure.services import VAULTS
from loader.azure.transport.replay import ReplayStore
from loader.azure.transport.wire import Exchange
from loader.demo import exchanges

_ARM, _GRAPH = "https://management.azure.com", "https://graph.microsoft.com"
# https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets (maxresults), the paging of Microsoft
# Graph (999 at most, 100 without $top), and of Azure Resource Manager, whose services have pages of 100 to 1,000.
_OF_VAULTS, _OF_GRAPH, _OF_ARM = 25, 100, 200
_OF_TYPE = re.compile(r"resources \| where type =~ '([^']+)'")
_IDS = re.compile(r"id in \((.*)\)")
# Of what is expanded on a directory object.
_EXPANDED = 20


class World:
    """A tenant of a size. It is asked like a store of recorded exchanges; `truth` tells what must come of it."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self._subscriptions = {subscription.subscription_id(size, one): one for one in range(size.subscriptions)}
        self._made: dict[str, Made] = {}
        self.changes: list[tuple[str, Json]] = []

    def find(self, method: str, url: str, body: bytes | None = None) -> Exchange | None:
        """The answer to a request; None where Azure says that there is no such thing."""
        parts = urlsplit(url)
        path = unquote(parts.path).rstrip("/").lower()
        while "//" in path:
            path = path.replace("//", "/")
        query = {name.lower(): values[-1] for name, values in parse_qs(parts.query).items()}
        if method == "POST":
            answer = self._of_resource_graph(json.loads(body or b"{}")) if "resourcegraph" in path else {"value": []}
            return Exchange.of_json(url, answer, method=method)
        host = (parts.hostname or "").lower()
        if host.endswith(VAULTS):
            return self._page(url, self._vaults.lists.get(f"{host}{path}", []), query, _OF_VAULTS)
        if path.startswith(("/v1.0", "/beta")):
            return self._of_graph(url, path, query)
        return self._of_arm(url, path, query)

    def prepare(self) -> None:
        """Reads what takes long to read, before anybody waits for it."""
        assert self._demo

    def hosts(self) -> set[str]:
        """As a store of recordings; whose vault it is decides nothing here."""
        return set()

    def truth(self) -> Made:
        """All entities and relationships that a sync must come to."""
        whole = Made()
        directory.make(self.size, whole)
        for number in self._subscriptions.values():
            part = Made()
            subscription.make(self.size, number, part)
            whole.nodes |= part.nodes
            whole.links |= part.links
        return whole

    def _of_graph(self, url: str, path: str, query: dict[str, str]) -> Exchange | None:
        if path.endswith("/delta()"):
            return self._delta(url, path.removesuffix("/delta()"), query)
        listed = self._directory.lists.get(path)
        if named := _IDS.fullmatch(query.get("$filter", "")):
            listed = [one for one in listed or [] if str(one["id"]) in re.findall(r"[^', ]+", named[1])]
        if path == directory.GROUPS and "$expand" in query:
            listed = [self._expanded(one, query["$expand"]) for one in listed or []]
        found = self._demo.find("GET", url) if listed is None else None
        if found is not None and "value" not in json.loads(found.body):
            return found
        return self._page(url, listed or [], query, int(query.get("$top", _OF_GRAPH)))

    def change(self, path: str, identifier: str, answer: Json | None, **related: list[Json]) -> None:
        """From now on an object of a list of the directory is another one, or gone; likewise what is related to it."""
        before = self._directory.lists.get(path, [])
        others = [one for one in before if one["id"] != identifier]
        self._directory.lists[path] = others if answer is None else [*others, answer]
        for relationship, items in related.items():
            self._directory.lists[f"{path}/{identifier}/{relationship}"] = items
        told = {"id": identifier, "@removed": {"reason": "changed"}} if answer is None else answer
        self.changes.append((path, told))

    def _delta(self, url: str, path: str, query: dict[str, str]) -> Exchange | None:
        """What changed since a token, as https://learn.microsoft.com/graph/delta-query-overview; of no other query."""
        token = query.get("$deltatoken", "")
        known = token == "latest" or (token.isdigit() and int(token) <= len(self.changes))
        if not known:
            body = {"error": {"code": "syncStateNotFound", "message": "The sync state generation is not found."}}
            return Exchange.of_json(url, body, status=410)
        since = self.changes[len(self.changes) if token == "latest" else int(token) :]
        parts = urlsplit(url)
        link = f"{parts.scheme}://{parts.netloc}{parts.path}?$deltatoken={len(self.changes)}"
        told = [answer for about, answer in since if about == path]
        return Exchange.of_json(url, {"value": told, "@odata.deltaLink": link})

    def _expanded(self, group: Json, relationship: str) -> Json:
        """A group with a relationship, as a list gives it: https://learn.microsoft.com/graph/query-parameters#expand"""
        related = self._directory.lists.get(f"{directory.GROUPS}/{group['id']}/{relationship}", [])
        return {**group, relationship: related[:_EXPANDED]}

    def _of_resource_graph(self, asked: Json) -> Json:
        """The resources of a type in the subscriptions that are asked about; of all other questions no rows.

        https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
        """
        kind = _OF_TYPE.match(str(asked.get("query")))
        rows: list[Json] = []
        for identifier in asked.get("subscriptions", ()) if kind else ():
            for path, items in self._of_subscription(identifier.lower()).lists.items():
                if not path.endswith("/resources"):
                    rows += [one for one in items if kind and str(one.get("type")).lower() == kind[1].lower()]
        rows.sort(key=lambda one: str(one["id"]))
        options = asked.get("options") or {}
        first, most = int(options.get("$skipToken") or 0), int(options.get("$top") or 100)
        more = {"$skipToken": str(first + most)} if first + most < len(rows) else {}
        return {"data": rows[first : first + most], "resultTruncated": "false", **more}

    def _of_arm(self, url: str, path: str, query: dict[str, str]) -> Exchange | None:
        segments = path.split("/")
        if path == "/subscriptions":
            everything = [subscription.listed(self.size, number) for number in self._subscriptions.values()]
            return self._page(url, everything, query, _OF_ARM)
        made = self._of_subscription(segments[2]) if segments[1] == "subscriptions" else self._directory
        if path in made.objects:
            return Exchange.of_json(url, made.objects[path])
        if path in made.lists:
            found = made.lists[path]
            return self._page(url, _with_states(made, found) if "statusonly" in query else found, query, _OF_ARM)
        if segments[1] != "subscriptions":
            return self._demo_object(url)
        last = len(segments) - 1 - segments[::-1].index("providers") if "providers" in segments else len(segments) - 1
        is_list = (len(segments) - last) % 2 == 1 or last == len(segments) - 1
        return self._page(url, [], query, _OF_ARM) if is_list or path.endswith(_LISTS) else None

    def _demo_object(self, url: str) -> Exchange | None:
        """What there is once a tenant, without a list: settings, as the demo's Contoso has them."""
        found = self._demo.find("GET", url)
        whole = found is not None and "value" not in json.loads(found.body)
        return found if whole else Exchange.of_json(url, {"value": []})

    def _page(self, url: str, items: list[Any], query: dict[str, str], most: int) -> Exchange:
        first = int(query.get("$skiptoken", 0))
        answer: dict[str, Any] = {"value": items[first : first + most]}
        if first + most < len(items):
            parts = urlsplit(url)
            kept = "&".join(one for one in parts.query.split("&") if not one.lower().startswith(("$skip", "%24skip")))
            named = "@odata.nextLink" if parts.path.startswith(("/v1.0", "/beta")) else "nextLink"
            answer[named] = f"{parts.scheme}://{parts.netloc}{quote(parts.path)}?{kept}&$skiptoken={first + most}"
        return Exchange.of_json(url, answer)

    def _of_subscription(self, identifier: str) -> Made:
        if identifier not in self._made:
            made = self._made[identifier] = Made(tell=False)
            if identifier in self._subscriptions:
                subscription.make(self.size, self._subscriptions[identifier], made)
        return self._made[identifier]

    @cached_property
    def _vaults(self) -> Made:
        """What stands in vaults, of all subscriptions."""
        made = Made(tell=False)
        for number in self._subscriptions.values():
            part = Made(tell=False)
            subscription.make(self.size, number, part)
            made.lists |= {path: items for path, items in part.lists.items() if VAULTS in path}
        return made

    @cached_property
    def _directory(self) -> Made:
        made = Made(tell=False)
        directory.make(self.size, made)
        return made

    @cached_property
    def _demo(self) -> ReplayStore:
        return ReplayStore(exchanges(1))


def _with_states(made: Made, machines: list[Any]) -> list[Any]:
    """Machines as the list with `statusOnly` has them: https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all"""
    states = [made.objects[f"{one['id']}/instanceView".lower()] for one in machines]
    return [
        {**one, "properties": {**one["properties"], "instanceView": state}}
        for one, state in zip(machines, states, strict=True)
    ]


# Lists whose address is that of an object.
_LISTS = ("/configreferences/appsettings", "/configreferences/connectionstrings", "/basicpublishingcredentialspolicies")
