"""Syslog over real sockets, read as RFC 5424 has it."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from pathlib import Path

import pytest
import trustme

from loader.notify.channels.channel import NotDeliveredError
from loader.notify.channels.syslog import SyslogChannel, escaped, lines
from tests.notify.examples import HOSTILE, message

_VALUE = r'(?:[^"\\\]]|\\["\\\]])*'
_LINE = re.compile(
    rf'<(?P<pri>\d+)>1 (?P<at>\S+) (?P<host>\S+) azgraph - (?P<id>\S+) \[azgraph@32473(?P<data>(?: \w+="{_VALUE}")*)\] '
    "\ufeff(?P<text>.*)"
)


def read(raw: bytes) -> dict[str, str]:
    found = _LINE.fullmatch(raw.decode())
    assert found, raw
    return found.groupdict()


def counted(stream: bytes) -> list[bytes]:
    """The messages of a stream with counted octets (RFC 6587)."""
    found = []
    while stream:
        length, _, rest = stream.partition(b" ")
        found.append(rest[: int(length)])
        stream = rest[int(length) :]
    return found


class Listener:
    """Takes one connection and keeps what comes."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._context, self._socket = context, socket.create_server(("localhost", 0))
        self.port, self.got = self._socket.getsockname()[1], b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        connection, _ = self._socket.accept()
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            while part := connection.recv(65_536):
                self.got += part
        except OSError:
            pass
        finally:
            connection.close()

    def ended(self) -> bytes:
        self._thread.join(10)
        self._socket.close()
        return self.got


def test_each_alert_is_a_message_with_its_priority() -> None:
    told = read(lines(message().document, 16)[0])
    assert (told["pri"], told["at"], told["id"]) == ("131", "2026-03-02T08:30:00.000Z", "opened")
    assert told["text"] == "vault-1 is bad"
    assert 'rule="vault-bad"' in told["data"]
    assert 'subscription="one"' in told["data"]
    assert read(lines(message(event="resolved").document, 4)[0])["pri"] == "38"
    assert read(lines(message(severity="critical").document, 4)[0])["pri"] == "34"


def test_a_hostile_name_ends_neither_its_value_nor_its_line() -> None:
    entity = message().document.alerts[0].entity.model_copy(update={"name": HOSTILE})
    (line,) = lines(message(title=HOSTILE, owner='a"b\\c]d', entity=entity).document, 16)
    assert b"\n" not in line
    assert b"\r" not in line
    assert 'owner="a\\"b\\\\c\\]d"' in read(line)["data"]
    assert escaped("\ud800") == "\\\\ud800"


def test_udp_sends_a_datagram_for_each_and_none_is_too_large() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sender = SyslogChannel(f"udp://127.0.0.1:{receiver.getsockname()[1]}")
        sender.send([message(1), message(2, title="ü" * 400)])
        first, second = receiver.recv(65_536), receiver.recv(65_536)
    assert read(first)["text"] == "vault-1 is bad"
    assert len(second) <= 1_180
    assert read(second)["text"].startswith("üü")


def test_tcp_counts_octets() -> None:
    listener = Listener()
    SyslogChannel(f"tcp://localhost:{listener.port}").send([message(n, title=f"ü{n}") for n in range(50)])
    assert [read(one)["text"] for one in counted(listener.ended())] == [f"ü{n}" for n in range(50)]


def test_tls_trusts_the_authorities_that_are_named_and_no_other(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    refused = Listener(context)
    with pytest.raises(NotDeliveredError, match="certificate is not trusted"):
        SyslogChannel(f"tls://localhost:{refused.port}").send([message()])
    taken = Listener(context)
    SyslogChannel(f"tls://localhost:{taken.port}", ca_file=tmp_path / "ca.pem").send([message()])
    assert [read(one)["text"] for one in counted(taken.ended())] == ["vault-1 is bad"]


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(NotDeliveredError, match="could not be reached: the connection was refused"):
        SyslogChannel("tcp://127.0.0.1:1").send([message()])
    with pytest.raises(NotDeliveredError, match="could not be reached"):
        SyslogChannel("udp://no-such-host.invalid:514").send([message()])
