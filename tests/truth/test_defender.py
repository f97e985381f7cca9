"""Verdicts about Defender's plans, their components and whom it writes to, from answers in Azure's shape.

https://learn.microsoft.com/rest/api/defenderforcloud/pricings/list and …/security-contacts/list; the cases stand in
defender.yaml.
"""

from __future__ import annotations

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from loader.model import Json
from tests.truth.chain import cases, listed, load, subscription, tenant

pytestmark = pytest.mark.packs
TYPES = ["azure_subscription", "azure_security_center_subscription_pricing", "azure_security_center_contact"]


def answers_of(case: Json, scope: str) -> list[Exchange]:
    security = f"{scope}/providers/Microsoft.Security"
    plans = [
        {"id": f"{security}/pricings/{name}", "name": name, "type": "Microsoft.Security/pricings", "properties": told}
        for name, told in case.get("plans", {}).items()
    ]
    contact = {"id": f"{security}/securityContacts/default", "name": "default", "properties": case.get("contact")}
    return [
        listed(f"{security}/pricings", *plans),
        listed(f"{security}/securityContacts", *([contact] if "contact" in case else [])),
    ]


def exchanges_of(table: list[Json]) -> list[Exchange]:
    """A subscription for each case."""
    subscriptions = [subscription(number, case["about"]) for number, case in enumerate(table, 1)]
    answers = [one for case, told in zip(table, subscriptions, strict=True) for one in answers_of(case, told["id"])]
    return [*tenant(*subscriptions), *answers]


def test_subscriptions_have_the_verdicts_that_the_documentation_means(database: Database) -> None:
    table = cases("defender.yaml")
    chain = load(database, exchanges_of(table), TYPES)
    wrong = [sentence for case in table for sentence in chain.wrong_verdict(case, case["about"])]
    assert not wrong, "\n".join(wrong)
