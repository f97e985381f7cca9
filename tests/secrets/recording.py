"""Recording exchanges as a session would, without its SDKs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from loader.azure.transport.record import Recording, RecordingSender
from loader.azure.transport.wire import Exchange, WireAnswer, WireRequest
from loader.recordings import recording_into


class _Answering:
    """A sender that gives the answer of the exchange that is asked next."""

    next = Exchange.of_json("https://x/", {})

    async def send(self, request: WireRequest) -> WireAnswer:
        body = self.next.body
        headers = {**self.next.headers, "location": "https://x/?code=Pl4ntedInLocation1", "x-ms-request-id": "1"}
        return WireAnswer(self.next.status, headers, body.encode() if isinstance(body, str) else body)

    async def close(self) -> None: ...


async def record(exchanges: Iterable[Exchange], folder: Path) -> Recording:
    """Records the exchanges into a folder, cleaned by all that the services declare."""
    sender, recording = _Answering(), recording_into(folder)
    recorder = RecordingSender(sender, recording)
    for one in exchanges:
        sender.next = one
        posted = one.request_body.encode() if isinstance(one.request_body, str) else one.request_body
        await recorder.send(WireRequest(one.method, one.url, {"authorization": "Bearer x"}, posted))
    return recording
