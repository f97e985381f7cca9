"""A signed JSON document by POST: `docs/notify.md#webhooks` tells receivers how to check it.

The signature is HMAC-SHA256 (RFC 2104) over the time, a dot and the body, so that neither can be changed and an old
request cannot be played again. One message has one id, however often it comes.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence

from loader.notify.channels.http import Http
from loader.notify.document import SCHEMA
from loader.notify.hidden import parts_of
from loader.notify.message import Message
from loader.notify.planning import Traits

ID, TIME, SIGNATURE, FORM = "X-Azgraph-Id", "X-Azgraph-Timestamp", "X-Azgraph-Signature", "X-Azgraph-Schema"


class WebhookChannel:
    """Sends documents to an address. secret: what they are signed with."""

    traits = Traits(people=True)

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret.encode()
        self._http = Http(url, secrets=(secret, *parts_of(url)))

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Posts each; whoever gets one twice sees it by its id."""
        for message in messages:
            body, now = message.document.as_bytes(), str(int(time.time()))
            headers = {
                "Content-Type": "application/json",
                ID: message.id,
                TIME: now,
                SIGNATURE: f"v1={signature(self._secret, now, body)}",
                FORM: SCHEMA,
            }
            self._http.ask("POST", self._url, content=body, headers=headers)
        return [""] * len(messages)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What stands in the header, after `v1=`."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
