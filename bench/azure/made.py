"""What is made up: answers by address, and beside them the entities and relationships that must come of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Link = tuple[str, str, str]

TENANT = "7c9f0a52-1111-4222-8333-444455556666"
REGION = "westeurope"
# Parts of other resources that Azure lists among them.
_TRACKED_PARTS = ("extensions", "databases", "slots")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a tenant is. share: how many of a hundred resources of a usual subscription each one has."""

    subscriptions: int
    users: int
    groups: int
    share: int = 100
    seed: int = 1

    def number(self, usual: int) -> int:
        """So many in place of `usual` ones, at least one."""
        return max(1, usual * self.share // 100)


# For tests; and the three that are measured.
SIZES = {
    "tiny": Size(2, 12, 4, share=8),
    "small": Size(10, 5_000, 500),
    "medium": Size(50, 50_000, 5_000),
    "large": Size(200, 50_000, 5_000),
}


@dataclass(slots=True)
class Made:
    """Answers by path (lower case, without host and query; a key vault's with its host): lists and single objects.

    nodes: each entity's type by its key; links: start, verb, end. tell: whether the truth is kept; a server needs none.
    """

    tell: bool = True
    lists: dict[str, list[Json]] = field(default_factory=dict)
    objects: dict[str, Json] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)

    def add(self, kind: str, path: str, answer: Json, *links: Link) -> str:
        """An item of the list at a path, which is an entity of a type; gives its id back."""
        self.lists.setdefault(path.lower(), []).append(answer)
        self._list_as_resource(answer)
        self.entity(kind, str(answer["id"]), links)
        return str(answer["id"])

    def _list_as_resource(self, answer: Json) -> None:
        """In the list of all resources of its subscription, which has what stands alone and few parts of others.

        https://learn.microsoft.com/rest/api/resources/resources/list
        """
        identifier = str(answer["id"])
        before, _, after = identifier.partition("/providers/")
        namespace, *parts = after.split("/")
        if "/resourcegroups/" not in before.lower() or "/providers/" in after.lower():
            return
        kinds = parts[::2]
        if len(kinds) == 1 or (kinds and kinds[-1].lower() in _TRACKED_PARTS):
            told = {name: answer[name] for name in ("name", "location", "tags", "kind", "sku") if name in answer}
            listed = {"id": identifier, "type": "/".join([namespace, *kinds]), **told}
            self.lists.setdefault(f"/subscriptions/{identifier.split('/')[2]}/resources".lower(), []).append(listed)

    def entity(self, kind: str, key: str, links: Iterable[Link] = ()) -> None:
        """An entity that stands in an answer of something else, or is meant by one."""
        if self.tell:
            self.nodes[key.lower()] = kind
            self.links.update((start.lower(), verb, end.lower()) for start, verb, end in links)


def guid(size: Size, *words: object) -> str:
    """Always the same for the same seed and words."""
    return str(uuid.uuid5(uuid.UUID(int=size.seed), "/".join(map(str, words))))
