"""Messages: deliveries that are told together, as the document that is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loader.notify.deliveries import Delivery
from loader.notify.document import MOST_ALERTS, Document, Kind
from loader.verdicts import Severity


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. again: it may have arrived before. receipt: what the channel made for the alert before."""

    document: Document
    again: bool = False
    receipt: str = ""
    attempts: int = 0

    @property
    def id(self) -> str:
        """Names it for good."""
        return self.document.id


def messages_of(planned: Iterable[Delivery]) -> list[Message]:
    """The messages of planned deliveries, in the order in which their first ones happened."""
    groups: dict[str, list[Delivery]] = {}
    for one in planned:
        groups.setdefault(one.message, []).append(one)
    return [
        Message(
            document(name, group[0].kind, group),
            again=any(one.again for one in group),
            receipt=group[0].receipt if group[0].kind is Kind.ALERT else "",
            attempts=max(one.attempts for one in group),
        )
        for name, group in groups.items()
    ]


def document(name: str, kind: Kind, group: Sequence[Delivery]) -> Document:
    """What a message says of these deliveries, which are at least one."""
    events = Counter(one.notice.event for one in group)
    severities = Counter(one.notice.facts.severity for one in group)
    rules = Counter(one.notice.rule for one in group)
    worst = sorted(
        group, key=lambda one: (Severity(one.notice.facts.severity).rank, one.notice.at, one.notice.facts.title, one.id)
    )
    return Document(
        id=name,
        kind=kind,
        event=next(iter(events)) if len(events) == 1 else "several",
        at=max(one.notice.at for one in group),
        route=group[0].route,
        total=len(group),
        severities={str(one): severities[str(one)] for one in Severity if severities[str(one)]},
        events=dict(sorted(events.items())),
        rules=dict(rules.most_common(MOST_ALERTS)),
        alerts=tuple(one.notice.facts for one in worst[:MOST_ALERTS]),
    )
