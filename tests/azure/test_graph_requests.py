"""Requests of Microsoft Graph are those of the SDK's builders, whatever an id is made of."""

from __future__ import annotations

import pytest
from msgraph.generated.base_graph_service_client import BaseGraphServiceClient

from loader import services
from loader.azure import sessions
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.transport.wire import WireAnswer, WireRequest
from loader.model import Graph, Json
from tests.azure.contoso import GRAPH

HOSTILE = ["g-1", "a b/c", "'o\"`?#&=%20+", "azgraph.argument.0.", "~-._", "日本 ü"]
CALLS = [
    call
    for one in services.entity_types().values()
    for call in (one.fetch, *(detail.call for detail in one.details))
    if isinstance(call, Graph) and call.args and not call.filter
]


class _NoAdapter:
    base_url = GRAPH

    def enable_backing_store(self, factory: object) -> None: ...


async def asked(session: AzureSession, call: Graph, argument: str) -> str:
    """The address that is asked for an object, without its options."""
    sent: list[str] = []

    async def send(request: WireRequest) -> WireAnswer:
        sent.append(request.url)
        return WireAnswer(404, {}, b"{}")

    session._traffic._sender.send = send  # type: ignore[method-assign]
    parent: Json = {"id": argument, "appId": argument, "@each": argument}
    with pytest.raises(AzureError):
        _ = [page async for page in session.pages(call, subscription=None, parent=parent)]
    return sent[0].partition("?")[0]


def built(call: Graph, argument: str) -> str:
    """The same by the SDK."""
    builder = BaseGraphServiceClient(_NoAdapter())  # type: ignore[arg-type]
    for step in call.builder.split("."):
        builder = getattr(builder, step)
        if step.startswith("by_"):
            builder = builder(argument)
    request = builder.to_get_request_information()
    request.path_parameters["baseurl"] = GRAPH.replace("v1.0", "beta") if call.beta else GRAPH
    return str(request.url).partition("?")[0]


async def test_a_calls_address_is_the_builders_for_any_id() -> None:
    async with sessions.exchanges([]) as session:
        for call in CALLS:
            for argument in HOSTILE:
                assert await asked(session, call, argument) == built(call, argument), call.builder
