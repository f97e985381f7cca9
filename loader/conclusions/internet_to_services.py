"""Which platform services the Internet reaches whose firewall rules are entities of their own: databases.

`(:internet)-[:REACHES {internetShare, rules}]->(server)` for each such server with a public address: the part of the
Internet's addresses that all its rules let in together, and the names of those that add to it. A server that lets
nobody in has no edge. Only Redis lets everybody in while it has no rule at all.

    MATCH (:internet)-[way:REACHES]->(server:azure_sql_server) WHERE way.internetShare >= 0.1 RETURN server.name

Services whose firewall stands in their own answer say the same as `internetShare` themselves, and `reachableFrom` of
these is "rules". Rules that were not loaded make no edge: checks name them in `needs`.
Source: https://learn.microsoft.com/azure/azure-sql/database/firewall-configure,
https://learn.microsoft.com/azure/azure-cache-for-redis/cache-network-isolation
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.queries import ENFORCED, PERIMETER_INPUTS
from loader.services.shared.addresses import share_of, span_blocks
from loader.services.shared.far_ends import the_internet

# Server → its firewall rules. MariaDB's and MySQL's single servers are retired; their rules are not loaded.
RULES_OF = {
    "azure_sql_server": "azure_sql_server_firewall_rule",
    "azure_mysql_flexible_server": "azure_mysql_flexible_server_firewall_rule",
    "azure_postgresql_flexible_server": "azure_postgresql_flexible_server_firewall_rule",
    "azure_postgresql_server": "azure_postgresql_server_firewall_rule",
    "azure_redis_cache": "azure_firewall_rule",
    "azure_synapse_workspace": "azure_synapse_firewall_rule",
}
# All types of such rules: SQL servers have those for IPv6 in a list of their own.
_IPV6 = "azure_sql_server_ipv6_firewall_rule"
RULES = (*RULES_OF.values(), _IPV6)
# Rules of IPv6 count unless the server says that it has IPv6 off.
COUNTS = f"(NOT rule:{_IPV6} OR coalesce({{server}}.ipv6Enabled, true))"
_OPEN_WITHOUT_RULES = "azure_redis_cache"


def _reaches(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        blocks = {rule["name"]: span_blocks(rule["first"], rule["last"]) for rule in row["rules"]}
        share = share_of(block for several in blocks.values() for block in several)
        if not blocks and row["type"] == _OPEN_WITHOUT_RULES:
            share = 1.0
        if share:
            adding = sorted(name for name, several in blocks.items() if share_of(several))
            yield DerivedLink(
                "internet", "REACHES", row["server"], properties={"internetShare": share, "rules": adding}
            )


INTERNET_REACHES = Derivation(
    name="internet-to-services",
    inputs=(*RULES_OF, *RULES, PERIMETER_INPUTS[0]),
    relationships=tuple(("internet", "REACHES", server) for server in RULES_OF),
    query=f"""
        MATCH (server:{"|".join(RULES_OF)}) WHERE server.reachableFrom = 'rules'
          AND NOT {ENFORCED.format(service="server")}
        RETURN server._key AS server, server._type AS type, COLLECT {{
            MATCH (server)-[:HAS]->(rule:{"|".join(RULES)}) WHERE {COUNTS.format(server="server")}
            RETURN {{name: rule.name, first: coalesce(rule.startIpAddress, rule.ipRangeStart, ''),
                     last: coalesce(rule.endIpAddress, rule.ipRangeEnd, '')}}
        }} AS rules
    """,
    rows=_reaches,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Internet to services", derivations=(INTERNET_REACHES,))
