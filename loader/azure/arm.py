"""Running declared `Arm` and `Vault` calls with the official SDK clients, and taking the wire JSON of their answers.

The SDK makes the requests, those for the next pages too, and there its part ends: they are signed and sent by azgraph,
and what Azure answered is taken as it came, because the SDKs' models drop the properties they do not know.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from urllib.parse import quote

from azure.core.credentials_async import AsyncTokenCredential

from loader.azure.answers import Answer
from loader.azure.arguments import resolve, sent
from loader.azure.errors import AzureError, operation_of, refusal
from loader.azure.paging import Trail
from loader.azure.parsing import json_of
from loader.azure.sdk import bound, client_class
from loader.azure.signing import ArmSignIn
from loader.azure.transport.requests import TAKING, request_of, wire_request
from loader.azure.transport.wire import Sender, WireRequest
from loader.azure.vaults import VaultSignIn
from loader.model import AnyCall, Arm, Json, Status, Vault

# What clients are made for: a call puts the subscription or the vault that it is about in the place of these.
_NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_NO_VAULT = "https://no.vault.invalid"


@dataclass(slots=True)
class _Client:
    """An SDK client with those of its operations that were looked at: some SDKs make them anew each time.

    kind: its class, of which there is another once calls name more of its operations.
    """

    kind: Any
    made: Any
    operations: dict[str, Any] = field(default_factory=dict)

    def operation(self, path: str) -> Any:
        found = self.operations.get(path)
        if found is None:
            found = self.operations[path] = bound(self.made, path)
        return found


class ArmRunner:
    """Makes SDK clients, one of each class, and runs calls with them.

    A client for each subscription and each vault would be the same but for a part of the addresses of its requests, and
    those of one subscription together take a megabyte and a half.
    """

    def __init__(self, sender: Sender, credential: AsyncTokenCredential, endpoint: str) -> None:
        self._credential = credential
        self._endpoint = endpoint
        self._clients: dict[tuple[str, str], _Client] = {}
        self._arm, self._vaults = ArmSignIn(sender, credential, endpoint), VaultSignIn(sender, credential)

    async def answers(self, call: Arm | Vault, subscription: str | None, parent: Json) -> AsyncGenerator[Answer]:
        """The answers to the call, page by page. Raises `AzureError` for refusals and broken paging, and what the SDK
        and the sender raise.

        A page is given before the address of the next one is looked at, so that a bad one costs no page that came.
        """
        target = self._client(call).operation(call.operation)
        vault = resolve(call.endpoint, parent).strip(" /") if isinstance(call, Vault) else None
        args = [sent(one, parent) for one in call.args] if isinstance(call, Arm) else []
        named = call.kwargs if isinstance(call, Arm) else {}
        kwargs = {name: sent(one, parent) for name, one in named.items()}
        trail = Trail(operation_of(call))
        requests = _Requests(target, args, kwargs)
        link: str | None = None
        while True:
            answer = await self.send(_about(subscription, vault, await requests.page(link)), call)
            yield answer
            link = trail.after(answer)
            if link is None:
                return

    async def send(self, request: WireRequest, call: AnyCall) -> Answer:
        """The good answer to a request of a call. Raises `AzureError` for a refusal."""
        sign_in = self._vaults if isinstance(call, Vault) else self._arm
        answer = await sign_in.send(request)
        if not 200 <= answer.status < 300:
            raise refusal(answer.status, answer.body, call)
        return Answer(request.url, answer.status, json_of(answer.body))

    def _client(self, call: Arm | Vault) -> _Client:
        version = call.api_version or "" if isinstance(call, Arm) else ""
        key, kind = (call.client, version), client_class(call.client)
        client = self._clients.get(key)
        if client is None or client.kind is not kind:
            client = self._clients[key] = _Client(kind, self._make(kind, call))
        return client

    def _make(self, kind: Any, call: Arm | Vault) -> Any:
        options: dict[str, Any] = {"credential": self._credential, "pipeline": TAKING, "policies": []}
        if isinstance(call, Vault):
            return kind(vault_url=_NO_VAULT, **options)
        if call.api_version:
            options["api_version"] = call.api_version
        if _is_of_subscription(kind):
            options["subscription_id"] = _NO_SUBSCRIPTION
        return kind(base_url=self._endpoint, **options)


@cache
def _is_of_subscription(client: Any) -> bool:
    return "subscription_id" in inspect.signature(client).parameters


def _about(subscription: str | None, vault: str | None, request: WireRequest) -> WireRequest:
    """The request with the id of the subscription, or the address of the vault, that it is about."""
    url = request.url
    if subscription is not None:
        there = f"/subscriptions/{quote(subscription, safe='')}"
        url = url.replace(f"/subscriptions/{_NO_SUBSCRIPTION}", there, 1)
    if vault is not None and url.startswith(_NO_VAULT):
        url = f"{vault}{url.removeprefix(_NO_VAULT)}"
    return request if url == request.url else replace(request, url=url)


class _Requests:
    """The requests of one SDK operation with its arguments, page by page."""

    def __init__(self, operation: Any, args: list[str | Json], kwargs: Mapping[str, str | Json]) -> None:
        self._result = operation(*args, **kwargs)
        self._paged = hasattr(self._result, "by_page")

    async def page(self, link: str | None) -> WireRequest:
        """The request for the page at the link, for the first one without. Raises what the SDK raises."""
        if link is not None and not self._paged:
            # Single answers may have a next page too, of which their SDK knows nothing.
            return wire_request("GET", link, {"Accept": "application/json"})
        request = await request_of(anext(self._result.by_page(link)) if self._paged else self._result)
        if request is None:
            raise AzureError(Status.FAILED, "The SDK made no request. Report this as a fault of azgraph.")
        return request
