"""Running declared `Graph` calls with the typed builders of `msgraph-sdk`, and taking the answers' wire JSON.

The builders make the requests, next pages' aside; their adapter, its HTTP client and the models of answers are left
out, since all that they would do is done by the session's own sender.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from loader.azure.answers import Answer
from loader.azure.arguments import filled, sent
from loader.azure.challenge import challenge_in
from loader.azure.errors import AzureError, operation_of, refusal
from loader.azure.paging import Trail
from loader.azure.parsing import json_of
from loader.azure.transport.wire import Sender, WireAnswer, WireRequest
from loader.model import DELTA_FROM_NOW, DELTA_LINK, Graph, Json, Status

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from kiota_abstractions.request_information import RequestInformation

# Collections that are documented to give 999 objects a page; the default of 100 costs ten times the requests.
_LARGE_PAGES = frozenset(
    {"users", "groups", "service_principals", "applications", "members", "owners", "graph_service_principal"}
)
_LARGE_PAGE = 999
# With sign-in activity they give 500 at most: https://learn.microsoft.com/graph/api/user-list#optional-query-parameters
_SIGN_IN_PAGE = 500
# The members of directory roles come without pages, and those of administrative units in pages of their own size.
_NOT_LARGE = frozenset({"directory", "directory_roles"})
# What makes a request an advanced query, together with `$count=true`.
_EVENTUAL = ("ConsistencyLevel", "eventual")
# Without it Graph says `unknownFutureValue` for the younger members of its enumerations:
# https://learn.microsoft.com/graph/best-practices-concept
_YOUNGER_MEMBERS = ("Prefer", "include-unknown-enum-members")
# Where an argument goes into an address that is made for all parents; written so that no address needs it in other
# letters.
_MARK = "azgraph.argument."
_MARKED = re.compile(rf"{re.escape(_MARK)}(\d+)\.")


class GraphRunner:
    """Makes the Graph client when it is first used (its import is slow) and runs calls with it."""

    def __init__(self, sender: Sender, credential: AsyncTokenCredential, endpoint: str) -> None:
        self._sender = sender
        self._credential = credential
        self._endpoint = endpoint
        self._client: Any = None
        self._requests: dict[Graph, tuple[str, Mapping[str, str]]] = {}

    async def answers(self, call: Graph, parent: Json) -> AsyncGenerator[Answer]:
        """The answers to the call, page by page. Raises `AzureError` for refusals and broken paging."""
        url, headers = self._request(call, [str(sent(one, parent)) for one in call.args], parent)
        trail = Trail(operation_of(call))
        if call.since == DELTA_FROM_NOW:
            url = f"{url}&$deltatoken={DELTA_FROM_NOW}"
        elif call.since:
            # It was kept in the graph, where others may write; what another host tells is no word of Graph's.
            url = trail.to(url, call.since)
        while True:
            answer = await self._answer(url, headers, call)
            yield _with_delta_link(answer) if call.since else answer
            link = trail.after(answer)
            if link is None:
                return
            url, headers = link, dict([("Accept", "application/json"), _YOUNGER_MEMBERS])
            if call.advanced:
                headers |= dict([_EVENTUAL])

    def _request(self, call: Graph, args: list[str], parent: Json) -> tuple[str, Mapping[str, str]]:
        """A call's address and headers: the builders make them once, and those of each parent have other arguments."""
        if call.filter:
            return self._built(call, args, parent)
        if call not in self._requests:
            self._requests[call] = self._built(call, [f"{_MARK}{place}." for place in range(len(args))], parent)
        url, headers = self._requests[call]
        return _MARKED.sub(lambda found: quote(args[int(found[1])], safe=""), url), headers

    def _built(self, call: Graph, args: list[str], parent: Json) -> tuple[str, Mapping[str, str]]:
        builder = _walk(self._builders(), call, args)
        request: RequestInformation = builder.to_get_request_information(_configuration(builder, call, parent))
        request.path_parameters["baseurl"] = f"{self._endpoint}/{'beta' if call.beta else 'v1.0'}"
        request.headers.add(*_YOUNGER_MEMBERS)
        return str(request.url), dict(request.request_headers or {})

    async def _answer(self, url: str, headers: Mapping[str, str], call: Graph) -> Answer:
        answer = await self._signed(url, headers, batch=call.about_one)
        challenge = challenge_in(answer.headers) if answer.status == 401 else None
        if challenge is not None and challenge.claims:
            # Continuous access evaluation: the token must state something new.
            answer = await self._signed(url, headers, challenge.claims)
        if answer.status >= 300:
            raise refusal(answer.status, answer.body, call)
        return Answer(url, answer.status, json_of(answer.body))

    async def _signed(
        self, url: str, headers: Mapping[str, str], claims: str | None = None, *, batch: bool = False
    ) -> WireAnswer:
        sent = {"User-Agent": "azgraph", **headers}
        asked, own = urlsplit(url), urlsplit(self._endpoint)
        # The token goes to this host only, whatever a next link says.
        if asked.scheme == "https" and asked.hostname == own.hostname:
            scope = f"{self._endpoint}/.default"
            token = await self._credential.get_token(scope, claims=claims, enable_cae=True)
            sent["Authorization"] = f"Bearer {token.token}"
        return await self._sender.send(WireRequest("GET", url, sent, batch=batch))

    def _builders(self) -> Any:
        if self._client is None:
            from msgraph.generated.base_graph_service_client import BaseGraphServiceClient

            self._client = BaseGraphServiceClient(_NoAdapter(f"{self._endpoint}/v1.0"))
        return self._client


