"""Security groups, gateways and web application firewalls, by what Azure's documentation says of each value."""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from loader.model import Json
from tests.truth.chain import load, resource

pytestmark = pytest.mark.packs
PASS, FAIL, UNKNOWN = "pass", "fail", "not-evaluated"

# --- security groups -----------------------------------------------------------------------------------------------
# https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
# The literals are those that the benchmark's audit names: *, 0.0.0.0, <nw>/0, /0, internet, any.


def allow(source: str | list[str], ports: str = "3389", *, priority: int = 100, **more: Any) -> Json:
    """A rule that lets in over TCP, named after its priority."""
    sources = {"sourceAddressPrefixes": source} if isinstance(source, list) else {"sourceAddressPrefix": source}
    said = {"protocol": "Tcp", "access": "Allow", "direction": "Inbound", "sourcePortRange": "*"}
    said |= {"destinationAddressPrefix": "*", "destinationPortRange": ports, "priority": priority}
    return {"name": f"rule-{priority}", "properties": {**said, **sources, **more}}


SIXTEENTHS = [f"{at * 16}.0.0.0/4" for at in range(16)]
# Group → its rules, verdict of network-rdp-from-internet.
GROUPS: dict[str, tuple[list[Json], str]] = {
    **{
        f"literal-{at}": ([allow(text)], FAIL)
        for at, text in enumerate(("*", "0.0.0.0", "198.51.100.7/0", "/0", "internet", "Any", "0.0.0.0/0", "::/0"))
    },
    "lower-half": ([allow("0.0.0.0/1")], FAIL),
    "halves": ([allow(["0.0.0.0/1", "128.0.0.0/1"])], FAIL),
    "six": ([allow("2000::/3")], FAIL),
    "pieces": ([allow(SIXTEENTHS)], FAIL),
    "pieces-of-rules": ([allow(one, priority=100 + at) for at, one in enumerate(SIXTEENTHS)], FAIL),
    "pieces-beside": (
        [allow(one, "3000-4000" if at % 2 else "3389", priority=100 + at) for at, one in enumerate(SIXTEENTHS)],
        FAIL,
    ),
    "pieces-of-ports": ([allow(one, f"{4000 + at}", priority=100 + at) for at, one in enumerate(SIXTEENTHS)], PASS),
    "pieces-refused": (
        [allow("Internet", priority=99, access="Deny")]
        + [allow(one, priority=100 + at) for at, one in enumerate(SIXTEENTHS)],
        PASS,
    ),
    "half-refused": ([allow("Internet", priority=99, access="Deny"), allow("128.0.0.0/1")], PASS),
    "half-of-half-refused": ([allow("0.0.0.0/2", priority=99, access="Deny"), allow("0.0.0.0/1")], FAIL),
    "one-piece": ([allow(SIXTEENTHS[4])], PASS),
    "office": ([allow("203.0.113.0/24")], PASS),
    "private": ([allow(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])], PASS),
    "tag": ([allow("VirtualNetwork"), allow("AzureLoadBalancer", priority=101)], PASS),
    "none": ([], PASS),
}


def test_security_groups(database: Database) -> None:
    provider = "Microsoft.Network/networkSecurityGroups"
    groups = [resource(provider, name, properties={"securityRules": row[0]}) for name, row in GROUPS.items()]
    for group in groups:
        for one in group["properties"]["securityRules"]:
            one["id"] = f"{group['id']}/securityRules/{one['name']}"
    chain = load(database, {f"/providers/{provider}": groups}, ["azure_security_group"])
    assert chain.verdicts("network-rdp-from-internet") == {name: row[1] for name, row in GROUPS.items()}
    assert set(chain.verdicts("network-ssh-from-internet").values()) == {PASS}
    lenient, strict = (chain.verdicts("network-rdp-from-internet", internet_percent=percent) for percent in (60, 5))
    assert lenient["lower-half"] == PASS
    assert lenient["halves"] == FAIL
    assert strict["one-piece"] == FAIL


# --- application gateways ------------------------------------------------------------------------------------------
# https://learn.microsoft.com/azure/application-gateway/application-gateway-ssl-policy-overview
# https://learn.microsoft.com/azure/application-gateway/mutual-authentication-overview (SSL profiles of listeners)

