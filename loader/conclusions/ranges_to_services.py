"""Who gets through the firewalls of platform services by name: `(range)-[:REACHES]->(service)`, with how many that are.

A range, an address or a service tag that a service's own firewall names, that a firewall rule of a database server
names, or that an inbound rule of the network security perimeter names which the service is in. `internetShare` says how
large a part of the Internet it is, `addresses` how many addresses; of a service tag neither is known. A rule of a
perimeter may name subscriptions too: `(subscription)-[:REACHES]->(service)`, by whatever acts as a managed identity of
theirs (https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts).

    MATCH (from:address_range)-[way:REACHES]->(service) WHERE way.addresses > 65536 RETURN from.name, service.name

In an enforced perimeter its rules count alone; in every other mode they let in beside the service's own firewall. What
all rules of a perimeter let in together stands at the edge from the Internet, as for other services.
Source: https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.conclusions.internet_to_public_services import PORTS, SERVICES
from loader.conclusions.internet_to_services import COUNTS, RULES, RULES_OF
from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.edges import reaches, size_of
from loader.reach.public import passed
from loader.reach.queries import ENFORCED, PERIMETER_INPUTS
from loader.reach.rules import Ports
from loader.services.shared.addresses import internet_share
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, the_internet

_NAMED = tuple(one for one in FIREWALL_FAR_ENDS if one != "internet")
_TARGETS = tuple(dict.fromkeys((*SERVICES, *RULES_OF)))
_IS_TARGET = f"(service:{' OR service:'.join(_TARGETS)})"
_DATABASE_PORTS = {
    "azure_sql_server": ["tcp:1433"],
    "azure_mysql_flexible_server": ["tcp:3306"],
    "azure_postgresql_flexible_server": ["tcp:5432"],
    "azure_postgresql_server": ["tcp:5432"],
    "azure_synapse_workspace": ["tcp:1433"],
}


def _ports_of(entity_type: str) -> Ports:
    return passed({**PORTS, **_DATABASE_PORTS}.get(entity_type, ["tcp:443"]))


def _ranges(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        yield reaches(
            row["source"],
            row["target"],
            _ports_of(row["type"]),
            via=row["via"],
            kind=row["kind"],
            rules=row["rules"],
            **size_of(str(row["name"])),
        )


_PUBLIC = "(source:azure_service_tag OR coalesce(source.isPublic, true))"

BY_FIREWALLS = Derivation(
    name="ranges-to-services",
    inputs=(*_TARGETS, *RULES, *PERIMETER_INPUTS),
    relationships=tuple((source, "REACHES", one) for source in _NAMED for one in _TARGETS),
    query=f"""
        MATCH (source:{"|".join(_NAMED)})-[:ALLOWS]->(service:{"|".join(SERVICES)})
        WHERE {_PUBLIC} AND NOT {ENFORCED.format(service="service")}
        RETURN source._key AS source, source.name AS name, service._key AS target, service._type AS type,
               service._key AS via, 'service firewall' AS kind, [] AS rules
        UNION ALL
        MATCH (source:{"|".join(_NAMED)})-[:ALLOWS]->(rule:{"|".join(RULES)})<-[:HAS]-(service:Entity)
        WHERE {_PUBLIC} AND service.reachableFrom = 'rules' AND {COUNTS.format(server="service")}
          AND NOT {ENFORCED.format(service="service")}
        RETURN source._key AS source, source.name AS name, service._key AS target, service._type AS type,
               service._key AS via, 'service firewall' AS kind, collect(DISTINCT rule.name) AS rules
    """,
    rows=_ranges,
)

_RULES = """
        MATCH (service:Entity)<-[:PROTECTS]-(:azure_network_security_perimeter_association)
              -[:USES]->(profile:azure_network_security_perimeter_profile)
              -[:HAS]->(rule:azure_network_security_perimeter_rule)
"""

BY_PERIMETERS = Derivation(
    name="ranges-through-perimeters",
    inputs=(*_TARGETS, *PERIMETER_INPUTS),
    relationships=tuple((source, "REACHES", one) for source in _NAMED for one in _TARGETS),
    query=f"""
        {_RULES}
        MATCH (source:{"|".join(_NAMED)})-[:ALLOWS]->(rule)
        WHERE {_PUBLIC} AND {_IS_TARGET}
        RETURN source._key AS source, source.name AS name, service._key AS target, service._type AS type,
               profile._key AS via, 'perimeter' AS kind, collect(DISTINCT rule.name) AS rules
    """,
    rows=_ranges,
)


def _of_subscriptions(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    why = "its managed identities are let in"
    for row in rows:
        ports = _ports_of(row["type"])
        yield reaches(
            row["source"], row["target"], ports, via=row["via"], kind="perimeter", rules=row["rules"], why=why
        )


SUBSCRIPTIONS = Derivation(
    name="subscriptions-through-perimeters",
    inputs=(*_TARGETS, *PERIMETER_INPUTS),
    relationships=tuple(("azure_subscription", "REACHES", one) for one in _TARGETS),
    query=f"""
        {_RULES}
        MATCH (source:azure_subscription)-[:ALLOWS]->(rule)
        WHERE toLower(rule.direction) = 'inbound' AND {_IS_TARGET}
        RETURN source._key AS source, service._key AS target, service._type AS type, profile._key AS via,
               collect(DISTINCT rule.name) AS rules
    """,
    rows=_of_subscriptions,
)


def _together(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    found: defaultdict[tuple[str, str, str], tuple[list[str], set[str]]] = defaultdict(lambda: ([], set()))
    for row in rows:
        prefixes, names = found[row["target"], row["type"], row["via"]]
        own = [str(one) for one in row["prefixes"] or ()]
        prefixes += own
        names |= {str(row["rule"])} if internet_share(own) else set()
    for (target, kind, via), (prefixes, names) in found.items():
        share = internet_share(prefixes)
        if share:
            why = "an inbound rule of its network security perimeter"
            yield reaches(
                "internet", target, _ports_of(kind), via=via, kind="perimeter", rules=names, share=share, why=why
            )


INTERNET = Derivation(
    name="internet-through-perimeters",
    inputs=(*_TARGETS, *PERIMETER_INPUTS),
    relationships=tuple(("internet", "REACHES", one) for one in _TARGETS),
    query=f"""
        {_RULES}
        WHERE toLower(rule.direction) = 'inbound'
          AND {_IS_TARGET}
        RETURN DISTINCT service._key AS target, service._type AS type, profile._key AS via, rule.name AS rule,
               rule.addressPrefixes AS prefixes
    """,
    rows=_together,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Ranges to services", derivations=(BY_FIREWALLS, BY_PERIMETERS, SUBSCRIPTIONS, INTERNET))
