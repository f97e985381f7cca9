"""Azure role definitions and role assignments (Azure RBAC)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from loader.access.blocks import KINDS
from loader.access.capabilities import capabilities_of
from loader.access.matching import Block
from loader.model import (
    ANY_SCOPE,
    Arm,
    At,
    EntityType,
    Json,
    Link,
    Property,
    Service,
    Target,
    date,
    incoming,
    links,
    outgoing,
    text,
    texts,
)
from loader.services.shared.arm_ids import subscription_of
from loader.services.shared.wire import explained, part, parts, plain

_CLIENT = "azure.mgmt.authorization.aio:AuthorizationManagementClient"


def role_key(role_definition_id: str) -> str:
    """One identity for a role in the whole tenant.

    Azure writes a role's id with the prefix of whichever subscription asked, so the same built-in role comes with as
    many ids as there are subscriptions. Its last part is unique in the tenant.
    """
    guid = role_definition_id.rstrip("/").rpartition("/")[2]
    return f"/providers/Microsoft.Authorization/roleDefinitions/{guid}"


def definition_key(answer: Json) -> str | None:
    """The definition's identity; see `role_key`."""
    identity = answer.get("id") or answer.get("name")
    return role_key(identity) if isinstance(identity, str) and identity else None


def assignable_subscriptions(answer: Json) -> list[str]:
    """The subscriptions that its assignable scopes name or lie in. A built-in role names none: its scope is "/"."""
    scopes = plain(answer, "properties", "assignableScopes")
    return sorted({found for scope in scopes if (found := subscription_of(str(scope)))})


def _permissions(kind: str) -> Callable[[Json], list[str] | None]:
    """One list of actions over all permission blocks."""

    def actions(answer: Json) -> list[str] | None:
        if part(answer, "properties").get("permissions") is None:
            return None
        return [action for block in parts(answer, "properties", "permissions") for action in plain(block, kind)]

    return explained(f"`properties.permissions[].{kind}`", actions)


def action_lists(verb: str) -> tuple[Property, ...]:
    """Its four lists of actions, each over all blocks of permissions. verb: what it does with them."""
    return (
        texts("actions", _permissions("actions"), f"what it {verb} on the management plane"),
        texts("notActions", _permissions("notActions"), "what is taken out of that"),
        texts("dataActions", _permissions("dataActions"), f"what it {verb} on data"),
        texts("notDataActions", _permissions("notDataActions"), "what is taken out of that"),
    )


def _several_blocks(answer: Json) -> list[str] | None:
    """`properties.permissions[]` as JSON, where there are several: what one block takes out another may give"""
    blocks = parts(answer, "properties", "permissions")
    if len(blocks) < 2:
        return None
    return [json.dumps({kind: plain(block, kind) for kind in KINDS}, sort_keys=True) for block in blocks]


def permission_blocks() -> Property:
    """Its blocks of permissions one by one; nothing where its lists of actions are the only one."""
    return texts("permissionBlocks", _several_blocks, "its blocks of permissions, where there are several")


def gives(answer: Json) -> tuple[str, ...] | None:
    """`properties.permissions[]`, by the table in docs/access.md"""
    if part(answer, "properties").get("permissions") is None:
        return None
    blocks = parts(answer, "properties", "permissions")
    return capabilities_of(Block(*(tuple(plain(one, kind)) for kind in KINDS)) for one in blocks)


ROLE_DEFINITION = EntityType(
    type="azure_role_definition",
    resource="Role Definition",
    classes=("AccessRole",),
    arm_type="Microsoft.Authorization/roleDefinitions",
    documentation="https://learn.microsoft.com/rest/api/authorization/role-definitions/list",
    fetch=Arm(
        client=_CLIENT,
        operation="role_definitions.list",
        permission="Microsoft.Authorization/roleDefinitions/read",
        args=(At("id"),),
        parent="azure_subscription",
        # Of the versions so far only this one tells the conditions that roles themselves have. Terraform's provider
        # (hashicorp/terraform-provider-azurerm) asks with it too, in every cloud.
        api_version="2022-05-01-preview",
    ),
    key=definition_key,
    name="properties.roleName | name",
    properties=(
        text("roleName", "properties.roleName", "what people call it"),
        text("roleType", "properties.type", "BuiltInRole or CustomRole", values=("BuiltInRole", "CustomRole")),
        text("description", "properties.description", "what it is for"),
        texts("assignableScopes", "properties.assignableScopes", 'where it can be assigned; "/" is everywhere'),
        *action_lists("allows"),
        permission_blocks(),
        texts("capabilities", gives, "what it lets its holder do, in words: give-roles, run-code, …"),
        text(
            "condition",
            "properties.permissions[].condition",
            "what has to be true for it to hold, wherever it is given: which roles it may give, say",
        ),
        date("createdOn", "properties.createdOn", "when it was made"),
        date("updatedOn", "properties.updatedOn", "when it was last changed"),
        text("createdBy", "properties.createdBy", "object id of who made it"),
        text("updatedBy", "properties.updatedBy", "object id of who last changed it"),
    ),
    relationships=(
        incoming("CONTAINS", "azure_subscription", assignable_subscriptions, "a custom role's assignable scope"),
    ),
)

