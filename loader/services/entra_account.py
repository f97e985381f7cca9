"""The Entra tenant itself: the organization and whether its security defaults are on."""

from __future__ import annotations

from loader.model import Detail, EntityType, Graph, Json, Service, date, flag, text, texts
from loader.services.wire import parts


def default_domain(answer: Json) -> str | None:
    """The verified domain that new users get."""
    for domain in parts(answer, "verifiedDomains"):
        if domain.get("isDefault"):
            return str(domain.get("name"))
    return None


ACCOUNT = EntityType(
    type="azure_account",
    resource="Account",
    classes=("Account",),
    documentation="https://learn.microsoft.com/graph/api/organization-list",
    fetch=Graph(builder="organization", permission="Organization.Read.All"),
    # Every other type names its tenant as `@tenant`, so the account has to go by that too.
    key="@tenant | id",
    details=(
        Detail(
            name="securityDefaults",
            call=Graph(
                builder="policies.identity_security_defaults_enforcement_policy",
                permission="Policy.Read.All",
                parent="azure_account",
            ),
        ),
    ),
    properties=(
        text("tenantId", "@tenant | id", "the tenant's id"),
        text("organizationName", "displayName", "the organization's name"),
        text("defaultDomain", default_domain, "the verified domain that new users get"),
        texts("verifiedDomains", "verifiedDomains[].name", "all verified domains"),
        text("tenantType", "tenantType", "AAD, AAD B2C or CIAM"),
        text("countryCode", "countryLetterCode", "the organization's country"),
        date("createdOn", "createdDateTime", "when the tenant was made"),
        flag("onPremisesSyncEnabled", "onPremisesSyncEnabled", "it takes users from an on-premises directory"),
        date("onPremisesLastSyncOn", "onPremisesLastSyncDateTime", "when it last did"),
        texts("technicalNotificationMails", "technicalNotificationMails", "who gets technical notices"),
        texts("securityNotificationMails", "securityComplianceNotificationMails", "who gets security notices"),
        flag("securityDefaultsEnabled", "$securityDefaults.isEnabled", "Microsoft's security defaults are on"),
    ),
)

SERVICE = Service(name="Entra tenant", entity_types=(ACCOUNT,))
