"""Recorded answers as Azure would have given them to azgraph, which asks otherwise than the product that recorded them.

That product asked for no inventory and no permissions of a subscription: without both azgraph has to ask for every list
of every type. And it had no owners expanded in lists of Microsoft Graph, which azgraph then asks for one by one. The
inventory is made of the resources that the recordings name; of owners they tell nothing, so there are none.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from loader.azure.transport.wire import Exchange
from loader.demo.addresses import ARM
from loader.secrets.places import resource_type

_OWNED = re.compile(
    r"^https://graph\.microsoft\.com/v1\.0/(applications|groups|servicePrincipals)(\?|$)", re.IGNORECASE
)


def as_azure_answers(exchanges: list[Exchange], subscriptions: Iterable[str]) -> list[Exchange]:
    """The exchanges with owners in lists of the directory, and for each subscription its inventory and permissions."""
    return [*map(_with_owners, exchanges), *_inventories(exchanges, subscriptions)]


def _with_owners(one: Exchange) -> Exchange:
    listed = _json(one) if _OWNED.search(one.url) else None
    if not isinstance(listed, dict) or not isinstance(listed.get("value"), list):
        return one
    items = [{"owners": [], **item} for item in listed["value"]]
    return replace(one, body=json.dumps({**listed, "value": items}))


def _inventories(exchanges: Iterable[Exchange], subscriptions: Iterable[str]) -> list[Exchange]:
    known: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for one in exchanges:
        for key in _ids(_json(one)):
            parts = key.lower().split("/")
            if len(parts) > 2 and parts[1] == "subscriptions" and resource_type(key):
                known[parts[2]][key.lower()] = key
    made = []
    for subscription in subscriptions:
        items = [{"id": key, "type": resource_type(key)} for key in known[subscription].values()]
        place = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions"
        made.append(_answer(f"/subscriptions/{subscription}/resources", items))
        made.append(_answer(place, [{"actions": ["*/read"], "notActions": []}]))
    return made


def _json(one: Exchange) -> Any:
    try:
        return json.loads(one.body) if one.status == HTTPStatus.OK else None
    except ValueError:
        return None


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield value["id"]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _ids(item)


def _answer(path: str, items: list[dict[str, Any]]) -> Exchange:
    return Exchange.of_json(f"{ARM}{path}", {"value": items})
