"""Messages of RFC 5424 by UDP (RFC 5426), TCP with octet counting (RFC 6587) or TLS (RFC 5425).

    <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [SD-ID NAME="VALUE" …] BOM TEXT

In values of structured data `"`, `\\` and `]` are escaped with a backslash (section 6.3.3); control characters never
leave. The element's id is `azgraph@32473`: 32473 is the number that RFC 5612 keeps for who has none. Syslog knows no
receipts: what was lost on the way, or sent again after a crash, nobody tells; `message` names it for good.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit

from loader.notify.channels.channel import NotDeliveredError
from loader.notify.document import AlertFacts, Document
from loader.notify.message import Message
from loader.notify.planning import Traits
from loader.reaching import why_unreached
from loader.trusted import tls_context
from loader.visible import visible

_ELEMENT = "azgraph@32473"
_BOM = b"\xef\xbb\xbf"
# RFC 5424, table 2: how bad it is.
_LEVELS = {"critical": 2, "high": 3, "medium": 4, "low": 5, "info": 6}
_TIMEOUT = 15
# A datagram that is larger is cut into pieces on its way, and often lost (RFC 5426, section 3.2).
_LARGEST_DATAGRAM = 1_180
_LONGEST_VALUE = 300


class SyslogChannel:
    """Sends messages to udp://, tcp:// or tls://HOST:PORT. ca_file: authorities that are trusted instead of ours."""

    traits = Traits(people=False, at_a_time=200)

    def __init__(self, address: str, *, facility: int = 16, ca_file: Path | None = None) -> None:
        parts = urlsplit(address)
        self._kind, self._host, self._port = parts.scheme, parts.hostname or "", parts.port or 514
        self._facility, self._ca_file = facility, ca_file

    def send(self, messages: Sequence[Message]) -> list[str]:
        """Sends all of them over one connection."""
        texts = [text for one in messages for text in lines(one.document, self._facility)]
        try:
            if self._kind == "udp":
                self._by_datagrams(texts)
            else:
                self._by_stream(texts)
        except (OSError, ValueError) as error:
            why = why_unreached(error) or f"the connection broke ({type(error).__name__})"
            raise NotDeliveredError(f"{self._host}:{self._port} could not be reached: {why}") from error
        return [""] * len(messages)

    def _by_datagrams(self, texts: Sequence[bytes]) -> None:
        family, kind, protocol, _, where = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as sender:
            for text in texts:
                sender.sendto(whole_letters(text, _LARGEST_DATAGRAM), where)

    def _by_stream(self, texts: Sequence[bytes]) -> None:
        with socket.create_connection((self._host, self._port), timeout=_TIMEOUT) as plain:
            if self._kind == "tcp":
                plain.sendall(b"".join(_counted(text) for text in texts))
                return
            context = tls_context(self._ca_file)
            with context.wrap_socket(plain, server_hostname=self._host) as secure:
                secure.sendall(b"".join(_counted(text) for text in texts))
                # Many end without the farewell of TLS; what was sent has left all the same.
                with suppress(OSError):
                    secure.unwrap()


def lines(document: Document, facility: int) -> list[bytes]:
    """The document's alerts, one message each."""
    return [_line(document, alert, facility) for alert in document.alerts]


def _line(document: Document, alert: AlertFacts, facility: int) -> bytes:
    priority = facility * 8 + (6 if alert.event in ("resolved", "closed") else _LEVELS.get(alert.severity, 5))
    at = document.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    header = f"<{priority}>1 {at} {_header(socket.gethostname(), 255)} azgraph - {_header(alert.event, 32)}"
    values = {
        "message": document.id,
        "alert": alert.id,
        "rule": alert.rule.id,
        "severity": alert.severity,
        "state": alert.state,
        "entity": alert.entity.key,
        "type": alert.entity.type,
        "name": alert.entity.name,
        "subscription": alert.entity.subscription.id,
        "owner": alert.owner,
    }
    data = "".join(f' {name}="{escaped(value)}"' for name, value in values.items() if value)
    return f"{header} [{_ELEMENT}{data}] ".encode() + _BOM + visible(alert.title).encode("utf-8", "replace")


def escaped(value: str) -> str:
    """A value of structured data, within its quotes."""
    return re.sub(r'(["\\\]])', r"\\\1", visible(value[:_LONGEST_VALUE]).encode("utf-8", "replace").decode())


def _header(text: str, length: int) -> str:
    return re.sub(r"[^!-~]", "", text)[:length] or "-"


def _counted(text: bytes) -> bytes:
    return str(len(text)).encode() + b" " + text


def whole_letters(text: bytes, length: int) -> bytes:
    """The beginning of a text in UTF-8 that does not end within a letter."""
    return text if len(text) <= length else text[:length].decode("utf-8", "ignore").encode()
