"""DNS zones, public and private, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable

from loader.model import (
    ANY_RESOURCE,
    Arm,
    Detail,
    EntityType,
    Json,
    Link,
    Property,
    Segment,
    Service,
    Target,
    Value,
    flag,
    incoming,
    links,
    outgoing,
    quiet,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.wire import part, parts, plain
from loader.shapes import read

_PUBLIC = "azure.mgmt.dns.aio:DnsManagementClient"
_PRIVATE = "azure.mgmt.privatedns.aio:PrivateDnsManagementClient"
_PRIVATE_ZONE = (Segment("resourceGroups"), Segment("privateDnsZones"))

DNS_ZONE = EntityType(
    type="azure_dns_zone",
    resource="DNS Zone",
    classes=("DomainZone",),
    arm_type="Microsoft.Network/dnsZones",
    inventory="Microsoft.Network/dnsZones",
    documentation="https://learn.microsoft.com/rest/api/dns/zones/list",
    fetch=Arm(client=_PUBLIC, operation="zones.list", permission="Microsoft.Network/dnsZones/read"),
    properties=(
        text("domainName", "name", "the domain it answers for"),
        text("zoneType", "properties.zoneType", "Public; Private in the oldest zones"),
        quiet(whole("recordsCount", "properties.numberOfRecordSets", "record sets in it")),
        texts("nameServers", "properties.nameServers", "the servers that answer"),
    ),
    relationships=(in_resource_group(),),
)


def linked_networks(zone: Json) -> Iterable[Link]:
    """The virtual networks that look names up in the zone; registrationEnabled: their machines' names go into it."""
    for one in parts(zone, "$virtualNetworkLinks", "value"):
        properties = part(one, "properties")
        network = part(properties, "virtualNetwork").get("id")
        if network:
            kept: dict[str, Value] = {"registrationEnabled": bool(properties.get("registrationEnabled"))}
            if properties.get("virtualNetworkLinkState"):
                kept["state"] = str(properties["virtualNetworkLinkState"])
            yield Link("CONNECTS", Target(str(network).lower(), "azure_vnet", {"id": str(network)}), properties=kept)


PRIVATE_DNS_ZONE = EntityType(
    type="azure_private_dns_zone",
    resource="Private DNS Zone",
    classes=("DomainZone",),
    arm_type="Microsoft.Network/privateDnsZones",
    inventory="Microsoft.Network/privateDnsZones",
    documentation="https://learn.microsoft.com/rest/api/dns/privatedns/private-zones/list",
    fetch=Arm(client=_PRIVATE, operation="private_zones.list", permission="Microsoft.Network/privateDnsZones/read"),
    details=(
        Detail(
            name="virtualNetworkLinks",
            many=True,
            call=Arm(
                client=_PRIVATE,
                operation="virtual_network_links.list",
                permission="Microsoft.Network/privateDnsZones/virtualNetworkLinks/read",
                args=_PRIVATE_ZONE,
            ),
        ),
    ),
    properties=(
        text("domainName", "name", "the domain it answers for"),
        quiet(whole("recordsCount", "properties.numberOfRecordSets", "record sets in it")),
        quiet(
            whole(
                "networksCount", "properties.numberOfVirtualNetworkLinks", "virtual networks that look names up in it"
            )
        ),
        text("provisioningState", "properties.provisioningState", "Succeeded, Updating, …"),
    ),
    relationships=(
        in_resource_group(),
        links("CONNECTS", "azure_vnet", linked_networks, "who looks names up in it", needs=("virtualNetworkLinks",)),
    ),
)


def _either(public: str, private: str) -> str:
    """The two services write the same fields in different casing."""
    return f"properties.{public} | properties.{private}"


def record_kind(answer: Json) -> str | None:
    """A, AAAA, CAA, CNAME, MX, NS, PTR, SOA, SRV or TXT: the end of Azure's type "Microsoft.Network/dnszones/A"."""
    return str(answer.get("type") or "").rpartition("/")[2].upper() or None


def text_values(answer: Json) -> list[str] | None:
    """What the TXT records say."""
    records = read(answer, _either("TXTRecords[]", "txtRecords[]"))
    return ["".join(map(str, plain(record, "value"))) for record in records if isinstance(record, dict)] or None


