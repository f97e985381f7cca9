"""Users of the Entra tenant, guests included."""

from __future__ import annotations

from loader.model import Delta, EntityType, Graph, Json, Service, date, flag, incoming, text, texts
from loader.services.shared.directory_links import in_tenant, portal_page
from loader.services.shared.enumerations import USER_TYPES

# Microsoft Graph answers few properties of a user unless they are asked for by name.
_SELECT = (
    "id",
    "accountEnabled",
    "assignedLicenses",
    "businessPhones",
    "city",
    "companyName",
    "country",
    "createdDateTime",
    "creationType",
    "department",
    "displayName",
    "employeeHireDate",
    "employeeId",
    "employeeType",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "givenName",
    "jobTitle",
    "lastPasswordChangeDateTime",
    "mail",
    "mobilePhone",
    "officeLocation",
    "onPremisesImmutableId",
    "onPremisesSamAccountName",
    "onPremisesSyncEnabled",
    "otherMails",
    "passwordPolicies",
    "preferredLanguage",
    "surname",
    "usageLocation",
    "userPrincipalName",
    "userType",
)


def password_policies(answer: Json) -> list[str] | None:
    """`passwordPolicies`, which is one text, split at its commas"""
    told = answer.get("passwordPolicies")
    return [one.strip() for one in told.split(",") if one.strip()] if isinstance(told, str) else None


USER = EntityType(
    type="azure_user",
    resource="User",
    classes=("User",),
    documentation="https://learn.microsoft.com/graph/api/user-list",
    fetch=Graph(builder="users", permission="User.Read.All", select=_SELECT, expand=("manager($select=id)",)),
    # "Selecting those properties allows tracking of changes to user's manager":
    # https://learn.microsoft.com/graph/delta-query-overview#optional-query-parameters
    delta=Delta(builder="users.delta", relationships=("manager",)),
    secrets=("passwordProfile.password",),
    properties=(
        text("username", "userPrincipalName", "the name it signs in with"),
        text("userPrincipalName", "userPrincipalName", "the name it signs in with"),
        text("email", "mail", "its mail address"),
        text("mail", "mail", "its mail address"),
        texts("otherMails", "otherMails", "further mail addresses"),
        text("firstName", "givenName", "given name"),
        text("lastName", "surname", "family name"),
        flag("active", "accountEnabled", "it may sign in"),
        flag("accountEnabled", "accountEnabled", "it may sign in"),
        text("userType", "userType", "Member or Guest", values=USER_TYPES),
        text(
            "externalUserState",
            "externalUserState",
            "a guest's invitation: PendingAcceptance or Accepted",
            values=("PendingAcceptance", "Accepted"),
        ),
        date("externalUserStateChangedOn", "externalUserStateChangeDateTime", "when that changed"),
        text("creationType", "creationType", "Invitation, LocalAccount, …; empty for work accounts"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("lastPasswordChanged", "lastPasswordChangeDateTime", "when its password was set"),
        texts("passwordPolicies", password_policies, "DisablePasswordExpiration, DisableStrongPassword, or None"),
        text("jobTitle", "jobTitle", "job title"),
        text("department", "department", "department"),
        text("companyName", "companyName", "company"),
        text("officeLocation", "officeLocation", "office"),
        text("usageLocation", "usageLocation", "country whose licence terms apply"),
        text("city", "city", "city"),
        text("country", "country", "country"),
        text("preferredLanguage", "preferredLanguage", "language"),
        text("mobilePhone", "mobilePhone", "mobile phone"),
        texts("businessPhones", "businessPhones", "business phones"),
        text("employeeId", "employeeId", "the organization's own number of the person"),
        text("employeeType", "employeeType", "Employee, Contractor, …"),
        date("employeeHireDate", "employeeHireDate", "when the person started"),
        flag("onPremisesSyncEnabled", "onPremisesSyncEnabled", "it comes from an on-premises directory"),
        text("onPremisesImmutableId", "onPremisesImmutableId", "what ties it to its on-premises account"),
        text("onPremisesSamAccountName", "onPremisesSamAccountName", "its on-premises account name"),
        texts("assignedLicenses", "assignedLicenses[].skuId", "licences, by SKU id"),
        portal_page("Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview", "userId"),
    ),
    relationships=(in_tenant(), incoming("MANAGES", "azure_user", "manager.id", "the user's manager")),
)

SERVICE = Service(name="Entra users", entity_types=(USER,))
