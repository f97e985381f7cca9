"""Rotation policies of vault keys, from Azure's management side: Reader in Azure is enough, no right in the vault.

The list of a vault's keys has no policies, so each key is one more call.
"""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Arm, Detail, EntityType, Json, Segment, Service, date, flag, incoming, text, texts
from loader.services.shared.customer_keys import key_id
from loader.services.shared.wire import explained, part, parts

_CLIENT = "azure.mgmt.keyvault.aio:KeyVaultManagementClient"
_PERMISSION = "Microsoft.KeyVault/vaults/keys/read"
_VAULT = (Segment("resourceGroups"), Segment("vaults"))
_POLICY = ("$key", "properties", "rotationPolicy")


def _actions(answer: Json, kind: str) -> list[Json]:
    """What the policy does by itself, of one kind: rotate or notify."""
    actions = parts(answer, *_POLICY, "lifetimeActions")
    return [one for one in actions if str(part(one, "action").get("type")).lower() == kind]


def _rotates(answer: Json) -> bool:
    """one of `$key.properties.rotationPolicy.lifetimeActions[]` is rotate, and not before the end of an endless key"""
    return any(_comes(answer, part(one, "trigger")) for one in _actions(answer, "rotate"))


def _comes(answer: Json, trigger: Json) -> bool:
    """Whether an action's moment comes: a key without an expiration date has nothing to rotate it before.

    https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation#key-rotation-policy
    """
    if trigger.get("timeAfterCreate") or not trigger.get("timeBeforeExpiry"):
        return True
    return any(part(one, "properties", "attributes").get("exp") for one in (answer, part(answer, "$key")))


def _when(kind: str, moment: str) -> Callable[[Json], str | None]:
    """When it does so, as an ISO 8601 period: that long after creation, or that long before expiry."""

    def period(answer: Json) -> str | None:
        found = [part(one, "trigger").get(moment) for one in _actions(answer, kind)]
        return next((str(one) for one in found if one), None)

    return explained(f"`trigger.{moment}` of {kind} in `$key.properties.rotationPolicy.lifetimeActions[]`", period)


def _key(answer: Json) -> str | None:
    return key_id(str(part(answer, "properties").get("keyUri") or ""))


ROTATION_POLICY = EntityType(
    type="azure_keyvault_key_rotation_policy",
    resource="Key Vault Key Rotation Policy",
    classes=("ControlPolicy",),
    arm_type="Microsoft.KeyVault/vaults/keys",
    documentation="https://learn.microsoft.com/rest/api/keyvault/keyvault/keys/get",
    fetch=Arm(
        client=_CLIENT, operation="keys.list", permission=_PERMISSION, args=_VAULT, parent="azure_keyvault_service"
    ),
    details=(
        Detail(
            name="key",
            call=Arm(client=_CLIENT, operation="keys.get", permission=_PERMISSION, args=(*_VAULT, Segment("keys"))),
        ),
    ),
    properties=(
        date("expiresOn", "properties.attributes.exp", "when the key expires"),
        flag("rotatesAutomatically", _rotates, "new versions are made by themselves", needs=("key",)),
        text("rotateAfterCreation", _when("rotate", "timeAfterCreate"), "so long after the last", needs=("key",)),
        text("rotateBeforeExpiry", _when("rotate", "timeBeforeExpiry"), "or so long before its end", needs=("key",)),
        text("notifyBeforeExpiry", _when("notify", "timeBeforeExpiry"), "when Event Grid is told", needs=("key",)),
        text("expiryTime", "$key.properties.rotationPolicy.attributes.expiryTime", "how long a new version lives"),
        flag("enabled", "$key.properties.attributes.enabled | properties.attributes.enabled", "the key can be used"),
        text("keyType", "$key.properties.kty", "RSA, RSA-HSM, EC, EC-HSM"),
        texts("keyOperations", "$key.properties.keyOps", "what it may be used for"),
    ),
    relationships=(incoming("HAS", "azure_keyvault_key", _key, "the key it is for"),),
)

SERVICE = Service(name="Key rotation", entity_types=(ROTATION_POLICY,))