def service_targets(answer: Json) -> list[str] | None:
    """Where the SRV records point: host and port."""
    records = read(answer, _either("SRVRecords[]", "srvRecords[]"))
    return [f"{record.get('target')}:{record.get('port')}" for record in records if isinstance(record, dict)] or None


_RECORDS: tuple[Property, ...] = (
    text("type", record_kind, "A, AAAA, CAA, CNAME, MX, NS, PTR, SOA, SRV or TXT"),
    text("azureType", "type", "Azure's name of that kind"),
    text("fqdn", "properties.fqdn", "the whole name"),
    whole("TTL", _either("TTL", "ttl"), "how many seconds answers may be kept"),
    texts("aRecordsIps", _either("ARecords[].ipv4Address", "aRecords[].ipv4Address"), "IPv4 addresses"),
    texts("aaaaRecordsIps", _either("AAAARecords[].ipv6Address", "aaaaRecords[].ipv6Address"), "IPv6 addresses"),
    text("cnameRecord", _either("CNAMERecord.cname", "cnameRecord.cname"), "the name it is another name for"),
    texts("mxRecordsExchanges", _either("MXRecords[].exchange", "mxRecords[].exchange"), "mail servers"),
    texts("ptrRecordsNames", _either("PTRRecords[].ptrdname", "ptrRecords[].ptrdname"), "names of an address"),
    texts("srvRecordsTargets", service_targets, "hosts and ports of a service"),
    texts("txtRecordsValues", text_values, "texts"),
    text("soaRecordHost", _either("SOARecord.host", "soaRecord.host"), "the zone's first server"),
    text("soaRecordEmail", _either("SOARecord.email", "soaRecord.email"), "who looks after the zone"),
    quiet(
        whole(
            "soaRecordserialNumber", _either("SOARecord.serialNumber", "soaRecord.serialNumber"), "the zone's version"
        )
    ),
)

DNS_RECORD_SET = EntityType(
    type="azure_dns_record_set",
    ids=("Microsoft.Network/dnsZones/*",),
    resource="DNS Record Set",
    classes=("DomainRecord",),
    documentation="https://learn.microsoft.com/rest/api/dns/record-sets/list-by-dns-zone",
    fetch=Arm(
        client=_PUBLIC,
        operation="record_sets.list_by_dns_zone",
        permission="Microsoft.Network/dnsZones/recordsets/read",
        args=(Segment("resourceGroups"), Segment("dnsZones")),
        parent="azure_dns_zone",
    ),
    properties=(
        *_RECORDS,
        texts("nsRecordsNames", "properties.NSRecords[].nsdname", "name servers"),
        texts("caaRecordsValues", "properties.caaRecords[].value", "who may issue certificates for it"),
        text("targetResourceId", "properties.targetResource.id", "the resource it follows"),
        text("provisioningState", "properties.provisioningState", "Succeeded, Updating, …"),
    ),
    relationships=(
        incoming("HAS", "azure_dns_zone", "@parent.id", "the zone it is in"),
        outgoing("USES", ANY_RESOURCE, "properties.targetResource.id", "the resource whose address it follows"),
    ),
)

PRIVATE_DNS_RECORD_SET = EntityType(
    type="azure_private_dns_record_set",
    ids=("Microsoft.Network/privateDnsZones/*",),
    resource="Private DNS Record Set",
    classes=("DomainRecord",),
    documentation="https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/list",
    fetch=Arm(
        client=_PRIVATE,
        operation="record_sets.list",
        permission="Microsoft.Network/privateDnsZones/recordsets/read",
        args=_PRIVATE_ZONE,
        parent="azure_private_dns_zone",
    ),
    properties=(
        *_RECORDS,
        flag("isAutoRegistered", "properties.isAutoRegistered", "a machine's name, made by a linked network"),
    ),
    relationships=(incoming("HAS", "azure_private_dns_zone", "@parent.id", "the zone it is in"),),
)

SERVICE = Service(name="DNS", entity_types=(DNS_ZONE, DNS_RECORD_SET, PRIVATE_DNS_ZONE, PRIVATE_DNS_RECORD_SET))
