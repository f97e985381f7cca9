"""Services that everybody on the Internet reaches, by the same relationship and properties as machines.

    MATCH (:internet)-[way:REACHES]->(what) WHERE way.internetShare >= 0.1 RETURN what._type, what.name, way.ports

Platform services say themselves from where they are reached (`reachableFrom`): those that say everybody are here, and
of the others those that let a part of the Internet in, with the size of that part. Also what answers on a public
address (application gateways and Bastion are in `internet_through_gateways`), container groups with one, and
registries that anyone may read without signing in (`anonymous`; blobs are in `services_to_blobs`).
Source: https://learn.microsoft.com/azure/container-registry/anonymous-pull-access,
https://learn.microsoft.com/azure/container-instances/container-instances-container-groups#networking
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from loader import services
from loader.model import Conclusion, Derivation, DerivedLink
from loader.reach.edges import reaches
from loader.reach.public import passed
from loader.reach.queries import ENFORCED, PERIMETER_INPUTS
from loader.services.shared.far_ends import the_internet

# Servers whose firewall rules are entities have their own edge, see `internet_to_services`.
SERVICES = tuple(
    sorted(
        name
        for name, declared in services.entity_types().items()
        if any(one.name == "reachableFrom" for one in declared.properties)
    )
)
# Where a service answers on something else than 443. Source: each service's page on its firewall; of messaging
# https://learn.microsoft.com/azure/event-hubs/event-hubs-faq (AMQP, AMQP over WebSockets, Kafka),
# https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide,
# https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-protocols.
_AMQP = ["tcp:443", "tcp:5671-5672"]
PORTS = {
    "azure_redis_cache": ["tcp:6379-6380"],
    "azure_iot_hub": ["tcp:443", "tcp:5671", "tcp:8883"],
    "azure_event_hub_namespace": [*_AMQP, "tcp:9093"],
    "azure_service_bus_namespace": _AMQP,
}


def _services(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        ports = passed(PORTS.get(row["type"], ["tcp:443"]))
        more: dict[str, Any] = {"anonymous": True} if row["anonymous"] else {}
        yield reaches(
            "internet",
            row["target"],
            ports,
            via=row["target"],
            kind="public endpoint",
            share=row["share"],
            why=row["why"] or "",
            **more,
        )


TO_SERVICES = Derivation(
    name="internet-to-public-services",
    inputs=(*SERVICES, PERIMETER_INPUTS[0]),
    relationships=tuple(("internet", "REACHES", one) for one in SERVICES),
    query=f"""
        MATCH (service:{"|".join(SERVICES)})
        WHERE service.reachableFrom <> 'rules' AND service.internetShare > 0
          AND NOT {ENFORCED.format(service="service")}
        RETURN service._key AS target, service._type AS type, service.internetShare AS share,
               service.reachableWhy AS why, coalesce(service.anonymousPullEnabled, false) AS anonymous
    """,
    rows=_services,
    makes=(the_internet(),),
)


def _answering(rows: Iterable[Mapping[str, Any]]) -> Iterator[DerivedLink]:
    for row in rows:
        ports = passed(str(one).lower() for one in row["ports"])
        if any(ports.values()):
            yield reaches("internet", row["target"], ports, via=row["via"], kind=row["kind"], share=1.0)


_ANSWERING = (
    *("azure_container_group", "azure_cdn_endpoint"),
    *("azure_afd_endpoint", "azure_frontdoor_frontend_endpoint"),
)
TO_GATEWAYS = Derivation(
    name="internet-to-gateways",
    inputs=_ANSWERING,
    relationships=tuple(("internet", "REACHES", one) for one in _ANSWERING),
    query="""
        MATCH (one:azure_container_group {public: true})
        RETURN one._key AS target, one._key AS via, 'public address' AS kind, coalesce(one.ports, []) AS ports
        UNION
        MATCH (one:azure_cdn_endpoint|azure_afd_endpoint|azure_frontdoor_frontend_endpoint)
        WHERE coalesce(one.enabled, true) AND NOT coalesce(one.resourceState, '') IN ['Stopped', 'Disabled']
        RETURN one._key AS target, one._key AS via, 'public endpoint' AS kind, ['tcp:80', 'tcp:443'] AS ports
    """,
    rows=_answering,
    makes=(the_internet(),),
)

CONCLUSION = Conclusion(name="Internet to public services", derivations=(TO_SERVICES, TO_GATEWAYS))
