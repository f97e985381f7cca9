"""The answers of details: one more call for each entity of a page, or one list for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from loader.azure.errors import AzureError
from loader.mapping import identity
from loader.model import Detail, EntityType, Json, Outcome, Quiet, Status
from loader.shapes import Missing
from loader.sync.reading import MOST_NAMED, failure_outcome, is_due, key_of
from loader.sync.report import worst
from loader.sync.session import Asking
from loader.sync.step import Step


def ending(
    entity_type: EntityType, detail: Detail, ended: Mapping[str, Outcome], listed: Outcome, unread: frozenset[str]
) -> tuple[Outcome, tuple[str, ...]]:
    """How a detail ended, and of which entities it is not known, where those only are concerned.

    ended: by entity; listed: how their list ended; unread: the keys of the entities that alone are missing in it.
    """
    found, unknown = worst(ended.values(), "entities"), {key for key, one in ended.items() if not one.whole}
    if not listed.settled and found.whole:
        told = f"{entity_type.type} was not loaded whole. {listed.reason}"
        found = Outcome(Status.SKIPPED, told, listed.quiet)
    if detail.spare and not found.accounted:
        found = replace(found, quiet=Quiet.OPTIONAL)
    everyone = len(unknown) == len(ended) or not (listed.settled or unread)
    named = unknown | unread
    return found, () if everyone or len(named) > MOST_NAMED else tuple(sorted(named))


def _is_anothers(found: Json, answer: Json) -> bool:
    """Whether a detail of a resource says by its own id that it is that of another one."""
    told, asked = found.get("id"), answer.get("id")
    if not isinstance(told, str) or not isinstance(asked, str) or "/providers/" not in asked:
        return False
    part, own = identity(told).lower(), identity(asked).lower()
    return part.startswith("/subscriptions/") and not f"{part}/".startswith(f"{own}/")


class Details:
    """Asks for the details of one area: a subscription, whose wire answer is given, or the tenant."""

    def __init__(self, session: Asking, area: str, subscription: Json | None) -> None:
        self._session, self._subscription = session, subscription
        self._asked = area if subscription is not None else None

    async def read_lists(self, step: Step, answers: list[Json]) -> None:
        """Reads what is one list for all entities, before the first entity is told its item of it."""
        for detail in step.entity_type.details:
            due = [answer for answer in answers if is_due(detail.call, answer)]
            if detail.by and due and detail.name not in step.lists:
                step.lists[detail.name] = await self.answer(step, detail, due[0])

    async def answer(self, step: Step, detail: Detail, answer: Json) -> object:
        """The answer of a detail call, or what stands for it when it failed."""
        # What is one list for all entities is known of all of them, or of none.
        outcomes, key = step.details.setdefault(detail.name, {}), "" if detail.by else key_of(step.entity_type, answer)
        listed = detail.many or bool(detail.by)
        items: list[Json] = []
        try:
            async for page in self._session.pages(detail.call, subscription=self._asked, parent=answer, one=not listed):
                step.calls[detail.name] += 1
                items.extend(page)
        except AzureError as error:
            step.calls[detail.name] += 1
            nothing = error.not_found and detail.absent
            outcomes[key] = (
                Outcome() if nothing else failure_outcome(error, self._subscription, about_one=not detail.by)
            )
            return {} if nothing else Missing(outcomes[key])
        if not (items or listed or detail.absent):
            outcomes[key] = Outcome(Status.FAILED, "Azure answered nothing where an object was due.")
            return Missing(outcomes[key])
        if not listed and items and _is_anothers(items[0], answer):
            outcomes[key] = Outcome(Status.FAILED, "Azure answered with what belongs to another resource.")
            return Missing(outcomes[key])
        if detail.by:
            outcomes[key] = Outcome()
            return {str(one.get(detail.by)).lower(): one for one in items}
        found: Json = {"value": items} if detail.many else (items[0] if items else {})
        why = detail.unknown_when({**answer, f"${detail.name}": found}) if detail.unknown_when else None
        outcomes[key] = Outcome(Status.FORBIDDEN, why) if why else Outcome()
        return Missing(outcomes[key]) if why else found
