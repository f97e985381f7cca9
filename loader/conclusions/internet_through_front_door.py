"""What the Internet reaches through Front Door Standard and Premium: the origins of its routes.

A route counts that is enabled, of an enabled endpoint, and answers to some name: the endpoint's own or a domain. It
leads to the enabled origins of its group: an app by its host names, as far as that lets somebody in over the public
address; and by a private endpoint, once that is approved, whatever the resource closes to the Internet.

    MATCH (:internet)-[way:REACHES {kind: 'Front Door'}]->(site) RETURN site.name, way.via, way.ports, way.privately

Source: https://learn.microsoft.com/azure/frontdoor/front-door-route-matching,
https://learn.microsoft.com/azure/frontdoor/private-link
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader.conclusions.internet_through_gateways import SITES
from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.edges import reaches
from loader.reach.public import passed
from loader.services.shared.far_ends import the_internet

# What Front Door Premium reaches by a private endpoint, as its page lists it and azgraph loads it.
PRIVATELY = (*SITES, "azure_storage_account", "azure_api_management_service")


def ports_of(forwarding: object, supported: Iterable[object], http: object, https: object) -> list[str]:
    """Where an origin is asked: by the route's protocol, or by those that the route takes where it follows these."""
    plain, secure = f"tcp:{80 if http is None else http}", f"tcp:{443 if https is None else https}"
    match str(forwarding).lower():
        case "httponly":
            return [plain]
        case "httpsonly":
            return [secure]
    taken = {str(one).lower() for one in supported} or {"http", "https"}
    return [port for name, port in (("http", plain), ("https", secure)) if name in taken]


def _origins(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    together: defaultdict[tuple[str, str], tuple[set[str], set[str], set[bool]]] = defaultdict(
        lambda: (set(), set(), set())
    )
    for row in rows:
        ports, routes, private = together[row["via"], row["target"]]
        ports.update(ports_of(row["forwarding"], row["supported"] or (), row["httpPort"], row["httpsPort"]))
        routes.add(str(row["route"]))
        private.add(bool(row["privately"]))
    for (via, target), (ports, routes, private) in together.items():
        yield reaches(
            "internet",
            target,
            passed(ports),
            via=via,
            kind="Front Door",
            rules=routes,
            share=1.0,
            privately=private == {True},
        )


TO_ORIGINS = Derivation(
    name="internet-through-front-door",
    inputs=(
        *("azure_cdn_profile", "azure_afd_endpoint", "azure_afd_route", "azure_afd_origin_group", "azure_afd_origin"),
        "azure_afd_custom_domain",
        *PRIVATELY,
    ),
    relationships=tuple(("internet", "REACHES", one) for one in PRIVATELY),
    query=f"""
        MATCH (endpoint:azure_afd_endpoint)-[:HAS]->(route:azure_afd_route)-[:USES]->(:azure_afd_origin_group)
              -[:HAS]->(origin:azure_afd_origin)
        WHERE coalesce(endpoint.enabled, true) AND coalesce(route.enabled, true) AND coalesce(origin.enabled, true)
          AND (coalesce(route.linkToDefaultDomain, false) OR EXISTS {{ (route)-[:USES]->(:azure_afd_custom_domain) }})
        WITH DISTINCT endpoint, route, origin
        CALL (origin) {{
            WITH origin WHERE NOT EXISTS {{ (origin)-[:CONNECTS]->() }}
            MATCH (site:{"|".join(SITES)}) WHERE NOT coalesce(site.reachableFrom, '') IN ['nobody', 'perimeter']
              AND toLower(origin.hostName) IN
                [one IN coalesce(site.hostNames, []) + coalesce([site.defaultHostName], []) | toLower(one)]
            RETURN site AS target, false AS privately
            UNION
            MATCH (origin)-[:CONNECTS]->(target:{"|".join(PRIVATELY)})
            WHERE toLower(origin.privateLinkStatus) = 'approved'
            RETURN target, true AS privately
        }}
        RETURN endpoint._key AS via, target._key AS target, privately, coalesce(route.name, route._key) AS route,
               route.forwardingProtocol AS forwarding, route.supportedProtocols AS supported,
               origin.httpPort AS httpPort, origin.httpsPort AS httpsPort
    """,
    rows=_origins,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Internet through Front Door", derivations=(TO_ORIGINS,))
