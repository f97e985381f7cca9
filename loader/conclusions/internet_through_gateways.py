"""What the Internet reaches through something in between: firewalls' DNAT rules, application gateways, CDN, Front Door.

Who reaches an application gateway or a Bastion say the groups of its subnet; nobody else reaches what is behind the
gateway, and nobody one that is stopped. Admin rules of Virtual Network Manager do not apply there. A firewall and a
gateway call what is behind them from an address of their own, so that groups see traffic from within the network: their
default rule lets it in. Peered networks are looked at, hubs of Virtual WAN are not.

    MATCH (:internet)-[way:REACHES {kind: 'firewall'}]->(nic:azure_nic) RETURN nic.name, way.via, way.rules, way.ports

Rules of a firewall are its own classic ones, or those of its policy and of all the policies that this one extends.
Source: https://learn.microsoft.com/azure/firewall/tutorial-firewall-dnat,
https://learn.microsoft.com/azure/firewall/firewall-known-issues (SNAT on inbound connections),
https://learn.microsoft.com/azure/application-gateway/how-application-gateway-works,
https://learn.microsoft.com/azure/application-gateway/configuration-infrastructure#network-security-groups,
https://learn.microsoft.com/azure/bastion/bastion-nsg,
https://learn.microsoft.com/azure/virtual-network-manager/concept-security-admins
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.conclusions.internet_exposure import links_to
from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.edges import reaches, size_of
from loader.reach.ends import within
from loader.reach.public import passed
from loader.reach.queries import ADMIN_RULES, GROUPS
from loader.reach.rules import Ports, both, from_edges, through_all
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, the_internet

_RULE_INPUTS = (
    *("azure_nic", "azure_subnet", "azure_vnet", "azure_security_group", "azure_network_manager"),
    *("azure_network_group", "azure_security_admin_configuration"),
    *("azure_security_admin_collection", "azure_security_admin_rule"),
)
SITES = ("azure_web_app", "azure_function_app", "azure_web_app_slot", "azure_function_app_slot")


def _let_in(row: Mapping[str, Any], asked: Ports) -> tuple[Ports, set[str]] | None:
    """What of these ports the groups of an interface let in from the gateway's subnet, and by which rules.

    None where that is nothing, or their rules are not loaded.
    """
    if any(not one["rules"] for one in row["groups"]):
        return None
    groups = [from_edges(one["rules"]) for one in row["groups"]]
    target = within(row["addresses"], row["applicationGroups"])
    found, rules = through_all(groups, from_edges(row["admin"], defaults=False), within(row["fromRanges"]), target)
    opened = both(found, asked)
    return (opened, rules) if any(opened.values()) else None


def _size(source: str, name: str, share: float | None) -> dict[str, Any]:
    """Of whoever is let in: what of the Internet that is."""
    return {"share": share} if source == "internet" else size_of(name)


def _translated(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    together: dict[tuple[str, str, str], tuple[set[str], set[str], set[float], Mapping[str, Any]]] = {}
    for row in rows:
        rule = row["rule"]
        port = rule.get("translatedPort") or rule["portRange"]
        protocols = [str(one).lower() for one in rule.get("ipProtocols") or ("any",)]
        key = (row["source"], row["target"], row["via"])
        ports, names, shares, _ = together.setdefault(key, (set(), set(), set(), row))
        ports |= {f"{'*' if one == 'any' else one}:{port}" for one in protocols if one in ("any", "tcp", "udp")}
        names.add(str(rule["name"]))
        shares.add(rule.get("internetShare") or 1.0)
    for (source, target, via), (ports, names, shares, row) in together.items():
        found = _let_in(row, passed(ports))
        if found is not None:
            opened, rules = found
            size = _size(source, row["sourceName"], max(shares))
            yield reaches(source, target, opened, via=via, kind="firewall", rules={*names, *rules}, **size)


THROUGH_FIREWALLS = Derivation(
    name="internet-through-firewalls",
    inputs=(
        *("azure_network_firewall", "azure_network_firewall_policy", "azure_network_firewall_rule_collection_group"),
        *_RULE_INPUTS,
    ),
    relationships=tuple((source, "REACHES", "azure_nic") for source in FIREWALL_FAR_ENDS),
    query=f"""
        MATCH (firewall:azure_network_firewall)<-[:HAS]-(place:azure_subnet)<-[:CONTAINS]-(own:azure_vnet)
        CALL (firewall) {{
            RETURN firewall AS holder
            UNION
            MATCH (firewall)-[:HAS]->(:azure_network_firewall_policy)-[:EXTENDS*0..]->(:azure_network_firewall_policy)
                  -[:HAS]->(holder:azure_network_firewall_rule_collection_group)
            RETURN holder
        }}
        MATCH (source)-[rule:ALLOWS {{ruleType: 'NatRule'}}]->(holder)
        WHERE rule.inbound AND rule.translatedAddress IS NOT NULL
        MATCH (own)-[:CONNECTS]-{{0,1}}(:azure_vnet)-[:CONTAINS]->(:azure_subnet)-[:HAS]->(nic:azure_nic)
        WHERE rule.translatedAddress IN nic.privateIpAddress
        WITH DISTINCT firewall, place, source, rule, nic
        {GROUPS.format(bearer="nic")}
        {ADMIN_RULES.format(bearer="nic")}
        RETURN source._key AS source, source.name AS sourceName, firewall._key AS via, nic._key AS target,
               properties(rule) AS rule, groups, admin, nic.privateIpAddress AS addresses,
               coalesce(place.addressPrefixes, []) AS fromRanges,
               [(nic)<-[:HAS]-(one:azure_application_security_group) | one._key] AS applicationGroups
    """,
    rows=_translated,
    makes=(the_internet(),),
)


def _fronts(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        yield from links_to({**row, "admin": [], "publicAddresses": [], "applicationGroups": []})


# One without a group is open, whatever its address is called: so `Basic`.
TO_GATEWAYS = Derivation(
    name="internet-to-gateways-of-subnets",
    inputs=(
        *("azure_application_gateway", "azure_bastion_host"),
        *("azure_public_ip", "azure_security_group", "azure_subnet"),
    ),
    relationships=tuple(
        (source, "REACHES", one)
        for source in FIREWALL_FAR_ENDS
        for one in ("azure_application_gateway", "azure_bastion_host")
    ),
    query=f"""
        MATCH (gateway:azure_application_gateway|azure_bastion_host)-[:USES]->(address:azure_public_ip)
        WHERE toLower(coalesce(gateway.operationalState, '')) <> 'stopped'
        WITH gateway, collect({{key: address._key, sku: 'Basic', kind: 'public address', versions: [address.ipVersion],
             ports: CASE WHEN gateway:azure_bastion_host THEN ['tcp:443'] ELSE gateway.publicPorts END}}) AS balancers,
             [one IN collect(address.publicIpAddress) WHERE one IS NOT NULL] AS fronts
        {GROUPS.format(bearer="gateway")}
        RETURN gateway._key AS target, balancers, groups, fronts + COLLECT {{
            MATCH (gateway)<-[:HAS]-(place:azure_subnet) UNWIND place.addressPrefixes AS one RETURN one
        }} AS addresses
    """,
    rows=_fronts,
    makes=(the_internet(),),
)


def _behind(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        found = _let_in(row, passed([one.partition(" ")[0] for one in row["backends"]]))
        if found is not None:
            opened, rules = found
            size = _size(row["source"], row["sourceName"], row["share"])
            yield reaches(
                row["source"], row["target"], opened, via=row["via"], kind="application gateway", rules=rules, **size
            )


THROUGH_APPLICATION_GATEWAYS = Derivation(
    name="internet-through-application-gateways",
    inputs=("azure_application_gateway", "azure_public_ip", *_RULE_INPUTS),
    relationships=tuple((source, "REACHES", "azure_nic") for source in FIREWALL_FAR_ENDS),
    after=(TO_GATEWAYS.name,),
    query=f"""
        MATCH (gateway:azure_application_gateway {{public: true}})<-[:HAS]-(place:azure_subnet)
              <-[:CONTAINS]-(own:azure_vnet)
        MATCH (own)-[:CONNECTS]-{{0,1}}(:azure_vnet)-[:CONTAINS]->(:azure_subnet)-[:HAS]->(nic:azure_nic)
        WITH DISTINCT gateway, place, nic, [one IN gateway.publicBackends WHERE split(one, ' ')[1] = 'id:' + nic._key
             OR split(one, ' ')[1] IN [address IN nic.privateIpAddress | 'ip:' + address]] AS backends
        WHERE size(backends) > 0
        MATCH (source)-[front:REACHES]->(gateway)
        WITH gateway, place, nic, backends, source, max(front.internetShare) AS share
        {GROUPS.format(bearer="nic")}
        {ADMIN_RULES.format(bearer="nic")}
        RETURN source._key AS source, source.name AS sourceName, share, gateway._key AS via,
               nic._key AS target, backends, groups, admin, nic.privateIpAddress AS addresses,
               coalesce(place.addressPrefixes, []) AS fromRanges,
               [(nic)<-[:HAS]-(one:azure_application_security_group) | one._key] AS applicationGroups
    """,
    rows=_behind,
    makes=(the_internet(),),
)


def _origins(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        size = _size(row["source"], row["sourceName"], row["share"])
        yield reaches(row["source"], row["target"], passed(row["ports"]), via=row["via"], kind=row["kind"], **size)


# A site that lets in named callers only may let in its gateway: it is reached through that. One that is closed is not
# counted: whether the gateway comes by a private endpoint is not worked out. An application gateway also gets to a site
# of an App Service Environment that answers within its network only.
TO_ORIGINS = Derivation(
    name="internet-to-origins",
    inputs=(
        *("azure_application_gateway", "azure_cdn_endpoint", "azure_frontdoor_backend_pool", *SITES),
        *("azure_public_ip", "azure_security_group", "azure_subnet"),
    ),
    relationships=tuple((source, "REACHES", site) for source in FIREWALL_FAR_ENDS for site in SITES),
    after=(TO_GATEWAYS.name,),
    query=f"""
        MATCH (site:{"|".join(SITES)})
        WITH site, NOT coalesce(site.reachableFrom, '') IN ['nobody', 'perimeter'] AS open,
             toLower(coalesce(site.defaultHostName, '')) CONTAINS '.appserviceenvironment.'
             AND toLower(coalesce(site.publicNetworkAccess, '')) <> 'disabled' AS within
        WHERE open OR within
        UNWIND coalesce(site.hostNames, []) + coalesce([site.defaultHostName], []) AS host
        WITH DISTINCT site, toLower(host) AS host, open
        CALL (host, open) {{
            MATCH (gateway:azure_application_gateway {{public: true}})
            WITH gateway, [one IN gateway.publicBackends WHERE split(one, ' ')[1] = 'name:' + host | split(one, ' ')[0]]
                AS ports WHERE size(ports) > 0
            MATCH (source)-[front:REACHES]->(gateway)
            RETURN gateway._key AS via, 'application gateway' AS kind, ports, source._key AS source,
                   source.name AS sourceName, max(front.internetShare) AS share
            UNION
            MATCH (endpoint:azure_cdn_endpoint) WHERE open AND host IN [one IN endpoint.origins | toLower(one)]
            RETURN endpoint._key AS via, 'CDN' AS kind, ['tcp:443'] AS ports, 'internet' AS source, '' AS sourceName,
                   1.0 AS share
            UNION
            MATCH (pool:azure_frontdoor_backend_pool) WHERE open AND host IN [one IN pool.backends | toLower(one)]
            RETURN pool._key AS via, 'Front Door' AS kind, ['tcp:443'] AS ports, 'internet' AS source,
                   '' AS sourceName, 1.0 AS share
        }}
        RETURN DISTINCT via, kind, ports, site._key AS target, source, sourceName, share
    """,
    rows=_origins,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(
    name="Internet through gateways",
    derivations=(THROUGH_FIREWALLS, TO_GATEWAYS, THROUGH_APPLICATION_GATEWAYS, TO_ORIGINS),
)
