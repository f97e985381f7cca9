"""Certificates in key vaults: their names and dates. Listed on the vault's own address, like keys and secrets."""

from __future__ import annotations

from loader.mapping import parse_time
from loader.model import At, EntityType, Json, Service, Vault, date, flag, incoming, text, whole
from loader.services.shared.wire import part


def certificate_id(answer: Json) -> str:
    """Where it stands, without a version: https://{vault}/certificates/{name}."""
    return "/".join(str(answer.get("id") or "").rstrip("/").split("/")[:5])


def _name(answer: Json) -> str:
    """`id`, the part after the kind"""
    return certificate_id(answer).rpartition("/")[2]


def validity_months(answer: Json) -> int | None:
    """How many months the newest version is valid for, rounded: Azure begins it some minutes early."""
    attributes = part(answer, "attributes")
    start, end = parse_time(attributes.get("nbf")), parse_time(attributes.get("exp"))
    return round((end - start).days / 30.44) if start and end else None


CERTIFICATE = EntityType(
    type="azure_keyvault_certificate",
    resource="Key Vault Certificate",
    classes=("Certificate",),
    documentation="https://learn.microsoft.com/rest/api/keyvault/certificates/get-certificates/get-certificates",
    fetch=Vault(
        client="azure.keyvault.certificates.aio:CertificateClient",
        operation="list_properties_of_certificates",
        endpoint=At("properties.vaultUri"),
        permission="Microsoft.KeyVault/vaults/certificates/read",
        parent="azure_keyvault_service",
    ),
    key=certificate_id,
    name=_name,
    secrets=("value",),
    properties=(
        text("name", _name, "its name in the vault"),
        text("vaultUrl", "@parent.properties.vaultUri", "the vault it is in"),
        text("thumbprint", "x5t", "the hash it is known by"),
        flag("enabled", "attributes.enabled", "it can be used"),
        date("createdOn", "attributes.created", "when it was made"),
        date("updatedOn", "attributes.updated", "when it was last changed"),
        date("notBefore", "attributes.nbf", "from when it is valid"),
        date("expiresOn", "attributes.exp", "until when"),
        whole("validityMonths", validity_months, "for how many months in all"),
    ),
    relationships=(incoming("CONTAINS", "azure_keyvault_service", "@parent.id", "the vault it is in"),),
)

SERVICE = Service(name="Key vault certificates", entity_types=(CERTIFICATE,))
