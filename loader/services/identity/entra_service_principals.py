"""Service principals: what applications, managed identities and Microsoft's own services act as in the tenant."""

from __future__ import annotations

from loader.model import EntityType, Graph, Json, Service, date, flag, text, texts, whole
from loader.services.shared.directory_links import owned_by, owners_beyond_expand, portal_page
from loader.services.shared.enumerations import AUDIENCES
from loader.services.shared.wire import how_many, parts

_CREDENTIALS = ("passwordCredentials", "keyCredentials")


def credential_ends(answer: Json) -> list[str]:
    """When its secrets and certificates end, as Microsoft Graph writes it, the earliest first."""
    return sorted(
        str(credential["endDateTime"])
        for kind in _CREDENTIALS
        for credential in parts(answer, kind)
        if credential.get("endDateTime")
    )


def first_end(answer: Json) -> str | None:
    """the earliest `endDateTime` of `passwordCredentials[]` and `keyCredentials[]`"""
    return next(iter(credential_ends(answer)), None)


def last_end(answer: Json) -> str | None:
    """the latest `endDateTime` of `passwordCredentials[]` and `keyCredentials[]`"""
    return next(reversed(credential_ends(answer)), None)


SERVICE_PRINCIPAL = EntityType(
    type="azure_service_principal",
    resource="Service Principal",
    classes=("Service",),
    documentation="https://learn.microsoft.com/graph/api/serviceprincipal-list",
    fetch=Graph(
        builder="service_principals",
        permission="Application.Read.All",
        select=(
            "id",
            "accountEnabled",
            "alternativeNames",
            "appDisplayName",
            "appId",
            "appOwnerOrganizationId",
            "appRoleAssignmentRequired",
            "appRoles",
            "createdDateTime",
            "description",
            "disabledByMicrosoftStatus",
            "displayName",
            "homepage",
            "keyCredentials",
            "passwordCredentials",
            "preferredSingleSignOnMode",
            "replyUrls",
            "servicePrincipalNames",
            "servicePrincipalType",
            "signInAudience",
            "tags",
            "verifiedPublisher",
        ),
        expand=("owners",),
    ),
    secrets=(
        "passwordCredentials[].secretText",
        "passwordCredentials[].hint",
    ),
    details=(owners_beyond_expand("service_principals.by_service_principal_id.owners"),),
    properties=(
        text("appId", "appId", "the application's id, the same in all tenants"),
        text("appDisplayName", "appDisplayName", "the application's name"),
        text("appOwnerOrganizationId", "appOwnerOrganizationId", "the tenant the application is from"),
        text(
            "servicePrincipalType",
            "servicePrincipalType",
            "Application, ManagedIdentity, Legacy, SocialIdp",
            values=("Application", "ManagedIdentity", "Legacy", "SocialIdp"),
        ),
        texts("servicePrincipalNames", "servicePrincipalNames", "names it is known by in protocols"),
        texts("alternativeNames", "alternativeNames", "for a managed identity: the resource it belongs to"),
        text("description", "description", "what it is for"),
        flag("accountEnabled", "accountEnabled", "it may sign in"),
        flag("appRoleAssignmentRequired", "appRoleAssignmentRequired", "only those assigned to it may use it"),
        text("disabledByMicrosoftStatus", "disabledByMicrosoftStatus", "why Microsoft disabled it"),
        text(
            "signInAudience",
            "signInAudience",
            "whose accounts may sign in to it",
            values=AUDIENCES,
        ),
        text(
            "preferredSingleSignOnMode",
            "preferredSingleSignOnMode",
            "saml, oidc, password, …",
            values=("password", "saml", "notSupported", "oidc"),
        ),
        text("homepage", "homepage", "its home page"),
        texts("replyUrls", "replyUrls", "where sign-in tokens may be sent"),
        text("verifiedPublisher", "verifiedPublisher.displayName", "the publisher Microsoft verified"),
        texts("appTags", "tags", "labels such as WindowsAzureActiveDirectoryIntegratedApp"),
        date("createdOn", "createdDateTime", "when it was made in this tenant"),
        whole("passwordCredentials", how_many("passwordCredentials"), "client secrets"),
        whole("keyCredentials", how_many("keyCredentials"), "certificates"),
        date("credentialsExpireOn", first_end, "the first to end"),
        portal_page("Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview", "objectId"),
    ),
    relationships=(owned_by("who may change it, and so act as it"),),
)

SERVICE = Service(name="Entra service principals", entity_types=(SERVICE_PRINCIPAL,))
