"""Classic administrators: the owners of subscriptions from before role assignments.

Azure retired them in August 2024; where it says so, the step ends `unavailable`. Older recordings still have them.
"""

from __future__ import annotations

from loader.model import Arm, Derivation, EntityType, Json, Service, text, texts
from loader.services.shared.arm_ids import in_subscription
from loader.services.shared.wire import part


def roles(answer: Json) -> list[str]:
    """Several roles stand in one text: "ServiceAdministrator;AccountAdministrator"."""
    return [role.strip() for role in str(part(answer, "properties").get("role") or "").split(";") if role.strip()]


CLASSIC_ADMINISTRATOR = EntityType(
    type="azure_classic_admin_group",
    resource="Classic Admin",
    classes=("UserGroup",),
    arm_type="Microsoft.Authorization/classicAdministrators",
    documentation="https://learn.microsoft.com/rest/api/authorization/classic-administrators/list",
    fetch=Arm(
        client="azure.mgmt.authorization.aio:AuthorizationManagementClient",
        operation="classic_administrators.list",
        permission="Microsoft.Authorization/classicAdministrators/read",
    ),
    name="properties.emailAddress | name",
    properties=(
        text("emailAddress", "properties.emailAddress", "who it is"),
        text("role", "properties.role", "the roles, as Azure writes them"),
        texts("roles", roles, "ServiceAdministrator, CoAdministrator, AccountAdministrator"),
    ),
    relationships=(in_subscription(),),
)


# Azure names a classic administrator by an address only, a sign-in name or a mail address.
ADMINISTRATOR_HAS_USER = Derivation(
    name="classic-administrators",
    inputs=("azure_classic_admin_group", "azure_user"),
    relationships=(("azure_classic_admin_group", "HAS", "azure_user"),),
    query="""
        MATCH (administrator:azure_classic_admin_group) WHERE administrator.emailAddress IS NOT NULL
        WITH administrator, toLower(administrator.emailAddress) AS address
        MATCH (user:azure_user)
        WHERE toLower(user.userPrincipalName) = address OR toLower(user.mail) = address
        RETURN administrator._key AS `from`, user._key AS `to`
    """,
)

SERVICE = Service(
    name="Classic administrators", entity_types=(CLASSIC_ADMINISTRATOR,), derivations=(ADMINISTRATOR_HAS_USER,)
)
