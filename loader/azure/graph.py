"""Running declared `Graph` calls with the typed builders of `msgraph-sdk`, and taking the answers' wire JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

import httpx

from loader.azure.answers import Answer
from loader.azure.arguments import resolve
from loader.azure.errors import AzureError, operation_of, refusal
from loader.azure.paging import Trail
from loader.azure.transport.graph_httpx import GraphTransport
from loader.azure.transport.wire import Sender
from loader.model import Graph, Json, Status

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


class GraphRunner:
    """Makes the Graph client when it is first used (its import is slow) and runs calls with it."""

    def __init__(self, sender: Sender, credential: AsyncTokenCredential, endpoint: str) -> None:
        self._sender = sender
        self._credential = credential
        self._endpoint = endpoint
        self._http: httpx.AsyncClient | None = None
        self._made: tuple[Any, Any] | None = None

    async def answers(self, call: Graph, parent: Json) -> AsyncGenerator[Answer]:
        """The answers to the call, page by page. Raises `AzureError` for refusals and broken paging."""
        from kiota_abstractions.method import Method
        from kiota_abstractions.request_information import RequestInformation

        client, adapter = self._client()
        builder = _walk(client, call, [resolve(one, parent) for one in call.args])
        request: RequestInformation = builder.to_get_request_information(_configuration(builder, call))
        if call.beta:
            request.path_parameters["baseurl"] = f"{self._endpoint}/beta"
            request.url = request.url
        trail = Trail(operation_of(call))
        while True:
            request.headers.add(*_YOUNGER_MEMBERS)
            answer = await self._answer(adapter, request, call)
            yield answer
            link = trail.after(answer)
            if link is None:
                return
            request = RequestInformation(Method.GET)
            request.headers.add("Accept", "application/json")
            if call.advanced:
                request.headers.add(*_EVENTUAL)
            request.url = link

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _answer(self, adapter: Any, request: RequestInformation, call: Graph) -> Answer:
        from kiota_abstractions.native_response_handler import NativeResponseHandler
        from kiota_http.middleware.options import ResponseHandlerOption

        # With the native handler the adapter gives the HTTP response itself: its refusals keep their status and code.
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        response: httpx.Response = await adapter.send_primitive_async(request, "bytes", {})
        if response.status_code >= 300:
            raise refusal(response.status_code, response.content, call)
        body = json.loads(response.content) if response.content.strip() else None
        return Answer(str(response.request.url), response.status_code, body)

    def _client(self) -> tuple[Any, Any]:
        if self._made is None:
            from kiota_authentication_azure.azure_identity_authentication_provider import (
                AzureIdentityAuthenticationProvider,
            )
            from msgraph.graph_request_adapter import GraphRequestAdapter
            from msgraph.graph_service_client import GraphServiceClient

            # The token goes to this host only, whatever a next link says.
            signing = AzureIdentityAuthenticationProvider(
                self._credential,
                scopes=[f"{self._endpoint}/.default"],
                allowed_hosts=[httpx.URL(self._endpoint).host],
            )
            # A plain client: the SDK's default middleware would retry and redirect with numbers of its own.
            self._http = httpx.AsyncClient(transport=GraphTransport(self._sender))
            adapter = GraphRequestAdapter(signing, client=self._http)
            adapter.base_url = f"{self._endpoint}/v1.0"
            self._made = GraphServiceClient(request_adapter=adapter), adapter
        return self._made


def _walk(client: Any, call: Graph, args: list[str]) -> Any:
    """The request builder at the declared path; each `by_…` step takes the next argument."""
    builder, left = client, iter(args)
    for step in call.builder.split("."):
        builder = getattr(builder, step)
        if step.startswith("by_"):
            builder = builder(next(left))
    return builder


def _configuration(builder: Any, call: Graph) -> Any:
    """The request configuration with those of the declared query options that this builder has."""
    from kiota_abstractions.base_request_configuration import RequestConfiguration
    from kiota_abstractions.headers_collection import HeadersCollection

    wanted: dict[str, Any] = {"select": list(call.select), "expand": list(call.expand), "filter": call.filter}
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
