"""What goes by an id that its type cannot have is no entity of that type, wherever it was listed."""

from __future__ import annotations

import pytest

from loader.model import Json
from loader.services import entity_types
from loader.sync.own_ids import can_be
from loader.sync.reading import Odd, key_of, own_of

SUB = "c0ffee00-0000-4000-8000-000000000001"
GUID = "11111111-2222-4333-8444-555555555555"
ARM = f"/subscriptions/{SUB}/resourceGroups/shop/providers"
SERVER, ZONE = f"{ARM}/Microsoft.Sql/servers/db", f"{ARM}/Microsoft.Network/dnsZones/contoso.com"
VAULT = {"@key": f"{ARM}/microsoft.keyvault/vaults/kv", "properties": {"vaultUri": "https://KV.vault.azure.net/"}}
NONE = ("", "x", "7", "null", "<html>", "https://x/y", f"{GUID}/x", f"{GUID} or 1=1", f"{GUID}\n", "../users")

# The type, whom it was asked of, ids that it can have and ids that it cannot.
TABLE = [
    (
        "azure_vnet",
        None,
        [f"{ARM}/microsoft.network/virtualnetworks/{one}" for one in ("hub", "<b>hub</b>", "it's/\"a`b", "a b/c")],
        [f"{ARM}/Microsoft.Network/nics/hub", *NONE],
    ),
    ("azure_resource_group", None, [f"/subscriptions/{SUB}/resourceGroups/shop"], [f"/subscriptions/{SUB}", SERVER]),
    ("azure_subscription", None, [f"/subscriptions/{SUB}"], [f"/subscriptions/{SUB}/resourceGroups/shop", GUID]),
    ("azure_location", None, [f"/subscriptions/{SUB}/locations/westeurope"], [f"/subscriptions/{SUB}", SERVER]),
    ("azure_resource", None, [SERVER, f"{SERVER}/databases/d", f"{SERVER}</b>"], [f"/subscriptions/{SUB}"]),
    ("azure_function_app", None, [f"{ARM}/Microsoft.Web/sites/f"], [f"{ARM}/Microsoft.Web/serverfarms/f", *NONE]),
    ("azure_dns_record_set", ZONE, [f"{ZONE}/A/@", f"{ZONE}/CAA/www"], [ZONE, f"{ZONE.replace('contoso', 'x')}/A/@"]),
    ("azure_sql_database", SERVER, [f"{SERVER}/databases/d"], [f"{SERVER}2/databases/d", f"{SERVER}/firewallRules/d"]),
    (
        "azure_role_definition",
        None,
        [f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{GUID}"],
        [f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments/{GUID}"],
    ),
    (
        "azure_role_assignment",
        None,
        [f"/providers/Microsoft.Authorization/roleAssignments/{GUID}"],
        [f"/providers/Microsoft.Authorization/roleDefinitions/{GUID}"],
    ),
    *(
        (name, None, [GUID, GUID.upper()], NONE)
        for name in ("azure_user", "azure_user_group", "azure_service_principal")
    ),
    ("azure_user_registration_details", None, [GUID], NONE),
    ("azure_ad_role_assignment", None, ["lAPpYvVpN0KRkAEhdxReEJRN5wiWUyhPRXgyIPXlsqE-1"], ["a b", "a/b", "<html>"]),
    ("azure_domain", None, ["contoso.com"], ["https://contoso.com", "a b"]),
    *(
        (
            f"azure_keyvault_{kind}",
            VAULT,
            [f"https://kv.vault.azure.net/{kind}s/one", f"https://KV.vault.azure.net/{kind}s/one/0123"],
            [
                f"https://evil.vault.azure.net/{kind}s/one",
                f"http://kv.vault.azure.net/{kind}s/one",
                f"https://kv.vault.azure.net.evil.example/{kind}s/one",
                f"https://kv.vault.azure.net/{kind}s",
                "https://kv.vault.azure.net/storage/one",
                f"https://kv.vault.azure.net/{kind}s/o%20ne",
                *NONE[1:],
            ],
        )
        for kind in ("key", "secret", "certificate")
    ),
]


@pytest.mark.parametrize(
    ("name", "asked", "own", "strange"), TABLE, ids=lambda one: one if isinstance(one, str) else ""
)
def test_which_ids_a_type_can_have(name: str, asked: str | Json | None, own: list[str], strange: list[str]) -> None:
    declared = entity_types()[name]
    parent = {"@key": asked.lower(), "id": asked} if isinstance(asked, str) else asked

    def answer(identity: str) -> Json:
        return {"id": identity, "@subscription": SUB} | ({"@parent": parent} if parent else {})

    for identity in own:
        assert can_be(declared, answer(identity), key_of(declared, answer(identity))), identity
    for identity in strange:
        odd: list[Odd] = []
        left = own_of(declared, [answer(identity)], odd)
        # What has no key at all is told of where it would be made a record.
        assert not left or not key_of(declared, left[0]), identity
        assert [one.key for one in odd] == [""] * (1 - len(left))
