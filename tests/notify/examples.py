"""Messages, deliveries and routes to try things with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from loader.config.notify import Route
from loader.notify.deliveries import Delivery
from loader.notify.document import AlertFacts, ChangeFacts, Document, EntityFacts, Kind, RuleFacts, Subscription
from loader.notify.message import Message, document
from loader.notify.notice import Notice

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
# Whatever could end a subject, ring a telephone, open a page, or be taken for markup.
HOSTILE = (
    "x</b><script>alert(1)</script> <!channel> <@U123> @everyone @here .@ada é@ada [click](https://evil.example/) "
    '`code` **bold** "] quote\r\nBcc: victim@contoso.com\r\n\r\n\u202e\x1b[31m{{ 7*7 }} http://evil.example'
)


def facts(number: int = 1, event: str = "opened", **more: Any) -> AlertFacts:
    told: dict[str, Any] = {
        "id": f"{number:032x}",
        "event": event,
        "rule": RuleFacts(id="vault-bad", title="A vault is bad", remediation="Make it good."),
        "severity": "high",
        "state": "open",
        "title": f"vault-{number} is bad",
        "entity": EntityFacts(
            key=f"/subscriptions/one/resourcegroups/shop/providers/microsoft.keyvault/vaults/vault-{number}",
            type="azure_keyvault_service",
            name=f"vault-{number}",
            web_link=f"https://portal.azure.com/#@contoso/resource/vault-{number}",
            subscription=Subscription(id="one", name="Contoso Production"),
        ),
        "owner": "ada@contoso.com",
        "values": {"name": f"vault-{number}", "public": True},
        "opened_at": AT,
        "changes": (ChangeFacts(op="updated", path="public", before=False, after=True, actor="Ada"),),
    }
    return AlertFacts(**{**told, **more})


def delivery(number: int = 1, event: str = "opened", *, severity: str = "high", **more: Any) -> Delivery:
    rule = RuleFacts(id=more.pop("rule", "vault-bad"), title="A rule")
    titled = {"title": more.pop("title")} if "title" in more else {}
    told = facts(number, event, severity=severity, rule=rule, **titled)
    notice = Notice(f"notice-{number}-{event}", told.id, f"{told.id}:1", event, more.pop("at", AT), told)
    given: dict[str, Any] = {"route": "ops", "alert_state": "open", **more}
    return Delivery(id=f"delivery-{number}-{event}", notice=notice, **given)


def message(number: int = 1, event: str = "opened", *, again: bool = False, receipt: str = "", **more: Any) -> Message:
    told = facts(number, event, **more)
    notice = Notice(f"notice-{number}-{event}", told.id, f"{told.id}:1", event, AT, told)
    one = Delivery(id="d", notice=notice, route="ops")
    made = document(f"{number:016x}{event.encode().hex()[:16]:0<16}", Kind.ALERT, [one])
    return Message(made, again=again, receipt=receipt)


def summary(many: int, kind: Kind = Kind.SUMMARY, **more: Any) -> Document:
    return document("f" * 32, kind, [delivery(number, **more) for number in range(1, many + 1)])


def route(**more: Any) -> Route:
    return Route.model_validate({"name": "ops", "channels": ["mail"], **more})