# The kinds of principal that a role assignment can name, and the entity type each one is.
PRINCIPALS = {
    "User": "azure_user",
    "Group": "azure_user_group",
    "ServicePrincipal": "azure_service_principal",
    "Application": "azure_application",
    "DirectoryObjectOrGroup": "azure_directory",
    "DirectoryRoleTemplate": "azure_directory_role_template",
    "Everyone": "azure_everyone",
    "ForeignGroup": "azure_foreign_group",
    "MSI": "azure_msi",
    "Unknown": "azure_unknown",
}
UNKNOWN_KIND = "azure_unknown_principal_type"


def assigned(answer: Json) -> Iterable[Link]:
    """To whom the role is given. A deleted principal is still named, and stays a stub."""
    properties = part(answer, "properties")
    principal, kind = properties.get("principalId"), properties.get("principalType")
    if principal:
        named = {"id": principal, "principalType": kind} if kind else {"id": principal}
        yield Link("ASSIGNED", Target(str(principal).lower(), PRINCIPALS.get(str(kind), UNKNOWN_KIND), named))


def assigned_scope(answer: Json) -> Target | str | None:
    """Where the role holds. The root scope "/" is the tenant itself."""
    scope = part(answer, "properties").get("scope")
    if scope == "/":
        tenant = answer.get("@tenant")
        return Target(str(tenant).lower(), "azure_account") if tenant else None
    return str(scope) if scope else None


def directory(answer: Json) -> str:
    """`@tenant`: the tenant that the subscription trusts, which Azure Lighthouse may have lent to another"""
    return str(answer.get("@tenant") or "").lower()


def used_role(answer: Json) -> str | None:
    """`properties.roleDefinitionId` without the subscription that asked; see `role_key`."""
    role = part(answer, "properties").get("roleDefinitionId")
    return role_key(str(role)) if role else None


ROLE_ASSIGNMENT = EntityType(
    type="azure_role_assignment",
    resource="Role Assignment",
    classes=("AccessPolicy",),
    arm_type="Microsoft.Authorization/roleAssignments",
    documentation="https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-subscription",
    fetch=Arm(
        client=_CLIENT,
        operation="role_assignments.list_for_subscription",
        permission="Microsoft.Authorization/roleAssignments/read",
    ),
    properties=(
        text("scope", "properties.scope", "where the role holds"),
        text("roleDefinitionId", used_role, "the role, by its id in the tenant"),
        text("principalId", "properties.principalId", "object id of whom it is given to"),
        text("principalType", "properties.principalType", "what that is"),
        text("tenantId", directory, "the tenant in whose directory the principal is"),
        text("description", "properties.description", "why it was given"),
        text("condition", "properties.condition", "what has to be true for it to hold"),
        text("conditionVersion", "properties.conditionVersion", "the language that is written in"),
        text("delegatedManagedIdentity", "properties.delegatedManagedIdentityResourceId", "identity of another tenant"),
        date("createdOn", "properties.createdOn", "when it was given"),
        date("updatedOn", "properties.updatedOn", "when it was last changed"),
        text("createdBy", "properties.createdBy", "object id of who gave it"),
        text("updatedBy", "properties.updatedBy", "object id of who last changed it"),
    ),
    relationships=(
        outgoing("USES", "azure_role_definition", used_role, "the role that is given"),
        outgoing("ALLOWS", ANY_SCOPE, assigned_scope, "where it holds"),
        links("ASSIGNED", (*PRINCIPALS.values(), UNKNOWN_KIND), assigned, "to whom it is given"),
    ),
)


def _principal_kind(entity_type: str, classes: tuple[str, ...]) -> EntityType:
    """A kind of principal that nothing lists: known only by the assignments that name it."""
    words = entity_type.removeprefix("azure_").replace("_", " ").title()
    return EntityType(type=entity_type, resource=words, classes=classes, fetch=None)


PRINCIPAL_KINDS = (
    _principal_kind("azure_directory", ("Account",)),
    _principal_kind("azure_directory_role_template", ("AccessRole",)),
    _principal_kind("azure_everyone", ("UserGroup",)),
    _principal_kind("azure_foreign_group", ("UserGroup",)),
    _principal_kind("azure_msi", ("Service",)),
    _principal_kind("azure_unknown", ("User",)),
    _principal_kind(UNKNOWN_KIND, ("User",)),
)

SERVICE = Service(name="Authorization", entity_types=(ROLE_DEFINITION, ROLE_ASSIGNMENT, *PRINCIPAL_KINDS))
