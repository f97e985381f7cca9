"""Firewall policies: the rules of Azure Firewalls, kept apart from them so that several can share one.

A policy's rules stand in groups of collections. Network and DNAT rules become `ALLOWS` and `DENIES` edges between the
group and what they name: inbound from a source that is not private, outbound to such a destination; what stays within
private networks makes none. A rule of every source or every destination is one of the Internet, and so is one that
lets in much of it (`internetShare` says how much); a side may name ranges from one address to another.

    MATCH (firewall:azure_network_firewall)-[:HAS]->(:azure_network_firewall_policy)-[:EXTENDS*0..]->(policy)
          -[:HAS]->(group:azure_network_firewall_rule_collection_group)<-[rule:ALLOWS]-(:internet)
    RETURN firewall.name, rule.name, rule.portRange, rule.translatedAddress

Not worked out: which rule decides (DNAT before network before application rules, each by priority, those of a base
policy first). Into private networks the Internet comes by DNAT rules only.
Source: https://learn.microsoft.com/azure/firewall/rule-processing
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from loader.model import (
    Arm,
    EntityType,
    Json,
    Link,
    Segment,
    Service,
    Target,
    Value,
    flag,
    incoming,
    links,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS
from loader.services.shared.firewall_ranges import far_ends
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.ports import port_interval
from loader.services.shared.wire import explained, how_many, part, parts, plain

_CLIENT = "azure.mgmt.network.aio:NetworkManagementClient"
_POLICY = "azure_network_firewall_policy"
_DETECTION = "properties.intrusionDetection"

POLICY = EntityType(
    type=_POLICY,
    resource="Firewall Policy",
    classes=("Policy",),
    arm_type="Microsoft.Network/firewallPolicies",
    inventory="Microsoft.Network/firewallPolicies",
    documentation="https://learn.microsoft.com/rest/api/firewall/firewall-policies/list-all",
    fetch=Arm(
        client=_CLIENT, operation="firewall_policies.list_all", permission="Microsoft.Network/firewallPolicies/read"
    ),
    properties=(
        text("skuTier", "properties.sku.tier", "Basic, Standard or Premium"),
        text("basePolicyId", "properties.basePolicy.id", "the policy whose rules hold as well"),
        text("threatIntelMode", "properties.threatIntelMode", "Off, Alert or Deny for known malicious addresses"),
        texts("threatIntelAllowedAddresses", "properties.threatIntelWhitelist.ipAddresses", "that never count as such"),
        texts("threatIntelAllowedNames", "properties.threatIntelWhitelist.fqdns", "nor these"),
        text("intrusionDetectionMode", f"{_DETECTION}.mode", "Off, Alert or Deny for attacks in the traffic"),
        text("intrusionDetectionProfile", f"{_DETECTION}.profile", "how many signatures are watched for"),
        whole(
            "intrusionDetectionBypasses",
            how_many(f"{_DETECTION}.configuration.bypassTrafficSettings"),
            "how much traffic is not watched",
        ),
        text(
            "tlsInspectionCertificate",
            "properties.transportSecurity.certificateAuthority.name",
            "what it opens encrypted traffic with; none: it does not",
        ),
        flag("dnsProxy", "properties.dnsSettings.enableProxy", "it answers names for the networks behind it"),
        texts("dnsServers", "properties.dnsSettings.servers", "whom it asks; none: Azure"),
        flag("explicitProxy", "properties.explicitProxy.enableExplicitProxy", "programs can be told to go through it"),
        flag("analytics", "properties.insights.isEnabled", "it says which of its rules are used"),
        *identity_properties(),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(
        in_resource_group(),
        outgoing("EXTENDS", _POLICY, "properties.basePolicy.id", "the policy whose rules hold as well"),
        uses_identities(),
    ),
)

_TRANSLATED = ("translatedAddress", "translatedFqdn", "translatedPort")


def _rules(group: Json) -> Iterator[tuple[Json, Json]]:
    """Each rule with the collection it is in."""
    for collection in parts(group, "properties", "ruleCollections"):
        for rule in parts(collection, "rules"):
            yield collection, rule


def _count(kind: str) -> Callable[[Json], int]:
    def counted(group: Json) -> int:
        return sum(rule.get("ruleType") == kind for _, rule in _rules(group))

    return explained(f"the rules in `properties.ruleCollections` whose `ruleType` is {kind}", counted)


def _allows(collection: Json) -> bool:
    """A DNAT collection has an action of its own name; what it lets through is let through."""
    return str(part(collection, "action").get("type")).lower() != "deny"


def _far_ends(rule: Json, field: str, *, allows: bool) -> list[tuple[Target, dict[str, Value]]]:
    """What of a side is not private: the Internet, public addresses and ranges, service tags."""
    found = far_ends(plain(rule, field), allows=allows)
    return [(target, size) for target, size in found if target.properties.get("isPublic", True)]


def rule_links(group: Json, *, allows: bool, inbound: bool) -> Iterator[Link]:
    """The edges of a group's rules of one access and direction, one for each far end and port range."""
    for collection, rule in _rules(group):
        if _allows(collection) != allows or rule.get("ruleType") not in ("NetworkRule", "NatRule"):
            continue
        shared = _properties(group, collection, rule) | {"inbound": inbound, "egress": not inbound}
        side = "sourceAddresses" if inbound else "destinationAddresses"
        for target, size in _far_ends(rule, side, allows=allows):
            if not inbound and rule.get("ruleType") == "NatRule":
                continue  # its destination is the firewall's own address
            for port_range in plain(rule, "destinationPorts") or ("*",):
                start, end = port_interval(str(port_range))
                ports: dict[str, Value] = {"portRange": str(port_range), "fromPort": start, "toPort": end}
                key = f"{group.get('id')}/{collection.get('name')}/{rule.get('name')}:{port_range}".lower()
                verb = "ALLOWS" if allows else "DENIES"
                yield Link(verb, target, incoming=inbound, key=key, properties=shared | size | ports)


