"""Mail by Apprise to a real SMTP server, and what of its URL nobody gets to see."""

from __future__ import annotations

import email
import email.policy
import logging
import socket
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler
from apprise.plugins import opsgenie, pagerduty

from loader.notify.channels.channel import NotDeliveredError, UnclearError
from loader.notify.channels.chat import AppriseChannel
from loader.notify.document import Kind
from loader.notify.message import Message
from loader.notify.templates import Templates
from tests.notify.examples import HOSTILE, message, summary
from tests.notify.receiver import Answer, Receiver, in_turn


class Inbox(Handler):
    """Keeps mails with who they were for; refuses while it is `full`."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[EmailMessage] = []
        self.full = False

    def prepare_message(self, session: Any, envelope: Any) -> Any:
        made = email.message_from_bytes(envelope.content, policy=email.policy.default)
        made["X-For"] = ",".join(envelope.rcpt_tos)
        return made

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.full:
            return "452 planted-smtp-answer the box is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, str]]:
    handler = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"mailto://127.0.0.1:{port}?from=azgraph@contoso.com&to=ops@contoso.com&mode=insecure"
    controller.stop()


def test_a_mail_has_a_subject_html_and_one_receiver(inbox: tuple[Inbox, str]) -> None:
    box, url = inbox
    AppriseChannel(url, Templates(), "mail").send([message()])
    (mail,) = box.mails
    assert mail["Subject"] == "[high] vault-1 is bad"
    assert mail["X-For"] == "ops@contoso.com"
    html = mail.get_body(("html",))
    assert html is not None
    assert "<h3>vault-1 is bad</h3>" in html.get_content()
    assert "https://portal.azure.com/#@contoso/resource/vault-1" in html.get_content()


def test_a_hostile_name_makes_neither_headers_nor_markup(inbox: tuple[Inbox, str]) -> None:
    box, url = inbox
    channel = AppriseChannel(url, Templates(), "mail")
    channel.send([message(title=HOSTILE, owner=HOSTILE), Message(summary(60))])
    assert len(box.mails) == 2
    for mail in box.mails:
        assert mail["X-For"] == "ops@contoso.com"
        assert mail["Bcc"] is None
        assert len(mail.get_all("Subject", [])) == 1
    html = box.mails[0].get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()
    assert "alert(1)" in html.get_content()


def test_what_the_server_refuses_did_not_arrive_and_no_secret_is_told(
    inbox: tuple[Inbox, str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    box, url = inbox
    box.full = True
    with caplog.at_level(logging.DEBUG), pytest.raises(NotDeliveredError, match="did not take it") as error:
        AppriseChannel(f"{url}&cc=planted-cc@contoso.com", Templates(), "mail").send([message()])
    assert box.mails == []
    # The server of this test has a log too.
    logged = [one.getMessage() for one in caplog.records if one.name != "mail.log"]
    told = f"{error.value} {logged} {capfd.readouterr().out}"
    assert "planted-cc" not in told


def test_a_service_of_the_web_is_not_followed_elsewhere_and_its_key_is_not_told() -> None:
    with Receiver(in_turn(Answer(302, headers={"Location": "/elsewhere"}))) as server:
        url = f"json://ada:planted-password@localhost:{server.port}/planted-path"
        with pytest.raises(NotDeliveredError) as error:
            AppriseChannel(url, Templates(), "chat").send([message()])
    assert [got.path for got in server.got] == ["/planted-path"]
    assert "planted" not in str(error.value)


@pytest.mark.parametrize("more", ["", "?rto=0.2"], ids=["cut", "slow"])
def test_an_answer_that_does_not_come_leaves_open_whether_it_arrived(more: str) -> None:
    """It rang once, and is not rung again on and on: after a broken connection as after a crash."""

    def answer(_got: Any) -> Answer:
        if more:
            time.sleep(0.6)
        return Answer(cut=not more)

    with Receiver(answer) as server:
        url = f"json://ada:planted-password@localhost:{server.port}/planted-path{more}"
        with pytest.raises(UnclearError, match="before the service answered") as error:
            AppriseChannel(url, Templates(), "chat").send([message()])
    assert len(server.got) == 1
    assert "planted" not in str(error.value)


def test_where_nobody_listens_it_did_not_arrive() -> None:
    with pytest.raises(NotDeliveredError):
        AppriseChannel("json://localhost:9/", Templates(), "chat").send([message()])


def test_a_chat_gets_text_in_which_nothing_rings() -> None:
    with Receiver() as server:
        AppriseChannel(f"json://localhost:{server.port}/", Templates(), "chat").send([message(title=HOSTILE)])
    (got,) = server.got
    assert "@everyone" not in got.json["message"] + got.json["title"]
    assert "<!channel>" not in got.json["message"] + got.json["title"]


def test_what_is_too_long_for_a_chat_comes_in_pieces_and_for_a_telephone_once_and_cut() -> None:
    told = Message(summary(50, title="long " * 20))
    with Receiver() as server:
        AppriseChannel(f"mmost://localhost:{server.port}/3ccdd113474722377935511fc85d3dd4", Templates(), "chat").send(
            [told]
        )
        chat = [got.json["text"] for got in server.got]
        server.got.clear()
        AppriseChannel(f"misskey://token@localhost:{server.port}", Templates(), "pager").send([told])
        pager = [got.json["text"] for got in server.got]
        server.got.clear()
        AppriseChannel(f"misskey://token@localhost:{server.port}?overflow=upstream", Templates(), "own").send([told])
        own = [got.json["text"] for got in server.got]
    assert [len(one) <= 4_000 for one in chat] == [True, True]
    assert "".join(chat).count(", alert 0") == 50
    assert [(len(one) <= 512, one[-1]) for one in pager] == [(True, "…")]
    assert len(own[0]) > 512, "who says it in the URL has it so"


@pytest.mark.parametrize("url", ["planted-nonsense", "nosuch://planted", "", "mailto://", "file:///etc/passwd"])
def test_an_url_that_is_none_is_refused_without_being_told(url: str) -> None:
    with pytest.raises(NotDeliveredError, match="Apprise URL is not understood") as error:
        AppriseChannel(url, Templates(), "mail")
    assert "planted" not in str(error.value)


@pytest.mark.parametrize(
    ("told", "severity"),
    [
        (message(severity="critical"), "critical"),
        (message(severity="high"), "critical"),
        (message(severity="medium"), "warning"),
        (message(severity="low"), "info"),
        (message(event="resolved", severity="critical"), "info"),
        (Message(summary(3, Kind.DIGEST, severity="medium")), "warning"),
    ],
)
def test_a_pager_hears_how_bad_it_is(told: Message, severity: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(in_turn(Answer(202))) as server:
        monkeypatch.setitem(pagerduty.PAGERDUTY_API_LOOKUP, "us", server.url)
        AppriseChannel("pagerduty://integration@key", Templates(), "pager").send([told])
        AppriseChannel("pagerduty://integration@key?severity=error", Templates(), "own").send([told])
    assert [got.json["payload"]["severity"] for got in server.got] == [severity, "error"]


@pytest.mark.parametrize(("event", "severity"), [("opened", "low"), ("opened", "high"), ("resolved", "high")])
def test_nothing_is_taken_for_a_note_on_an_alert_that_is_not_there(
    event: str, severity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver(in_turn(Answer(202, {"result": "ok", "requestId": "1"}))) as server:
        monkeypatch.setitem(opsgenie.OPSGENIE_API_LOOKUP, "us", server.url)
        AppriseChannel("opsgenie://planted-key", Templates(), "pager").send([message(event=event, severity=severity)])
    assert len(server.got) == 1
