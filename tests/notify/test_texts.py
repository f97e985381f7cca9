"""What a hostile name may do to people who read of it: nothing."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from loader.alerts.alert import Alert, State
from loader.notify.document import Document, Kind, RuleFacts, cut_values, schema_text
from loader.notify.escaping import link
from loader.notify.message import Message
from loader.notify.notice import facts_of
from loader.notify.templates import LONGEST_BODY, LONGEST_TITLE, Templates
from loader.notify.trial import _document as trial
from loader.verdicts import Severity
from tests.notify.examples import AT, HOSTILE, facts, message, summary

FORMS = ("text", "html", "markdown")


def hostile(kind: Kind = Kind.ALERT) -> Document:
    entity = facts().entity.model_copy(update={"name": HOSTILE, "type": HOSTILE, "web_link": "javascript:alert(1)"})
    change = facts().changes[0].model_copy(update={"path": HOSTILE, "before": HOSTILE, "actor": HOSTILE})
    more: dict[str, Any] = {"title": HOSTILE, "owner": HOSTILE, "values": {HOSTILE: HOSTILE}, "changes": (change,)}
    made: Message = message(entity=entity, **more)
    return made.document.model_copy(update={"kind": kind, "route": HOSTILE})


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("form", FORMS)
def test_every_message_can_be_written(form: str, kind: Kind) -> None:
    for document in (message().document, message(event="resolved").document, summary(60, kind), hostile(kind)):
        told = Templates().render(form, document.model_copy(update={"kind": kind}))
        assert told.title
        assert told.title.isprintable()
        assert len(told.title) <= LONGEST_TITLE
        assert told.body


@pytest.mark.parametrize("form", FORMS)
def test_a_digest_without_alerts_says_so(form: str) -> None:
    nothing = summary(60, Kind.DIGEST).model_copy(update={"total": 0, "alerts": (), "severities": {}})
    told = Templates().render(form, nothing)
    assert "Nothing new." in told.body
    assert "0 alert" not in told.body


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_unseen_and_no_line_of_its_own_comes_with_a_name(kind: Kind) -> None:
    for form in FORMS:
        told = Templates().render(form, hostile(kind))
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", told.title + told.body)
        assert not any(line.startswith("Bcc:") for line in told.body.splitlines())
        assert "\n" not in told.title


@pytest.mark.parametrize("kind", list(Kind))
def test_text_rings_nobody_and_leads_nowhere(kind: Kind) -> None:
    for told in (Templates().render("text", hostile(kind)), Templates().render("markdown", hostile(kind))):
        whole = f"{told.title}\n{told.body}"
        assert not re.search(r"<[!@#&a-z]", whole)
        assert not re.search(r"(?<![A-Za-z0-9_])@\w", whole)
        assert "://evil" not in whole


@pytest.mark.parametrize("kind", list(Kind))
def test_markdown_of_a_name_is_text_to_who_reads_markdown(kind: Kind) -> None:
    tokens = MarkdownIt("commonmark").parse(Templates().render("markdown", hostile(kind)).body)
    inline = [child for token in tokens for child in token.children or ()]
    assert {one.type for one in inline} <= {"text", "softbreak", "strong_open", "strong_close"}
    assert {one.type for one in tokens}.isdisjoint({"html_block", "fence", "code_block", "heading_open"})
    shown = "".join(one.content for one in inline if one.type == "text")
    if kind is not Kind.TEST:
        assert "alert(1)" in shown


@pytest.mark.parametrize("kind", list(Kind))
def test_html_of_a_name_is_text_to_who_reads_html(kind: Kind) -> None:
    body = Templates().render("html", hostile(kind)).body
    assert set(re.findall(r"<(\w+)", body)) <= {"p", "ul", "li", "h3"}
    assert "javascript:" not in body


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("https://portal.azure.com/#@contoso/resource/x", True),
        ("https://portal.azure.com/x?a=1&b=2", True),
        ("http://portal.azure.com/", False),
        ("javascript:alert(1)", False),
        ("https://user@evil.example/", False),
        ('https://portal.azure.com/"><script>', True),
        ("https://portal.azure.com/x)](https://evil.example/)", True),
    ],
)
def test_only_addresses_are_followed_and_nothing_of_them_is_markup(address: str, followed: bool) -> None:
    made = str(link(address))
    assert bool(made) is followed
    assert not set(made) & set("\"'<>()[]\\` ")


@pytest.mark.parametrize(
    ("key", "scope", "subscription"),
    [
        ("11111111-0000-0000-0000-000000000000", "azure_user|tenant:22222222-0000-0000-0000-000000000000|", ""),
        ("eastus", "azure_region|shared:22222222-0000-0000-0000-000000000000|", ""),
        ("/subscriptions/one/resourcegroups/shop", "azure_resource_group|one|", "one"),
        ("rule/vault-bad", "", ""),
    ],
)
def test_only_what_is_in_a_subscription_names_one(key: str, scope: str, subscription: str) -> None:
    alert = Alert(
        id="a",
        rule_id="r",
        identity="[]",
        entity_key=key,
        scope=scope,
        title="t",
        severity=Severity.HIGH,
        state=State.OPEN,
        opened_at=AT,
        opened_seq=1,
        last_seen_seq=1,
        is_new=True,
        baseline=False,
        values="{}",
        notify_key="a:1",
    )
    assert facts_of(alert, "opened", RuleFacts(id="r"), {}).entity.subscription.id == subscription


def test_the_portal_is_one_click_away() -> None:
    document = message().document
    assert 'href="https://portal.azure.com/#@contoso/resource/vault-1"' in Templates().render("html", document).body
    assert "(<https://portal.azure.com/#@contoso/resource/vault-1>)" in Templates().render("markdown", document).body


def test_a_template_of_yours_wins_for_its_channel_or_for_all(tmp_path: Path) -> None:
    (tmp_path / "text.j2").write_text("All: {{ alert.title }}")
    (tmp_path / "sms.text.j2").write_text("SMS: {{ alert.title }}")
    (tmp_path / "title.j2").write_text("T {{ alert.title }}")
    templates = Templates(tmp_path)
    assert templates.render("text", hostile(), "sms").body.startswith("SMS: x</b>‹script>")
    told = templates.render("text", message().document, "other")
    assert (told.title, told.body) == ("T vault-1 is bad", "All: vault-1 is bad")
    # What it does not replace is ours.
    assert templates.render("html", message().document, "sms").body.startswith("<h3>vault-1 is bad</h3>")


@pytest.mark.parametrize(
    "written",
    [
        "{{ alert.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{% for x in range(1000000000) %}x{% endfor %}",
        "{{ nothing.there }}",
        "{% include '/etc/passwd' %}",
        "{% include '../secret' %}",
        "{{ 1 / 0 }}",
        "{{ alert.title",
    ],
)
def test_a_template_that_fails_or_breaks_out_costs_its_looks_alone(
    written: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "text.j2").write_text(written)
    with caplog.at_level(logging.ERROR):
        told = Templates(folder).render("text", message().document)
    assert told.body == Templates().render("text", message().document).body
    assert "ours is" in caplog.text


def test_texts_have_bounds(tmp_path: Path) -> None:
    (tmp_path / "text.j2").write_text("{% for x in range(90000) %}line {{ x }}\n{% endfor %}")
    assert len(Templates(tmp_path).render("text", message().document).body) <= LONGEST_BODY + 10
    values = cut_values({f"name-{n}": "x" * 10_000 for n in range(500)} | {"nested": {"a": [1]}})
    assert len(json.dumps(values)) < 100_000
    assert cut_values({"nested": {"a": [1]}}) == {"nested": '{"a": [1]}'}


def test_the_published_schema_says_what_is_sent() -> None:
    schema = json.loads(schema_text())
    for document in (message().document, summary(60), trial("ops", AT)):
        sent = json.loads(document.as_bytes())
        assert set(sent) == set(schema["properties"])
        for one in sent["alerts"]:
            assert set(one) == set(schema["$defs"]["AlertFacts"]["properties"])
        assert sent["schema"] == "azgraph.notify/1"
    assert json.loads(hostile().as_bytes())["alerts"][0]["title"] == HOSTILE
