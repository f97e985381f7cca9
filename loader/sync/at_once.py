"""Lists of many parents in one question to Azure Resource Graph, where it holds what they list whole.

Resource Graph hears of changes a little later than their provider answers them. So what it has of a parent counts only
where it is just what the parent's own answer names; the lists of all others are asked, and so are those of few parents.
What it can be late with is a changed property, for minutes.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

from loader.model import Arm, EntityType, Json, ResourceGraph
from loader.services.shared.arm_ids import parent_of
from loader.shapes import WrongShapeError, read
from loader.sync.session import Asking, all_of

# A question costs one call of a narrow bucket for each 1,000 rows.
_FEW = 5


class AtOnce:
    """What Resource Graph holds of one area, a subscription by its id; nothing where `subscription` is None.

    Not asked before somebody needs it, and then once for each type.
    """

    def __init__(self, session: Asking, subscription: str | None) -> None:
        self._session, self._subscription = session, subscription
        self._held: dict[str, dict[str, list[Json]]] = {}
        self._asking = asyncio.Lock()

    async def items_of(
        self, entity_type: EntityType, parent: Json, *, parents: int, calls: Counter[str]
    ) -> list[Json] | None:
        """All that a call about a parent would list, as it would list it; None where the call has to be made.

        parents: of how many such lists are due; calls: gains those that are made for it.
        """
        fetch = entity_type.fetch
        if self._subscription is None or not isinstance(fetch, Arm) or not fetch.named_at or parents < _FEW:
            return None
        async with self._asking:
            if entity_type.type not in self._held:
                question = ResourceGraph(
                    query=f"resources | where type =~ '{entity_type.arm_type}' "
                    "| project id, name, type, location, tags, properties | order by id asc",
                    permission=fetch.permission,
                    subscriptions=(self._subscription,),
                )
                self._held[entity_type.type] = await self._ask(question, entity_type.type, calls)
        found = self._held[entity_type.type].get(str(parent["@key"]), [])
        try:
            named = {str(one).lower() for one in read(parent, fetch.named_at)}
        except WrongShapeError:
            return None
        return found if found and {str(one["id"]).lower() for one in found} == named else None

    async def _ask(self, question: ResourceGraph, name: str, calls: Counter[str]) -> dict[str, list[Json]]:
        """The items of all parents, by their keys; none at all where Resource Graph does not answer to the end."""
        held: dict[str, list[Json]] = defaultdict(list)
        for row in await all_of(self._session, question, name, calls) or ():
            if isinstance(row.get("id"), str) and isinstance(row.get("properties"), dict):
                held[str(parent_of(row["id"])).lower()].append(row)
        return dict(held)
