"""Applications registered in the tenant: when their credentials end, who owns them, what they ask to be allowed.

Of credentials the dates and names are kept, never the secret or its hint.
"""

from __future__ import annotations

from loader.model import (
    At,
    Derivation,
    EntityType,
    Graph,
    Json,
    Service,
    date,
    flag,
    incoming,
    text,
    texts,
    whole,
)
from loader.services.identity.entra_service_principals import first_end, last_end
from loader.services.shared.directory_links import in_tenant, owned_by, owners_beyond_expand, portal_page
from loader.services.shared.enumerations import AUDIENCES
from loader.services.shared.wire import how_many, part, parts, plain


def asked_permissions(answer: Json) -> list[str]:
    """Application permissions it asks for, as "resource application/permission" ids; delegated ones left out."""
    return [
        f"{resource.get('resourceAppId')}/{access.get('id')}"
        for resource in parts(answer, "requiredResourceAccess")
        for access in parts(resource, "resourceAccess")
        if access.get("type") == "Role"
    ]


def redirect_uris(answer: Json) -> list[str] | None:
    """`redirectUris` of `web`, `spa` and `publicClient`: each platform of an application has its own"""
    platforms = ("web", "spa", "publicClient")
    if all(part(answer, one).get("redirectUris") is None for one in platforms):
        return None
    return [str(address) for one in platforms for address in plain(answer, one, "redirectUris")]


APPLICATION = EntityType(
    type="azure_application",
    resource="Application",
    classes=("Application",),
    documentation="https://learn.microsoft.com/graph/api/application-list",
    fetch=Graph(builder="applications", permission="Application.Read.All", expand=("owners",)),
    secrets=(
        "passwordCredentials[].secretText",
        "passwordCredentials[].hint",
    ),
    details=(owners_beyond_expand("applications.by_application_id.owners"),),
    properties=(
        text("appId", "appId", "its id in protocols"),
        text("publisherDomain", "publisherDomain", "the domain it is published under"),
        text(
            "signInAudience",
            "signInAudience",
            "whose accounts may sign in to it",
            values=AUDIENCES,
        ),
        text("description", "description", "what it is for"),
        texts("identifierUris", "identifierUris", "names it is known by in protocols"),
        texts("redirectUris", redirect_uris, "where sign-in tokens may be sent"),
        flag("implicitAccessTokens", "web.implicitGrantSettings.enableAccessTokenIssuance", "tokens in addresses"),
        flag("implicitIdTokens", "web.implicitGrantSettings.enableIdTokenIssuance", "id tokens in addresses"),
        flag("isPublicClient", "isFallbackPublicClient", "it may sign in without a secret of its own"),
        text("disabledByMicrosoftStatus", "disabledByMicrosoftStatus", "why Microsoft disabled it"),
        texts("requestedAppPermissions", asked_permissions, "application permissions it asks for"),
        whole("passwordCredentials", how_many("passwordCredentials"), "client secrets"),
        whole("keyCredentials", how_many("keyCredentials"), "certificates"),
        date("credentialsExpireOn", first_end, "the first to end"),
        date("lastCredentialExpiresOn", last_end, "the last to end"),
        date("createdOn", "createdDateTime", "when it was registered"),
        portal_page("Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview", "objectId"),
    ),
    relationships=(in_tenant(), owned_by("who may change it, and so act as it")),
)


def credential_key(answer: Json) -> str | None:
    """Its id is only unique within its application."""
    application, identity = part(answer, "@parent").get("id"), answer.get("id")
    return f"applications/{application}/federatedIdentityCredentials/{identity}" if application and identity else None


# Those of managed identities are resources of Azure and listed there (`managed_identities`); both carry one label.
FEDERATED_CREDENTIAL = EntityType(
    type="azure_application_federated_identity_credential",
    ids=("opaque",),
    resource="Federated Identity Credential of an Application",
    classes=("AccessPolicy", "azure_federated_identity_credential"),
    documentation="https://learn.microsoft.com/graph/api/application-list-federatedidentitycredentials",
    fetch=Graph(
        builder="applications.by_application_id.federated_identity_credentials",
        permission="Application.Read.All",
        args=(At("id"),),
        parent="azure_application",
    ),
    key=credential_key,
    name="name",
    properties=(
        text("issuer", "issuer", "whose tokens are taken: GitHub, a Kubernetes cluster, …"),
        text("subject", "subject", "which token of that issuer"),
        texts("audiences", "audiences", "and for whom it was made out"),
        text("description", "description", "what it is for"),
    ),
    relationships=(incoming("HAS", "azure_application", "@parent.id", "who its bearer becomes"),),
)


APPLICATION_HAS_PRINCIPAL = Derivation(
    name="applications",
    inputs=("azure_application", "azure_service_principal"),
    relationships=(("azure_application", "HAS", "azure_service_principal"),),
    query="""
        MATCH (application:azure_application) WHERE application.appId IS NOT NULL
        MATCH (principal:azure_service_principal {appId: application.appId})
        RETURN application._key AS `from`, principal._key AS `to`
    """,
)

SERVICE = Service(
    name="Entra applications",
    entity_types=(APPLICATION, FEDERATED_CREDENTIAL),
    derivations=(APPLICATION_HAS_PRINCIPAL,),
)
