"""The Entra tenant itself: the organization, and the policies there is one of (`entra_policies`)."""

from __future__ import annotations

from loader.model import EntityType, Graph, Json, Service, date, flag, quiet, text, texts
from loader.services.identity.entra_policies import DETAILS, PROPERTIES
from loader.services.shared.wire import is_on, parts


def default_domain(answer: Json) -> str | None:
    """The verified domain that new users get."""
    for domain in parts(answer, "verifiedDomains"):
        if is_on(domain, "isDefault"):
            return str(domain.get("name"))
    return None


ACCOUNT = EntityType(
    type="azure_account",
    ids=("opaque",),
    resource="Account",
    classes=("Account",),
    documentation="https://learn.microsoft.com/graph/api/organization-list",
    # Who can sign in is in a tenant, so there is one.
    fetch=Graph(builder="organization", permission="Organization.Read.All", some=True),
    # Every other type names its tenant as `@tenant`, so the account has to go by that too.
    key="@tenant | id",
    details=DETAILS,
    properties=(
        text("tenantId", "@tenant | id", "the tenant's id"),
        text("organizationName", "displayName", "the organization's name"),
        text("defaultDomain", default_domain, "the verified domain that new users get"),
        texts("verifiedDomains", "verifiedDomains[].name", "all verified domains"),
        text("tenantType", "tenantType", "AAD, AAD B2C or CIAM"),
        text("countryCode", "countryLetterCode", "the organization's country"),
        date("createdOn", "createdDateTime", "when the tenant was made"),
        flag("onPremisesSyncEnabled", "onPremisesSyncEnabled", "it takes users from an on-premises directory"),
        quiet(date("onPremisesLastSyncOn", "onPremisesLastSyncDateTime", "when it last did")),
        texts("technicalNotificationMails", "technicalNotificationMails", "who gets technical notices"),
        texts("securityNotificationMails", "securityComplianceNotificationMails", "who gets security notices"),
        *PROPERTIES,
    ),
)

SERVICE = Service(name="Entra tenant", entity_types=(ACCOUNT,))
