"""An issue for each alert, in whatever tracker: made once, told of what follows, and closed with the alert.

Before an issue is made it is looked for by the mark it carries, so that a crash in the middle makes none twice; before
a comment is repeated it is looked for too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from loader.notify.channels.channel import NotDeliveredError
from loader.notify.document import Document, Kind
from loader.notify.message import Message
from loader.notify.notice import ENDS
from loader.notify.planning import Traits
from loader.notify.templates import Templates

# The receipt of alerts that have no issue of their own.
_OF_SUMMARY = "summary:"


class Tracker(Protocol):
    """Where issues are. An issue is named as the tracker does: `SEC-12`, `12`. form: of the texts it takes."""

    form: str

    def find(self, mark: str) -> str | None:
        """The issue that carries a mark."""

    def create(self, title: str, body: str, mark: str) -> str:
        """Makes one that carries a mark, and names it."""

    def comment(self, issue: str, body: str, mark: str, *, look: bool) -> None:
        """Adds a comment; where `look` is set only if there is none with this mark."""

    def close(self, issue: str) -> None:
        """Closes it, if it is open."""

    def reopen(self, issue: str) -> None:
        """Opens it again, if it is closed."""


class IssueChannel:
    """Tells a tracker of alerts."""

    traits = Traits(people=True, follows=True)

    def __init__(self, tracker: Tracker, templates: Templates, name: str) -> None:
        self._tracker, self._templates, self._name = tracker, templates, name

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Tells of each; a receipt is the issue."""
        return [self._send(one) for one in messages]

    def _send(self, message: Message) -> str:
        document, tracker = message.document, self._tracker
        if document.kind is not Kind.ALERT:
            return self._whole(document)
        mark = document.alerts[0].id
        known = message.receipt if not message.receipt.startswith(_OF_SUMMARY) else ""
        if document.event in ENDS and message.receipt and not known:
            return ""
        told = self._templates.render(tracker.form, document, self._name)
        if known:
            try:
                return self._follow(known, message, told.body)
            except NotDeliveredError as error:
                if not error.gone or self._find_again(mark, error) == known:
                    raise
        # It has none, or somebody has deleted it.
        issue = tracker.find(mark)
        if issue is not None:
            return self._follow(issue, message, told.body)
        return "" if document.event in ENDS else tracker.create(told.title, told.body, mark)

    def _find_again(self, mark: str, error: NotDeliveredError) -> str | None:
        """The issue with the mark. A tracker that tells nothing else either has lost us, and not the issue."""
        try:
            return self._tracker.find(mark)
        except NotDeliveredError:
            raise error from None

    def _follow(self, issue: str, message: Message, body: str) -> str:
        """Tells an issue what became of its alert."""
        document, tracker = message.document, self._tracker
        repeated = message.again or message.attempts > 0
        if not (repeated and document.event == "opened"):
            # What made the issue before it could be noted is no comment on it.
            tracker.comment(issue, body, message.id, look=repeated)
        if document.event in ENDS:
            tracker.close(issue)
        else:
            tracker.reopen(issue)
        return issue

    def _whole(self, document: Document) -> str:
        """An issue about many alerts, which ends by hand."""
        found = self._tracker.find(document.id)
        if found is None:
            told = self._templates.render(self._tracker.form, document, self._name)
            found = self._tracker.create(told.title, told.body, document.id)
        if document.kind is Kind.TEST:
            self._tracker.close(found)
            return found
        return _OF_SUMMARY + found
