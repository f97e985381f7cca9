"""Which ways of proving who they are users have registered: Entra's report, one list for the whole tenant.

It is an entity beside the user because the report is: asking for each user on its own would be a call a user.
"""

from __future__ import annotations

from loader.model import EntityType, Graph, Json, Service, date, flag, incoming, text, texts


def report_key(answer: Json) -> str | None:
    """The report gives its rows the ids of the users."""
    identity = answer.get("id")
    return f"{identity}/registration" if identity else None


REGISTRATION = EntityType(
    type="azure_user_registration_details",
    resource="User Registration Details",
    classes=("Record",),
    documentation="https://learn.microsoft.com/graph/api/authenticationmethodsroot-list-userregistrationdetails",
    fetch=Graph(builder="reports.authentication_methods.user_registration_details", permission="AuditLog.Read.All"),
    key=report_key,
    name="userDisplayName | userPrincipalName",
    properties=(
        text("userId", "id", "whose they are"),
        text("userPrincipalName", "userPrincipalName", "the user's sign-in name"),
        text("userType", "userType", "member or guest", values=("member", "guest")),
        flag("isAdmin", "isAdmin", "the user holds a directory role"),
        flag("isMfaRegistered", "isMfaRegistered", "a second factor is registered"),
        flag("isMfaCapable", "isMfaCapable", "one that policy allows is registered"),
        flag("isPasswordlessCapable", "isPasswordlessCapable", "a way without a password is registered"),
        flag("isSsprRegistered", "isSsprRegistered", "the user is set up to renew the password alone"),
        flag("isSsprEnabled", "isSsprEnabled", "policy lets the user do so"),
        flag("isSsprCapable", "isSsprCapable", "both"),
        texts("methodsRegistered", "methodsRegistered", "what is registered"),
        text(
            "preferredMethod", "userPreferredMethodForSecondaryAuthentication", "the user's own choice of second factor"
        ),
        date("updatedOn", "lastUpdatedDateTime", "when the report was last brought up to date"),
    ),
    relationships=(incoming("HAS", "azure_user", "id", "whose they are"),),
)

SERVICE = Service(name="MFA registration", entity_types=(REGISTRATION,))
