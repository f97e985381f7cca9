"""Relationships of containers and scale sets that need more than one answer, and judgements about gateways."""

from __future__ import annotations

import pytest

from loader.graph import Database
from loader.model import Json
from loader.services.compute.container_groups import VOLUME_SHARES
from loader.services.compute.vm_scale_sets import MACHINES_OF_SETS
from loader.services.network.application_gateways import has_firewall, min_protocol
from loader.services.security.key_vault_certificates import validity_months
from loader.services.web.app_service import is_function_app, is_web_app

_DAY = 86_400


@pytest.mark.graph
def test_a_volume_uses_the_share_that_it_names(database: Database) -> None:
    shares = "/subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts"
    with database.driver.session() as session:
        session.run(
            """
            CREATE (:Entity:azure_container_volume {_key: "scans", storageAccountName: "ShopFiles", shareName: "Scans"})
            CREATE (:Entity:azure_container_volume {_key: "scratch"})
            CREATE (:Entity:azure_storage_file_share {_key: $shares + "/shopfiles/fileservices/default/shares/scans"})
            CREATE (:Entity:azure_storage_file_share {_key: $shares + "/shopfiles/fileservices/default/shares/other"})
            CREATE (:Entity:azure_storage_file_share {_key: $shares + "/oldfiles/fileservices/default/shares/scans"})
            """,
            shares=shares,
        )
    links = list(VOLUME_SHARES.links(database.read(VOLUME_SHARES.query)))
    assert [(link.from_key, link.verb, link.to_key) for link in links] == [
        ("scans", "USES", f"{shares}/shopfiles/fileservices/default/shares/scans")
    ]


@pytest.mark.graph
def test_a_machine_uses_its_scale_set(database: Database) -> None:
    with database.driver.session() as session:
        session.run(
            """
            CREATE (:Entity:azure_vm {_key: "member", scaleSetId: "/Sets/Build"}), (:Entity:azure_vm {_key: "alone"})
            CREATE (:Entity:azure_vm_scale_set {_key: "/sets/build"}), (:Entity:azure_vm_scale_set {_key: "/sets/web"})
            """
        )
    links = list(MACHINES_OF_SETS.links(database.read(MACHINES_OF_SETS.query)))
    assert [(link.from_key, link.verb, link.to_key) for link in links] == [("member", "USES", "/sets/build")]


@pytest.mark.parametrize("kind", ["app", "app,linux,container", "api", "hyperV", "", None, "something new"])
def test_sites_are_web_apps_unless_they_run_functions(kind: str | None) -> None:
    assert is_web_app({"kind": kind})
    assert not is_function_app({"kind": kind})


@pytest.mark.parametrize("kind", ["functionapp", "FunctionApp,linux", "functionapp, workflowapp"])
def test_function_apps(kind: str) -> None:
    assert is_function_app({"kind": kind})
    assert not is_web_app({"kind": kind})


@pytest.mark.parametrize(
    ("policy", "version"),
    [
        ({"policyType": "Predefined", "policyName": "AppGwSslPolicy20150501"}, "TLSv1_0"),
        ({"policyType": "Predefined", "policyName": "AppGwSslPolicy20170401"}, "TLSv1_1"),
        ({"policyType": "Predefined", "policyName": "AppGwSslPolicy20170401S"}, "TLSv1_2"),
        ({"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101"}, "TLSv1_2"),
        ({"policyType": "CustomV2", "minProtocolVersion": "TLSv1_3"}, "TLSv1_3"),
        ({"policyType": "Predefined", "policyName": "AppGwSslPolicy29990101"}, None),
        (None, None),
    ],
)
def test_the_oldest_tls_version_of_a_gateway(policy: Json | None, version: str | None) -> None:
    assert min_protocol({"properties": {"sslPolicy": policy}}) == version


@pytest.mark.parametrize(
    ("properties", "firewall"),
    [
        ({"sku": {"tier": "WAF_v2"}, "firewallPolicy": {"id": "policy"}}, True),
        ({"sku": {"tier": "WAF"}, "webApplicationFirewallConfiguration": {"enabled": True}}, True),
        ({"sku": {"tier": "WAF_v2"}, "webApplicationFirewallConfiguration": {"enabled": False}}, False),
        ({"sku": {"tier": "WAF_v2"}}, False),
        ({"sku": {"tier": "Standard_v2"}, "firewallPolicy": {"id": "policy"}}, False),
    ],
)
def test_a_firewall_needs_both_the_tier_and_rules(properties: Json, firewall: bool) -> None:
    assert has_firewall({"properties": properties}) is firewall


@pytest.mark.parametrize(("days", "months"), [(365, 12), (366, 12), (396, 13), (90, 3), (1095, 36)])
def test_the_months_that_a_certificate_is_valid_for(days: int, months: int) -> None:
    # Azure lets a certificate begin ten minutes before it is made.
    attributes = {"nbf": 1_700_000_000 - 600, "exp": 1_700_000_000 + days * _DAY}
    assert validity_months({"attributes": attributes}) == months
