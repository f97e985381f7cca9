"""Mail, Slack, Teams and a hundred more by Apprise (https://appriseit.com): where to is one URL, which is a secret.

Apprise tells that a service has not taken something, and not whether a broken connection took it all the same; so what
may have left before a crash, or over a connection of the web that broke before the answer came, is left, and told of as
unsure. Of mails it tells no such thing: a server that says nothing is tried again.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from loader.notify.channels.channel import NotDeliveredError, UnclearError
from loader.notify.document import Document, Kind, cut
from loader.notify.hidden import parts_of, without
from loader.notify.message import Message
from loader.notify.notice import ENDS
from loader.notify.planning import Traits
from loader.notify.templates import Rendered, Templates

# Of a service that takes less each message rings a telephone or opens an incident: of those there is one, cut.
_LEAST_IN_PIECES = 2_000
# Where Apprise knows of less than there is. Teams takes 28 KB with all that is around the text:
# https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
_ROOM = {"NotifyWorkflows": 12_000}
# What Apprise calls our severities; of it services make their own (PagerDuty: critical, warning, info). What is not
# here, and what is over, is `info`: as `success` some services would end whatever incident they have of us.
_TYPES = {"critical": "failure", "high": "failure", "medium": "warning"}
# How Apprise tells of an error of requests (apprise.plugins, at DEBUG), and those that come once a request has left:
# its answer was awaited for too long, or the connection ended before it.
_SOCKET = "Socket Exception"
_BROKEN = re.compile(r"Read timed out|Connection aborted|RemoteDisconnected|IncompleteRead|Connection broken")
# Seconds; Apprise's own four (apprise.url.URLBase) are few for what rings a telephone, and would have it ring again. Of
# mails the first is for every answer of the server.
_TIMEOUT = 30.0
# They take what is `info` for a note on an alert of theirs, have none from an earlier process, and tell us that all is
# well (apprise.plugins.opsgenie, .jira: `send`). So each message is a new one, unless the address has it otherwise.
_NOTES = ("NotifyOpsgenie", "NotifyJira")


class AppriseChannel:
    """Sends texts to one Apprise URL."""

    traits = Traits(people=True, sends_again=False)

    def __init__(self, url: str, templates: Templates, name: str) -> None:
        self._url, self._templates, self._name = url, templates, name
        self._service = _service(url)

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Sends each in the form of text that the service has for its own, so that nothing is converted."""
        import apprise

        for message in messages:
            form = self._form()
            told = self._templates.render(form, message.document, self._name)
            caller = apprise.Apprise()
            caller.add(self._service)
            with _overheard() as said:
                body = self._fitting(told, form)
                taken = caller.notify(
                    title=told.title,
                    body=body,
                    body_format=apprise.NotifyFormat(form),
                    notify_type=apprise.NotifyType(_type_of(message.document)),
                )
            if not taken:
                if any(_BROKEN.search(one) for one in said.inside):
                    raise UnclearError("the connection broke, or its time was over, before the service answered")
                why = without(parts_of(self._url), " ".join(said.aloud))
                raise NotDeliveredError(f"the service did not take it{': ' + why if why else ''}")
        return [""] * len(messages)

    def _fitting(self, told: Rendered, form: str) -> str:
        """The text, with a mark where it is cut: Apprise cuts without a word."""
        service = self._service
        if form == "html" or service.overflow_mode.value != "truncate":
            return told.body
        # A service without titles has it as the first line of its text.
        title = len(told.title) + 2 if service.title_maxlen <= 0 else 0
        return cut(told.body, max(service.body_maxlen - title, 1))

    def _form(self) -> str:
        """HTML where it is the service's first choice; else plain text, in which the least can go wrong."""
        from apprise import NotifyFormat

        if self._service.resolve_format(None) is NotifyFormat.HTML:
            return "html"
        return str(self._service.resolve_format(NotifyFormat.TEXT).value)


def _type_of(document: Document) -> str:
    """By the worst alert of a message that is news."""
    if document.kind is Kind.TEST or document.event in ENDS:
        return "info"
    # They stand there worst first.
    return _TYPES.get(next(iter(document.severities), ""), "info")


@dataclass(slots=True)
class _Said:
    """aloud: warnings, for people once secrets are out of them; inside: errors of connections, which are only read."""

    aloud: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)


class _Ear(logging.Handler):
    def __init__(self, said: _Said) -> None:
        super().__init__(logging.DEBUG)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self._said.aloud.append(record.getMessage())
        elif str(record.msg).startswith(_SOCKET):
            self._said.inside.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[_Said]:
    """What Apprise says meanwhile. It names addresses and answers, so it goes to no log but through our hands."""
    logger = logging.getLogger("apprise")
    said = _Said()
    ear = _Ear(said)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = propagate


def _service(url: str) -> Any:
    import apprise

    asset = apprise.AppriseAsset(
        app_id="azgraph",
        app_desc="azgraph",
        app_url="",
        image_url_logo="",
        image_url_mask="",
        secure_logging=True,
        async_mode=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
    )
    with _overheard():
        service: Any = apprise.Apprise.instantiate(url.strip(), asset=asset, suppress_exceptions=True)
    if service is None:
        raise NotDeliveredError(
            "the Apprise URL is not understood; https://appriseit.com/services/ tells how those of each service look"
        )
    # It would follow wherever a server leads it.
    service.redirects = False
    service.body_maxlen = max(service.body_maxlen, _ROOM.get(type(service).__name__, 0))
    if "cto=" not in url.lower():
        service.socket_connect_timeout = _TIMEOUT
    if "rto=" not in url.lower():
        service.socket_read_timeout = _TIMEOUT
    if type(service).__name__ in _NOTES and "action=" not in url.lower():
        service.action = "new"
    if "overflow=" not in url.lower():
        # Left alone Apprise sends what is too long as it is, and the service refuses it each time.
        pieces = service.body_maxlen >= _LEAST_IN_PIECES
        service.overflow_mode = apprise.OverflowMode.SPLIT if pieces else apprise.OverflowMode.TRUNCATE
    return service