def _with_delta_link(answer: Answer) -> Answer:
    """A page of a delta query whose last item is the address for the next one, where that is told."""
    body = answer.body
    if not (isinstance(body, dict) and isinstance(body.get("value"), list) and body.get(DELTA_LINK)):
        return answer
    return replace(answer, body={**body, "value": [*body["value"], {DELTA_LINK: body[DELTA_LINK]}]})


class _NoAdapter:
    """Where the builders expect what sends their requests; they only ask it for the address of Graph."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def enable_backing_store(self, factory: object) -> None:
        """There are no models to store."""


def _walk(client: Any, call: Graph, args: list[str]) -> Any:
    """The request builder at the declared path; each `by_…` step takes the next argument."""
    builder, left = client, iter(args)
    for step in call.builder.split("."):
        builder = getattr(builder, step)
        if step.startswith("by_"):
            builder = builder(next(left))
    return builder


def _configuration(builder: Any, call: Graph, parent: Json) -> Any:
    """The request configuration with those of the declared query options that this builder has."""
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from kiota_abstractions.headers_collection import HeadersCollection

    chosen = filled(call.filter, parent) if call.filter else None
    wanted: dict[str, Any] = {"select": list(call.select), "expand": list(call.expand), "filter": chosen}
    headers = HeadersCollection()
    if call.advanced:
        wanted["count"] = True
        headers.add(*_EVENTUAL)
    steps = call.builder.split(".")
    if steps[-1] in _LARGE_PAGES and steps[0] not in _NOT_LARGE:
        wanted["top"] = _SIGN_IN_PAGE if "signInActivity" in call.select else _LARGE_PAGE
    wanted["top"] = call.top or wanted.get("top")
    parameters = _query_class(builder)
    known: Mapping[str, Any] = getattr(parameters, "__dataclass_fields__", {})
    if call.filter and "filter" not in known:
        raise AzureError(Status.FAILED, f"{operation_of(call)} takes no filter. Report this as a fault of azgraph.")
    used = {name: value for name, value in wanted.items() if value and name in known}
    if parameters is None or not used:
        return None
    return RequestConfiguration(headers=headers, query_parameters=parameters(**used))


def _query_class(builder: Any) -> Any:
    names = (name for name in vars(type(builder)) if name.endswith("GetQueryParameters"))
    return next((getattr(type(builder), name) for name in names), None)