OLD = {"policyType": "Predefined", "policyName": "AppGwSslPolicy20150501"}
NEW = {"policyType": "Predefined", "policyName": "AppGwSslPolicy20220101"}


def gateway(policy: Json | None, profiles: dict[str, Json], listeners: list[str | None]) -> Json:
    """A gateway with a policy, SSL profiles by name, and HTTPS listeners by the profile that each of them uses."""
    return {
        "sslPolicy": policy,
        "sslProfiles": [
            {"id": f"/G/SSLPROFILES/{name}", "properties": {"sslPolicy": one}} for name, one in profiles.items()
        ],
        "httpListeners": [
            {"properties": {"protocol": "Https", **({"sslProfile": {"id": f"/g/sslProfiles/{one}"}} if one else {})}}
            for one in listeners
        ],
    }


GATEWAYS: dict[str, tuple[Json, str]] = {
    "new": (gateway(NEW, {}, [None]), PASS),
    "custom-13": (gateway({"policyType": "CustomV2", "minProtocolVersion": "TLSv1_3"}, {}, [None]), PASS),
    "old": (gateway(OLD, {}, [None]), FAIL),
    "old-listener": (gateway(NEW, {"p": OLD}, [None, "p"]), FAIL),
    "new-listener": (gateway(OLD, {"p": NEW}, ["p"]), PASS),
    "unused-profile": (gateway(NEW, {"p": OLD}, [None]), PASS),
    "no-policy": (gateway(None, {}, [None]), UNKNOWN),
    "old-beside-none": (gateway(None, {"p": OLD}, [None, "p"]), FAIL),
    "strange": (gateway({"policyName": "AppGwSslPolicy20300101"}, {}, [None]), UNKNOWN),
    "strange-version": (gateway({"minProtocolVersion": "TLSv1_4"}, {}, [None]), UNKNOWN),
}


def test_gateways(database: Database) -> None:
    provider = "Microsoft.Network/applicationGateways"
    gateways = [resource(provider, name, properties=row[0]) for name, row in GATEWAYS.items()]
    chain = load(database, {f"/providers/{provider}": gateways}, ["azure_application_gateway"])
    assert chain.verdicts("appgw-min-tls") == {name: row[1] for name, row in GATEWAYS.items()}


# --- web application firewalls -------------------------------------------------------------------------------------
# https://learn.microsoft.com/azure/web-application-firewall/ag/bot-protection-overview
# https://learn.microsoft.com/rest/api/application-gateway/web-application-firewall-policies/list-all (overrides)


def bots(*overrides: Json, kind: str = "Microsoft_BotManagerRuleSet") -> Json:
    """A policy with one rule set, and overrides of its groups."""
    rule_set = {"ruleSetType": kind, "ruleSetVersion": "1.1", "ruleGroupOverrides": list(overrides)}
    return {"managedRules": {"managedRuleSets": [rule_set]}}


def group(name: str, *rules: Json) -> Json:
    return {"ruleGroupName": name, "rules": list(rules)}


POLICIES: dict[str, tuple[Json, str]] = {
    "plain": (bots(), PASS),
    "without": (bots(kind="Microsoft_DefaultRuleSet"), FAIL),
    "bad-off": (bots(group("BadBots", {"ruleId": "100100", "state": "Disabled"})), FAIL),
    "bad-let-through": (bots(group("BadBots", {"ruleId": "100100", "state": "Enabled", "action": "Allow"})), FAIL),
    "unknown-off": (bots(group("UnknownBots", {"ruleId": "300100"})), FAIL),
    "good-off": (bots(group("GoodBots", {"ruleId": "200100", "state": "Disabled"})), PASS),
    "stricter": (bots(group("UnknownBots", {"ruleId": "300100", "state": "Enabled", "action": "Block"})), PASS),
}


def test_firewall_policies(database: Database) -> None:
    provider = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
    policies = [resource(provider, name, properties=row[0]) for name, row in POLICIES.items()]
    chain = load(database, {f"/providers/{provider}": policies}, ["azure_waf_policy"])
    assert chain.verdicts("appgw-waf-bot-protection") == {name: row[1] for name, row in POLICIES.items()}
