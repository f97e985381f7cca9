"""What is in key vaults: whether keys rotate, which Azure's management side tells, and how long certificates are valid.

https://learn.microsoft.com/rest/api/keyvault/keyvault/keys/get (rotationPolicy)
https://learn.microsoft.com/rest/api/keyvault/certificates/get-certificates/get-certificates (nbf, exp)
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from loader.azure.transport.wire import Exchange
from loader.graph import Database
from loader.model import Json
from tests.truth.chain import SUB, answered, listed, load, resource

pytestmark = pytest.mark.packs
PASS, FAIL, UNKNOWN = "pass", "fail", "not-evaluated"
HOST = "https://orders.vault.azure.net"
VAULT = resource(
    "Microsoft.KeyVault/vaults",
    "orders",
    properties={"vaultUri": f"{HOST}/", "enableRbacAuthorization": True, "sku": {"family": "A", "name": "standard"}},
)


def policy(*actions: tuple[str, str, str]) -> Json:
    """What a rotation policy does: ("rotate", "timeAfterCreate", "P90D")."""
    return {
        "attributes": {"expiryTime": "P1Y"},
        "lifetimeActions": [{"action": {"type": kind}, "trigger": {when: time}} for kind, when, time in actions],
    }


# https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation
# "'Expiration Date' must be set on the key" for a rotation that long before its end.
# name → its rotation policy, and the verdict of keyvault-key-rotation
KEYS: dict[str, tuple[Json | None, str]] = {
    "after": (policy(("rotate", "timeAfterCreate", "P90D")), PASS),
    "before": (policy(("Rotate", "timeBeforeExpiry", "P30D"), ("Notify", "timeBeforeExpiry", "P60D")), PASS),
    "before-no-end": (policy(("rotate", "timeBeforeExpiry", "P30D")), FAIL),
    "after-no-end": (policy(("rotate", "timeAfterCreate", "P90D")), PASS),
    "warned": (policy(("notify", "timeBeforeExpiry", "P30D")), FAIL),
    "idle": (policy(), FAIL),
    "without": (None, FAIL),
    "unread": (policy(), UNKNOWN),
}


def key(name: str, *, enabled: bool = True, **properties: Any) -> Json:
    end = {} if name.endswith("-no-end") else {"exp": 1893456000}
    told = {"attributes": {"enabled": enabled, **end}, "keyUri": f"{HOST}/keys/{name}", "kty": "RSA", **properties}
    return {"id": f"{VAULT['id']}/keys/{name}", "name": name, "properties": told}


def test_keys(database: Database) -> None:
    """A key that is switched off, and one that is a certificate's, are left out."""
    policies = {name: rotation for name, (rotation, _) in KEYS.items() if name != "unread"}
    policies |= {"off": None, "of-certificate": None}
    gets = [
        answered(f"{VAULT['id']}/keys/{name}", key(name, enabled=name != "off", rotationPolicy=rotation))
        for name, rotation in policies.items()
    ]
    inside = [
        {"kid": f"{HOST}/keys/{name}", "attributes": {"enabled": name != "off"}, "managed": name == "of-certificate"}
        for name in [*policies, "unread"]
    ]
    answers: list[Exchange] = [
        listed(f"{SUB}/providers/Microsoft.KeyVault/vaults", VAULT),
        listed(f"{VAULT['id']}/keys", *(key(name, enabled=name != "off") for name in [*policies, "unread"])),
        listed(f"{HOST}/keys", *inside),
        *gets,
    ]
    types = ["azure_keyvault_service", "azure_keyvault_key", "azure_keyvault_key_rotation_policy"]
    chain = load(database, answers, types)
    assert chain.verdicts("keyvault-key-rotation") == {name: verdict for name, (_, verdict) in KEYS.items()}


def test_keys_are_judged_by_a_reader_who_has_no_right_in_the_vault(database: Database) -> None:
    answers = [
        listed(f"{SUB}/providers/Microsoft.KeyVault/vaults", VAULT),
        listed(f"{VAULT['id']}/keys", key("after")),
        answered(f"{VAULT['id']}/keys/after", key("after", rotationPolicy=KEYS["after"][0])),
    ]
    chain = load(database, answers, ["azure_keyvault_service", "azure_keyvault_key_rotation_policy"])
    assert chain.verdicts("keyvault-key-rotation") == {"after": PASS}


def seconds(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


# https://learn.microsoft.com/azure/key-vault/certificates/about-certificates: validity_months of the policy, from which
# the issuer makes both dates, a few minutes more or less.
# name → from, until, and the verdict of keyvault-certificate-validity
CERTIFICATES: dict[str, tuple[str | None, str | None, str]] = {
    "year": ("2026-01-01", "2027-01-01T00:10:00", PASS),
    "leap-year": ("2028-02-29", "2029-02-28", PASS),
    "quarter": ("2026-01-01", "2026-04-01", PASS),
    "thirteen": ("2026-01-01", "2027-02-01", FAIL),
    "three-years": ("2026-01-01", "2029-01-01", FAIL),
    "no-begin": (None, "2027-01-01", UNKNOWN),
    "no-end": ("2026-01-01", None, UNKNOWN),
}


def test_certificates(database: Database) -> None:
    def certificate(name: str, begin: str | None, end: str | None, *, enabled: bool = True) -> Json:
        dates = {field: seconds(day) for field, day in (("nbf", begin), ("exp", end)) if day}
        return {"id": f"{HOST}/certificates/{name}", "attributes": {"enabled": enabled, **dates}, "subject": ""}

    items = [certificate(name, begin, end) for name, (begin, end, _) in CERTIFICATES.items()]
    off = certificate("off", "2026-01-01", "2036-01-01", enabled=False)
    vaults = listed(f"{SUB}/providers/Microsoft.KeyVault/vaults", VAULT)
    types = ["azure_keyvault_service", "azure_keyvault_certificate"]
    chain = load(database, [vaults, listed(f"{HOST}/certificates", *items, off)], types)
    expected = {name: verdict for name, (_, _, verdict) in CERTIFICATES.items()}
    assert chain.verdicts("keyvault-certificate-validity") == expected
