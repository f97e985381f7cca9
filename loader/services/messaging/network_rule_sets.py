"""Who may call an Event Hubs or Service Bus namespace: its network rule set, which no list of namespaces tells.

A rule set that names nobody lets everybody in, also where its default action is Deny:
https://learn.microsoft.com/azure/event-hubs/event-hubs-ip-filtering,
https://learn.microsoft.com/azure/service-bus-messaging/service-bus-ip-filtering. Namespaces of the tiers below those
that offer a firewall have no rule set, and are open to everybody.
"""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Arm, Detail, Json, Property, Segment, texts
from loader.services.shared.reachable import EVERYBODY, Reach, network_acls
from loader.services.shared.wire import part
from loader.shapes import Missing

_DETAIL = "networkRuleSet"
_RULE_SET = network_acls(
    f"${_DETAIL}.properties",
    unset="Allow",
    addresses=("ipRules[].ipMask",),
    read_keys=("defaultAction", "publicNetworkAccess", "trustedServiceAccessEnabled", "ipRules", "virtualNetworkRules"),
)

NAMED_NETWORKS: tuple[Property, ...] = (
    texts("allowedIpAddresses", f"${_DETAIL}.properties.ipRules[].ipMask", "addresses that are let in"),
    texts("allowedSubnets", f"${_DETAIL}.properties.virtualNetworkRules[].subnet.id", "subnets that are let in"),
)


def network_rule_set(client: str, namespace: str, offered: Callable[[Json], bool]) -> Detail:
    """The call that tells it. offered: whether a namespace's tier has one."""
    return Detail(
        name=_DETAIL,
        call=Arm(
            client=client,
            operation="namespaces.get_network_rule_set",
            permission=f"{namespace}/namespaces/networkrulesets/read",
            args=(Segment("resourceGroups"), Segment("namespaces")),
            when=offered,
        ),
    )


def namespace_firewall(namespace: Json) -> Reach:
    """`$networkRuleSet.properties`"""
    if isinstance(namespace.get(f"${_DETAIL}"), Missing):
        return Reach(None, "")  # what was known of it before stays
    rules = part(namespace, f"${_DETAIL}", "properties")
    reach = _RULE_SET(namespace)
    if reach.where and rules and not rules.get("ipRules") and not rules.get("virtualNetworkRules"):
        return Reach(EVERYBODY, "its network rule set names nobody, which lets everybody in", 1.0)
    return reach


def tier(namespace: Json) -> str:
    """The tier in lower case: basic, standard or premium."""
    return str(part(namespace, "sku").get("name") or "").lower()
