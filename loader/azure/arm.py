"""Running declared `Arm` and `Vault` calls with the official SDK clients, and taking the wire JSON of their answers.

The SDK builds the requests and follows the pages; what Azure answered is taken from the HTTP response itself, because
the SDKs' models drop the properties they do not know.
"""

from __future__ import annotations

import importlib
import inspect
import json
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
from loader.azure.arguments import resolve
from loader.azure.errors import AzureError, operation_of
from loader.azure.paging import Trail
from loader.azure.transport.azure_core import CoreTransport
from loader.azure.transport.wire import Sender
from loader.azure.vaults import VaultSignIn
from loader.model import Arm, Json, Status, Vault

# Clients that want a subscription although the call is not about one.
_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


class ArmRunner:
    """Makes and keeps SDK clients, one for each client class and subscription, and runs calls with them."""

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
        target: Any = client
        for name in call.operation.split("."):
            target = getattr(target, name)
        args = [resolve(one, parent) for one in call.args] if isinstance(call, Arm) else []
        named = call.kwargs if isinstance(call, Arm) else {}
        kwargs = {name: resolve(one, parent) for name, one in named.items()}
        trail = Trail(operation_of(call))
        link: str | None = None
        async for answer in _driven(target, args, kwargs):
            yield answer
            link = trail.after(answer)
        # Some operations end although Azure named a next page: single answers, and models that choke on old shapes.
        while link is not None:
            answer = await self._follow(link)
            yield answer
            link = trail.after(answer)

    async def _follow(self, link: str) -> Answer:
        taken: list[Answer] = []
        response = await self._plain.send_request(HttpRequest("GET", link), raw_response_hook=_taker(taken))
        if not taken:
            raise HttpResponseError(response=response)
        return taken[-1]

    def _client(self, call: Arm | Vault, subscription: str | None, parent: Json) -> Any:
        if isinstance(call, Vault):
            place, version = resolve(call.endpoint, parent), ""
        else:
            place, version = subscription or _NO_SUBSCRIPTION, call.api_version or ""
        key = (call.client, place.lower(), version)
        if key not in self._clients:
            self._clients[key] = self._make(call, place)
        return self._clients[key]

    def _make(self, call: Arm | Vault, place: str) -> Any:
        module, _, name = call.client.partition(":")
        client_class = getattr(importlib.import_module(module), name)
        if isinstance(call, Vault):
            return client_class(
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
        if "subscription_id" in inspect.signature(client_class).parameters:
            options["subscription_id"] = place
        return client_class(credential=self._credential, **options)


async def _driven(operation: Any, args: list[str], kwargs: Mapping[str, str]) -> AsyncGenerator[Answer]:
    """The answers of an SDK operation, page by page, as long as the SDK itself goes on."""
    taken: list[Answer] = []
    result = operation(*args, **kwargs, raw_response_hook=_taker(taken))
    pager = result.by_page() if hasattr(result, "by_page") else None
    while True:
        before = len(taken)
        try:
            await (anext(pager) if pager is not None else result)
        except StopAsyncIteration:
            return
        except Exception:
            # The answer came whole but the SDK's model cannot read it: recorded shapes are older than the models.
            if len(taken) == before:
                raise
            yield taken[-1]
            return
        if len(taken) == before:
            raise AzureError(Status.FAILED, "The SDK handed on no answer. Report this as a fault of azgraph.")
        yield taken[-1]
        if pager is None:
            return


def _taker(taken: list[Answer]) -> Any:
    """A response hook that keeps the JSON of each successful answer; refusals stay with the SDK's own errors."""

    def take(response: PipelineResponse[Any, Any]) -> None:
        http = response.http_response
        if not 200 <= http.status_code < 300:
            return
        text = http.text()
        taken.append(Answer(str(http.request.url), http.status_code, json.loads(text) if text.strip() else None))

    return take
