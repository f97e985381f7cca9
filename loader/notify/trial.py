"""A trial: the message that shows that a channel works."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from loader.config.notify import Channel
from loader.errors import AzgraphError
from loader.notify.channels.channel import NotDeliveredError
from loader.notify.document import AlertFacts, Document, EntityFacts, Kind, RuleFacts
from loader.notify.message import Message
from loader.notify.sending import Post


def trial(post: Post, channel: Channel, route: str, now: datetime | None = None) -> str | None:
    """Sends a trial; gives why it did not arrive, as a sentence, or None where it did."""
    message = Message(_document(route, now or datetime.now(UTC)))
    try:
        post.opened(channel).send([message])
    except (NotDeliveredError, AzgraphError) as error:
        return str(error).rstrip(".")
    return None


def _document(route: str, at: datetime) -> Document:
    name = uuid.uuid4().hex
    alert = AlertFacts(
        id=name,
        event="opened",
        rule=RuleFacts(id="trial", title="A trial"),
        severity="info",
        state="open",
        title="This is a trial of azgraph; nothing has happened",
        entity=EntityFacts(key="trial", type="trial", name="trial"),
        opened_at=at,
    )
    return Document(
        id=name,
        kind=Kind.TEST,
        event="opened",
        at=at,
        route=route,
        total=1,
        severities={"info": 1},
        events={"opened": 1},
        rules={"trial": 1},
        alerts=(alert,),
    )
