"""Running declared `Arm` and `Vault` calls with the official SDK clients, and taking the wire JSON of their answers.

The SDK builds the requests, those for the next pages too; what Azure answered is taken from the HTTP response itself,
because the SDKs' models drop the properties they do not know. There the SDK's part ends: nothing is made of an answer
that nobody reads.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import (
    ContentDecodePolicy,
    CustomHookPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    UserAgentPolicy,
)
from azure.core.rest import HttpRequest
from azure.mgmt.core import AsyncARMPipelineClient
from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

from loader.azure.answers import Answer
from loader.azure.arguments import resolve, sent
from loader.azure.errors import AzureError, operation_of
from loader.azure.paging import Trail
from loader.azure.parsing import json_of
from loader.azure.sdk import bound, client_class
from loader.azure.transport.azure_core import CoreTransport
from loader.azure.transport.wire import Sender
from loader.azure.vaults import VaultSignIn
from loader.model import Arm, Json, Status, Vault

# Clients that want a subscription although the call is not about one.
_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
# Of eight subscriptions that are loaded at a time, and of vaults. A client that is in use lives on without us.
_MOST_CLIENTS = 400


class ArmRunner:
    """Makes SDK clients, one for each client class and subscription, keeps the latest, and runs calls with them."""

    def __init__(self, sender: Sender, credential: AsyncTokenCredential, endpoint: str) -> None:
        self._credential = credential
        self._endpoint = endpoint
        self._transport = CoreTransport(sender)
        self._clients: dict[tuple[str, str, str], Any] = {}
        # The pipelines are ours, not the SDKs' default ones: those register resource providers when a list answers
        # 409, follow redirects, and retry with numbers of their own.
        before = [RequestIdPolicy(), HeadersPolicy(), UserAgentPolicy("azgraph"), ContentDecodePolicy()]
        signing = AsyncARMChallengeAuthenticationPolicy(credential, f"{endpoint}/.default")
        self._policies = [*before, signing, CustomHookPolicy()]
        self._vault_policies = [*before, VaultSignIn(credential), CustomHookPolicy()]
        self._plain: AsyncARMPipelineClient[Any, Any] = AsyncARMPipelineClient(
            base_url=endpoint, policies=self._policies, transport=self._transport
        )

    async def answers(self, call: Arm | Vault, subscription: str | None, parent: Json) -> AsyncGenerator[Answer]:
        """The answers to the call, page by page. Raises what the SDK raises, and `AzureError` for broken paging.

        A page is given before the address of the next one is looked at, so that a bad one costs no page that came.
        """
        client = self._client(call, subscription, parent)
        target = bound(client, call.operation)
        args = [sent(one, parent) for one in call.args] if isinstance(call, Arm) else []
        named = call.kwargs if isinstance(call, Arm) else {}
        kwargs = {name: sent(one, parent) for name, one in named.items()}
        trail = Trail(operation_of(call))
        called = _Called(target, args, kwargs)
        link: str | None = None
        while True:
            # Single answers may have a next page too, of which their SDK knows nothing.
            follows = link is not None and not called.pages
            answer = await (self.send(HttpRequest("GET", str(link))) if follows else called.page(link))
            yield answer
            link = trail.after(answer)
            if link is None:
                return

    async def send(self, request: HttpRequest) -> Answer:
        """The good answer to a request that no SDK makes. Raises what the SDKs raise for others."""
        try:
            response = await self._plain.send_request(request, raw_response_hook=_take)
        except _Taken as taken:
            return taken.answer
        raise HttpResponseError(response=response)

    def _client(self, call: Arm | Vault, subscription: str | None, parent: Json) -> Any:
        if isinstance(call, Vault):
            place, version = resolve(call.endpoint, parent), ""
        else:
            place, version = subscription or _NO_SUBSCRIPTION, call.api_version or ""
        key = (call.client, place.lower(), version)
        # The one that was used last stands last.
        client = self._clients.pop(key, None) or self._make(call, place)
        self._clients[key] = client
        if len(self._clients) > _MOST_CLIENTS:
            del self._clients[next(iter(self._clients))]
        return client

    def _make(self, call: Arm | Vault, place: str) -> Any:
        made = client_class(call.client)
        if isinstance(call, Vault):
            return made(
                vault_url=place,
                credential=self._credential,
                transport=self._transport,
                policies=self._vault_policies,
            )
        options: dict[str, Any] = {
            "base_url": self._endpoint,
            "transport": self._transport,
            "policies": self._policies,
        }
        if call.api_version:
            options["api_version"] = call.api_version
        if "subscription_id" in inspect.signature(made).parameters:
            options["subscription_id"] = place
        return made(credential=self._credential, **options)


class _Taken(Exception):  # noqa: N818 - it ends the SDK's part, and is no error
    """A good answer came: what the SDK would make of it is not needed."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class _Called:
    """One SDK operation with its arguments, whose pages are asked for one by one. pages: whether the SDK has pages."""

    def __init__(self, operation: Any, args: list[str | Json], kwargs: Mapping[str, str | Json]) -> None:
        self._result = operation(*args, **kwargs, raw_response_hook=_take)
        self.pages = hasattr(self._result, "by_page")

    async def page(self, link: str | None) -> Answer:
        """The page at the link, the first one without. Raises what the SDK raises."""
        try:
            await (anext(self._result.by_page(link)) if self.pages else self._result)
        except _Taken as taken:
            return taken.answer
        raise AzureError(Status.FAILED, "The SDK handed on no answer. Report this as a fault of azgraph.")


def _take(response: PipelineResponse[Any, Any]) -> None:
    """A response hook that takes the JSON of each successful answer; refusals stay with the SDK's own errors."""
    http = response.http_response
    if not 200 <= http.status_code < 300:
        return
    raise _Taken(Answer(str(http.request.url), http.status_code, json_of(http.content)))
