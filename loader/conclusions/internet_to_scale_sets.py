"""Which scale sets the Internet reaches: machines with public addresses of their own, pools and NAT pools of balancers.

The machines of a Uniform set are not in any list, so the set stands for them, by the pattern that they are made after;
those of a Flexible set have interfaces of their own, see `internet_exposure`. Their addresses are known as their
subnet's ranges only. A public address of a set is a Standard one unless it says Basic.
Source: https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-networking
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.conclusions.internet_exposure import links_to
from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.queries import ADMIN_RULES, GROUPS
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, the_internet


def _reaches(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        own = [{"key": row["target"], "sku": row["sku"], "version": "IPv4"}] if row["publicIp"] else []
        yield from links_to({**row, "publicAddresses": own})


INTERNET_REACHES = Derivation(
    name="internet-to-scale-sets",
    inputs=(
        *("azure_vm_scale_set", "azure_subnet", "azure_vnet", "azure_security_group", "azure_lb", "azure_public_ip"),
        *("azure_network_manager", "azure_network_group", "azure_security_admin_configuration"),
        *("azure_security_admin_collection", "azure_security_admin_rule"),
    ),
    relationships=tuple((source, "REACHES", "azure_vm_scale_set") for source in FIREWALL_FAR_ENDS),
    query=f"""
        MATCH (set:azure_vm_scale_set) WHERE set.publicIp OR size(coalesce(set.balancerPools, [])) > 0
        CALL (set) {{
            OPTIONAL MATCH (balancer:azure_lb {{public: true}})
            WHERE any(one IN balancer.publicPools WHERE split(one, ' ')[0] IN set.balancerPools)
            RETURN [one IN collect({{key: balancer._key, sku: balancer.sku,
                    ports: [pool IN balancer.publicPools WHERE split(pool, ' ')[0] IN set.balancerPools
                            | split(pool, ' ')[1]],
                    versions: [(balancer)-[:USES]->(ip:azure_public_ip) | ip.ipVersion]}})
                    WHERE one.key IS NOT NULL] AS balancers
        }}
        {GROUPS.format(bearer="set")}
        {ADMIN_RULES.format(bearer="set")}
        WITH set, balancers, groups, admin, COLLECT {{
            MATCH (set)<-[:HAS]-(place:azure_subnet) UNWIND place.addressPrefixes AS one RETURN one
        }} AS addresses
        RETURN set._key AS target, coalesce(set.publicIpSku, 'Standard') AS sku, coalesce(set.publicIp, false)
               AS publicIp, addresses, balancers, groups, admin, [] AS applicationGroups
    """,
    rows=_reaches,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Internet to scale sets", derivations=(INTERNET_REACHES,))
