"""What a good answer to a call looks like: a list is a list, an object is an object, everything else is a failure.

What is due decides, never what came: an empty body, `null`, `{}` or an error under status 200 is no empty list. Azure
Resource Manager's lists are `{"value": […], "nextLink": …}`, and some old ones a bare array; Microsoft Graph's and Key
Vault's are of the same form. Sources: https://azure.github.io/typespec-azure/docs/libraries/azure-resource-manager/rules/list-response-envelope/
and https://learn.microsoft.com/graph/paging. That Azure sometimes answers `null` where a list is due, and that this is
a fault of the service: https://github.com/Azure/azure-rest-api-specs/issues/26734
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from loader.azure.errors import AzureError, by_small_names, code_and_message, short_message
from loader.azure.parsing import bytes_of
from loader.model import Json, Status

_OBJECT = "an object"
_OK = 200
_NO_CONTENT = 204
# What stands beside `@odata.…` in the envelope of a list, in lower case.
_OF_A_LIST = frozenset({"value", "nextlink", "count"})
# What names the rest of a list, in Azure Resource Manager, Graph and Resource Graph.
_OF_MORE = re.compile("nextlink|skiptoken", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One successful answer as it came over the wire. body: its JSON; None where it was empty."""

    url: str
    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Items:
    """What one page of a list holds. odd: how many more items it has that are no objects."""

    objects: list[Json]
    odd: int = 0


class Reading:
    """One call's answers, page by page, held to what is due. what: the call, for sentences; one: an object is due;
    some: the list is never empty.

    pages: how many good ones came. An item that is no object costs itself only: the others are given, and `close`
    raises, since the list is not whole. A page that came before is none: who does not heed the place in the list gives
    its beginning for ever, or as if that were the rest.
    """

    def __init__(self, what: str, *, one: bool, some: bool = False) -> None:
        self._what, self._one, self._some = what, one, some
        self._odd = self._items = 0
        self._came: set[bytes] = set()
        self.pages = 0

    def take(self, answer: Answer) -> list[Json]:
        """The items of one answer. Raises `AzureError` where it is not what is due."""
        if self._one:
            found = object_of(answer, self._what)
            items = Items([found] if found is not None else [])
        else:
            items = items_of(answer, self._what)
            if self.pages or _goes_on(answer.body):
                self._refuse_again(items.objects)
        self.pages += 1
        self._odd += items.odd
        self._items += items.odd + len(items.objects)
        return items.objects

    def close(self) -> None:
        """Ends the call. Raises `AzureError` where items were left out, or there are none where there always are."""
        if self._some and not self._items:
            raise AzureError(
                Status.FAILED,
                f"{self._what}: Azure answered an empty list, which this one never is. What is stored was kept; run "
                "azgraph once more.",
            )
        if self._odd:
            raise AzureError(
                Status.FAILED,
                f"{self._what}: {self._odd} of {self._items} items are empty or no objects; the others were loaded. "
                "Run azgraph once more.",
            )

    def _refuse_again(self, objects: list[Json]) -> None:
        # Whoever takes the objects writes into them, so they cannot be kept to be compared.
        page = blake2b(bytes_of(objects), digest_size=16).digest()
        if objects and page in self._came:
            raise repeated(self._what)
        self._came.add(page)


def repeated(what: str) -> AzureError:
    """How a list ends of which a page comes again. what: the call, for the sentence."""
    return AzureError(Status.FAILED, f"{what}: Azure repeats a page, so the list has no end. Run again.")


def items_of(answer: Answer, what: str) -> Items:
    """The items of a page of a list. what: the call, for sentences. Raises `AzureError` where the answer is no list."""
    listed = _listed(answer.body)
    if answer.status != _OK or listed is None or has_error(answer.body):
        raise _not_due(answer, what, "a list")
    objects = [item for item in listed if isinstance(item, dict) and item]
    return Items(objects, len(listed) - len(objects))


def object_of(answer: Answer, what: str) -> Json | None:
    """The object of an answer; None where Azure says that there is none (204). Raises `AzureError` for all else."""
    if answer.status == _NO_CONTENT:
        return None
    body = answer.body
    if answer.status != _OK or not isinstance(body, dict) or not body or has_error(body) or _is_list(body):
        raise _not_due(answer, what, _OBJECT)
    return body


def is_empty_page(body: Any) -> bool:
    """Whether a page of a list has no items, as Azure's filtered lists have them in the middle."""
    return not _listed(body)


def has_error(body: Any) -> bool:
    """Whether a body under a status of success is a refusal all the same: `{"error": …}`, `{"errors": […]}` or
    `{"code", "message"}`, also beside a list. An object that has an id may have such fields of its own.

    App Service writes these names with capitals, and gateways before Azure call the code so too:
    https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies
    """
    if not isinstance(body, dict):
        return False
    told = by_small_names(body)
    coded = "message" in told and not {"code", "statuscode"}.isdisjoint(told)
    return bool(told.get("error")) or ((coded or bool(told.get("errors"))) and "id" not in told)


def _listed(body: Any) -> list[Any] | None:
    listed = body.get("value") if isinstance(body, dict) else body
    return listed if isinstance(listed, list) else None


def _goes_on(body: Any) -> bool:
    return isinstance(body, dict) and any(_OF_MORE.search(name) for name in body)


def _is_list(body: Json) -> bool:
    """Whether a body is a list and nothing else: the object that was asked for would say that it has nothing at all."""
    around = [name for name in body if name.lower() not in _OF_A_LIST and not name.startswith("@")]
    return isinstance(body.get("value"), list) and not around


def _not_due(answer: Answer, what: str, due: str) -> AzureError:
    came, status = "nothing" if answer.body is None else "something else", Status.FAILED
    if has_error(answer.body):
        code, message = code_and_message(answer.body)
        came = f"an error ({': '.join(one for one in (code[:80], short_message(message)) if one) or 'unnamed'})"
    elif due == _OBJECT and _listed(answer.body) == []:
        # Of something that Azure keeps no such object of; a second run would hear the same.
        came, status = "an empty list", Status.UNAVAILABLE
    under = f" under status {answer.status}" if answer.status != _OK else ""
    return AzureError(
        status,
        f"{what}: Azure answered {came}{under} where {due} was due. What is stored was kept; run azgraph once more.",
        http_status=answer.status,
    )
