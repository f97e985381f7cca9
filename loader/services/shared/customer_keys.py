"""Keys of the customer's own that a service encrypts its data with: which key of which vault."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from loader.model import Derivation, Json, Relationship, Service, outgoing
from loader.shapes import read


def key_id(address: str) -> str | None:
    """The key's id, without the version and port it may be named with: https://{vault}/keys/{name}."""
    parts = urlsplit(address)
    names = [name for name in parts.path.split("/") if name]
    return f"https://{parts.hostname}/keys/{names[1]}" if parts.hostname and len(names) > 1 else None


def encrypted_with(*paths: str) -> Relationship:
    """This entity USES the keys whose addresses stand at the paths."""

    def keys(answer: Json) -> list[str | None]:
        return [key_id(str(address)) for path in paths for address in read(answer, path)]

    return uses_keys(keys)


def uses_keys(keys: Callable[[Json], list[str | None]]) -> Relationship:
    """This entity USES the keys whose ids a function gives."""
    return outgoing("USES", "azure_keyvault_key", keys, "the customer's key that encrypts its data")


def named_key(answer: Json) -> str | None:
    """The id of a key as the messaging services write it: vault and name apart."""
    vault, name = str(answer.get("keyVaultUri") or ""), str(answer.get("keyName") or "")
    return key_id(f"{vault.rstrip('/')}/keys/{name}")


def uses_named_keys() -> Relationship:
    """This entity USES the keys in its own `encryption`."""
    path = "properties.encryption.keyVaultProperties[]"
    return uses_keys(lambda answer: [named_key(one) for one in read(answer, path) if isinstance(one, dict)])


# A service names the vault by its address, and only the vault's own answer tells which resource answers there.
VAULTS_OF_KEYS = Derivation(
    name="vaults-of-customer-keys",
    inputs=("azure_event_hub_key", "azure_synapse_key", "azure_keyvault_service"),
    relationships=(
        ("azure_event_hub_key", "USES", "azure_keyvault_service"),
        ("azure_keyvault_service", "HAS", "azure_synapse_key"),
    ),
    query="""
        MATCH (vault:azure_keyvault_service) WHERE vault.vaultUrl IS NOT NULL
        WITH vault, split(split(toLower(vault.vaultUrl), '/')[2], ':')[0] AS host
        CALL (vault, host) {
            MATCH (key:azure_event_hub_key) WHERE split(split(toLower(key.keyVaultUri), '/')[2], ':')[0] = host
            RETURN key._key AS `from`, 'USES' AS verb, vault._key AS `to`
            UNION
            MATCH (key:azure_synapse_key) WHERE split(split(toLower(key.keyVaultUrl), '/')[2], ':')[0] = host
            RETURN vault._key AS `from`, 'HAS' AS verb, key._key AS `to`
        }
        RETURN `from`, verb, `to`
    """,
)

SERVICE = Service(name="Customer keys", entity_types=(), derivations=(VAULTS_OF_KEYS,))