def _properties(group: Json, collection: Json, rule: Json) -> dict[str, Value]:
    priorities = {"groupPriority": part(group, "properties").get("priority"), "priority": collection.get("priority")}
    told = {"name": rule.get("name"), "collection": collection.get("name"), "ruleType": rule.get("ruleType")}
    told |= priorities | {name: rule.get(name) for name in _TRANSLATED}
    sides = ("sourceAddresses", "destinationAddresses", "sourceIpGroups", "destinationIpGroups", "destinationFqdns")
    listed: dict[str, Value] = {name: [str(one) for one in plain(rule, name)] for name in ("ipProtocols", *sides)}
    return {name: value for name, value in (told | listed).items() if value not in (None, [])}


def _edges(verb: str, *, inbound: bool) -> Callable[[Json], Iterable[Link]]:
    return lambda group: rule_links(group, allows=verb == "ALLOWS", inbound=inbound)


RULE_COLLECTION_GROUP = EntityType(
    type="azure_network_firewall_rule_collection_group",
    resource="Firewall Rule Collection Group",
    classes=("Ruleset",),
    arm_type="Microsoft.Network/firewallPolicies/ruleCollectionGroups",
    documentation="https://learn.microsoft.com/rest/api/firewall/firewall-policy-rule-collection-groups/list",
    fetch=Arm(
        client=_CLIENT,
        operation="firewall_policy_rule_collection_groups.list",
        permission="Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
        args=(Segment("resourceGroups"), Segment("firewallPolicies")),
        parent=_POLICY,
        # Today's API names a policy's groups, so that a policy without any costs no call; that of 2019 does not.
        when=lambda policy: part(policy, "properties").get("ruleCollectionGroups") != [],
    ),
    properties=(
        whole("priority", "properties.priority", "the lower number is looked at first"),
        texts("collections", "properties.ruleCollections[].name", "the collections in it"),
        whole("networkRules", _count("NetworkRule"), "rules by address and port"),
        whole("applicationRules", _count("ApplicationRule"), "rules by name of the site"),
        whole("natRules", _count("NatRule"), "rules that pass traffic from outside on to a private address"),
        texts("sites", "properties.ruleCollections[].rules[].targetFqdns[]", "names that application rules are about"),
        text("provisioningState", "properties.provisioningState", "state of the last change"),
    ),
    relationships=(
        incoming("HAS", _POLICY, "@parent.id", "the policy it is in"),
        links("ALLOWS", FIREWALL_FAR_ENDS, _edges("ALLOWS", inbound=True), "who gets in", is_incoming=True),
        links("ALLOWS", FIREWALL_FAR_ENDS, _edges("ALLOWS", inbound=False), "what can be reached"),
        links("DENIES", FIREWALL_FAR_ENDS, _edges("DENIES", inbound=True), "who is kept out", is_incoming=True),
        links("DENIES", FIREWALL_FAR_ENDS, _edges("DENIES", inbound=False), "what cannot be reached"),
    ),
)

SERVICE = Service(name="Firewall policies", entity_types=(POLICY, RULE_COLLECTION_GROUP))
