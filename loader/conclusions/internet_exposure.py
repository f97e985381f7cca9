"""Which network interfaces the Internet reaches, and on which ports: the way in, and every rule on it.

`(source)-[:REACHES]->(:azure_nic)` is a derivation: a public address of the interface or a rule of a public load
balancer in front of it, and ports that admin rules of Virtual Network Manager and the groups of the interface and of
its subnet let in. The source is the Internet, or the public range, address or service tag that a rule names; these
have only what the Internet has not. Where there is no group at all, a Basic address or balancer lets everything in
and a Standard one nothing (so Azure's documentation). IPv4 and IPv6 are worked out apart.

    MATCH (:internet)-[r:REACHES]->(:azure_nic)<-[:USES]-(vm:azure_vm)
    WHERE any(i IN range(0, size(r.tcpFrom) - 1) WHERE r.tcpFrom[i] <= 22 <= r.tcpTo[i])
    RETURN vm.name, r.via, r.rules

Ways through firewalls and gateways are in `internet_through_gateways`. Not looked at: routes, guest firewalls.
A group whose rules are not loaded makes no edge: checks say `needs: azure_security_group` and are not evaluated then.
Source: https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.edges import reaches, size_of
from loader.reach.ends import End, everybody, of_version, part_of_internet, within
from loader.reach.public import ways_in
from loader.reach.queries import ADMIN_RULES, GROUPS
from loader.reach.rules import Rule, both, from_edges, share_of_rules, through_all, without
from loader.services.network.load_balancers import BALANCED_ADDRESSES
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, address_target, the_internet


def links_to(row: Mapping[str, Any]) -> Iterator[DerivedLink]:
    """The edges to one target: a row with its ways in, its addresses, its groups and the admin rules of its network."""
    if any(not one["rules"] for one in row["groups"]):
        return
    groups = [from_edges(one["rules"]) for one in row["groups"]]
    admin = from_edges(row["admin"], defaults=False)
    target = within(row["addresses"], row["applicationGroups"])
    for way in ways_in(row):
        for version in sorted(way.versions):
            own = of_version(target, version)
            yield from _links(row["target"], way.key, way.kind, way.passed, groups, admin, own)


def _reaches(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        yield from links_to(row)


def _links(
    key: str, via: str, kind: str, passed: Any, groups: list[list[Rule]], admin: list[Rule], target: End
) -> Iterator[DerivedLink]:
    version = target.version
    opened, used = through_all(groups, admin, everybody(version), target)
    open_to_all = both(opened, passed)
    if any(open_to_all.values()):
        share = min((share_of_rules(one, used, version) or 1.0 for one in groups), default=1.0)
        yield reaches("internet", key, open_to_all, via=via, kind=kind, rules=used, share=share, version=version)
    for name in _parts([*groups, admin], version):
        source = part_of_internet(name)
        opened, used = through_all(groups, admin, of_version(source, version), target)
        more = without(both(opened, passed), open_to_all)
        if any(more.values()):
            yield reaches(
                address_target(name).key, key, more, via=via, kind=kind, rules=used, version=version, **size_of(name)
            )


_NO_PART = frozenset({"*", "any", "internet", "virtualnetwork", "azureloadbalancer"})


def _parts(several: list[list[Rule]], version: int) -> list[str]:
    """The public ranges, addresses and service tags that some rule lets in by name."""
    named = {one for rules in several for rule in rules if rule.access != "deny" for one in rule.sources}
    found = {address_target(one).key: one for one in sorted(named) if one.lower() not in _NO_PART and one[:1] != "/"}
    return [
        one
        for key, one in found.items()
        if key != "internet"
        and address_target(one).properties.get("isPublic", True)
        and (source := part_of_internet(one))
        and (not source.networks or source.version == version)
    ]


INTERNET_REACHES = Derivation(
    name="internet-exposure",
    inputs=(
        *("azure_nic", "azure_subnet", "azure_vnet", "azure_security_group", "azure_public_ip", "azure_lb"),
        *(
            "azure_network_manager",
            "azure_network_group",
            "azure_security_admin_configuration",
            "azure_security_admin_collection",
            "azure_security_admin_rule",
        ),
    ),
    relationships=tuple((source, "REACHES", "azure_nic") for source in FIREWALL_FAR_ENDS),
    after=(BALANCED_ADDRESSES.name,),
    query=f"""
        MATCH (nic:azure_nic) WHERE (nic)-[:USES]->(:azure_public_ip) OR (nic)<-[:CONNECTS]-(:azure_lb {{public: true}})
        CALL (nic) {{
            OPTIONAL MATCH (nic)-[:USES]->(address:azure_public_ip)
            RETURN [one IN collect(DISTINCT address) | {{key: one._key, sku: one.sku, version: one.ipVersion}}]
                AS publicAddresses
        }}
        CALL (nic) {{
            OPTIONAL MATCH (balancer:azure_lb {{public: true}})-[edge:CONNECTS]->(nic)
            WITH balancer, reduce(every = [], one IN collect(edge.publicPorts) | every + one) AS ports
            RETURN [one IN collect({{key: balancer._key, sku: balancer.sku, ports: ports,
                    versions: [(balancer)-[:USES]->(ip:azure_public_ip) | ip.ipVersion]}})
                    WHERE one.key IS NOT NULL] AS balancers
        }}
        {GROUPS.format(bearer="nic")}
        {ADMIN_RULES.format(bearer="nic")}
        RETURN nic._key AS target, coalesce(nic.privateIpAddress, []) AS addresses, publicAddresses, balancers,
               groups, admin, [(nic)<-[:HAS]-(one:azure_application_security_group) | one._key] AS applicationGroups
    """,
    rows=_reaches,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Internet exposure", derivations=(INTERNET_REACHES,))
