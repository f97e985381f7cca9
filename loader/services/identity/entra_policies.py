"""The tenant's own policies: what users and guests may do, how they prove who they are, what joins a device.

Each exists once in a tenant, so they are details of the account (`entra_account`), with a step and a permission each.
"""

from __future__ import annotations

from collections.abc import Callable

from loader.model import Detail, Graph, Json, Property, flag, text, texts, whole
from loader.services.identity.app_management import APP_MANAGEMENT
from loader.services.identity.authenticator import AUTHENTICATOR
from loader.services.shared.wire import explained, is_on, part, parts

_ACCOUNT = "azure_account"


def _policy(
    name: str, builder: str, permission: str = "Policy.Read.All", *, many: bool = False, beta: bool = False
) -> Detail:
    call = Graph(builder=builder, permission=permission, parent=_ACCOUNT, beta=beta)
    return Detail(name=name, many=many, call=call)


def _takes_users_from_elsewhere(account: Json) -> bool:
    """Only then there is anything to ask, and Microsoft documents the question for people, not for applications."""
    return is_on(account, "onPremisesSyncEnabled")


DETAILS = (
    _policy("securityDefaults", "policies.identity_security_defaults_enforcement_policy"),
    _policy("authorizationPolicy", "policies.authorization_policy"),
    _policy("authenticationMethods", "policies.authentication_methods_policy"),
    # v1.0 has neither the preferred method nor what may stand in for the Authenticator:
    # https://learn.microsoft.com/graph/api/resources/authenticationmethodspolicy?view=graph-rest-beta
    _policy("authenticationMethodsBeta", "policies.authentication_methods_policy", beta=True),
    _policy("adminConsent", "policies.admin_consent_request_policy"),
    _policy("deviceRegistration", "policies.device_registration_policy", "Policy.Read.DeviceConfiguration"),
    _policy("groupSettings", "group_settings", "GroupSettings.Read.All", many=True),
    _policy("appManagement", "policies.default_app_management_policy"),
    Detail(
        name="onPremisesSync",
        many=True,
        call=Graph(
            builder="directory.on_premises_synchronization",
            # https://learn.microsoft.com/graph/api/onpremisesdirectorysynchronization-get#permissions
            permission="OnPremDirectorySynchronization.Read.All (delegated; Microsoft documents none for applications)",
            parent=_ACCOUNT,
            when=_takes_users_from_elsewhere,
        ),
    ),
)

# --- directory settings --------------------------------------------------------------------------------------------

# Microsoft's templates of directory settings; a tenant that never changed one has no settings of it.
_UNIFIED = "62375ab9-6b52-47ed-826b-58e47e0e304b"
_PASSWORDS = "5cf42378-d67d-4f36-ba46-e8b86229381d"


def setting(template: str, name: str, default: str | None = None) -> Callable[[Json], str | None]:
    """One value of the directory settings of a template. default: what holds where the tenant never changed it."""

    def value(answer: Json) -> str | None:
        if "$groupSettings" not in answer:
            return None
        for one in parts(answer, "$groupSettings", "value"):
            if str(one.get("templateId")).lower() == template:
                for pair in parts(one, "values"):
                    if pair.get("name") == name:
                        return str(pair["value"]) if pair.get("value") not in (None, "") else default
        return default

    return explained(f"`{name}` of its template in `$groupSettings`", value)


def _banned_words(answer: Json) -> int | None:
    """How many; the words themselves stay in Entra."""
    words = setting(_PASSWORDS, "BannedPasswordList", "")(answer)
    return None if words is None else len([one for one in words.split("\t") if one])


_FROM_SETTINGS = ("groupSettings",)
_SETTINGS: tuple[Property, ...] = (
    flag(
        "groups.usersCanCreateM365Groups",
        setting(_UNIFIED, "EnableGroupCreation", "true"),
        "users may make Microsoft 365 groups",
        needs=_FROM_SETTINGS,
    ),
    text(
        "groups.creationAllowedGroupId",
        setting(_UNIFIED, "GroupCreationAllowedGroupId"),
        "the group that may make them all the same",
        needs=_FROM_SETTINGS,
    ),
    flag(
        "groups.guestsCanAccess",
        setting(_UNIFIED, "AllowGuestsToAccessGroups", "true"),
        "guests may read what is in groups",
        needs=_FROM_SETTINGS,
    ),
    flag(
        "passwordProtection.bannedListEnforced",
        setting(_PASSWORDS, "EnableBannedPasswordCheck", "false"),
        "the tenant's own list of banned words is used",
        needs=_FROM_SETTINGS,
    ),
    whole("passwordProtection.bannedWords", _banned_words, "how many words are on it", needs=_FROM_SETTINGS),
    flag(
        "passwordProtection.onPremisesEnforced",
        setting(_PASSWORDS, "EnableBannedPasswordCheckOnPremises", "false"),
        "banned words are looked for on premises too",
        needs=_FROM_SETTINGS,
    ),
    text(
        "passwordProtection.onPremisesMode",
        setting(_PASSWORDS, "BannedPasswordCheckOnPremisesMode", "Audit"),
        "Enforce refuses them there, Audit only takes note",
        needs=_FROM_SETTINGS,
        values=("Audit", "Enforce"),
    ),
    whole(
        "passwordProtection.lockoutThreshold",
        setting(_PASSWORDS, "LockoutThreshold", "10"),
        "after how many wrong passwords an account is locked",
        needs=_FROM_SETTINGS,
    ),
    whole(
        "passwordProtection.lockoutDurationInSeconds",
        setting(_PASSWORDS, "LockoutDurationInSeconds", "60"),
        "for how long",
        needs=_FROM_SETTINGS,
    ),
)

# --- authentication methods ----------------------------------------------------------------------------------------


def _otherwise(answer: Json) -> list[str]:
    """the ids in `$authenticationMethods.authenticationMethodConfigurations[]` that are neither enabled nor disabled"""
    listed = parts(answer, "$authenticationMethods", "authenticationMethodConfigurations")
    return [str(one.get("id")) for one in listed if str(one.get("state")).lower() not in ("enabled", "disabled")]


def methods(state: str) -> Callable[[Json], list[str] | None]:
    """The ids of the methods in a state: Fido2, MicrosoftAuthenticator, Sms, …; None where no methods are told."""

    def ids(answer: Json) -> list[str] | None:
        listed = parts(answer, "$authenticationMethods", "authenticationMethodConfigurations")
        found = [str(one["id"]) for one in listed if str(one.get("state")).lower() == state and one.get("id")]
        return found if listed else None

    return explained(f"`$authenticationMethods.authenticationMethodConfigurations[]` that are {state}", ids)


_PREFERRED = "$authenticationMethodsBeta.systemCredentialPreferences"


_METHODS: tuple[Property, ...] = (
    texts("authenticationMethods.enabled", methods("enabled"), "ways to sign in", needs=("authenticationMethods",)),
    texts("authenticationMethods.disabled", methods("disabled"), "ways shut off", needs=("authenticationMethods",)),
    texts("authenticationMethods.otherwise", _otherwise, "ways neither on nor off", needs=("authenticationMethods",)),
    text(
        "authenticationMethods.systemPreferred",
        f"{_PREFERRED}.state",
        "whether Entra asks for the strongest way a user has; told by Graph's beta only",
        values=("enabled", "disabled", "default"),
    ),
    texts("authenticationMethods.systemPreferredFor", f"{_PREFERRED}.includeTargets[].id", "whom: all_users, groups"),
    texts("authenticationMethods.systemPreferredNotFor", f"{_PREFERRED}.excludeTargets[].id", "users and groups not"),
    text(
        "authenticationMethods.migrationState",
        "$authenticationMethods.policyMigrationState",
        "whether the older MFA settings still hold",
        values=("preMigration", "migrationInProgress", "migrationComplete"),
    ),
)

# --- what users and guests may do, and devices ---------------------------------------------------------------------

# Restricted, limited, the same as members: https://learn.microsoft.com/entra/identity/users/users-restrict-guest-permissions
_GUEST_ROLES = (
    "2af84b1e-32c8-42b7-82bc-daa82404023b",
    "10dae51f-b6af-4016-8d66-8c2a99b929b3",
    "a0b1b346-4d3e-4e8b-98f8-753987be4970",
)
_USERS = "$authorizationPolicy.defaultUserRolePermissions"
# The beta API, which some recordings are of, has this elsewhere.
_BETA_GRANTS = "$authorizationPolicy.permissionGrantPolicyIdsAssignedToDefaultUserRole"


def _members(*path: str) -> Callable[[Json], str | None]:
    """Who is allowed: all, some, or none of the users."""

    def sort(answer: Json) -> str | None:
        allowed = part(answer, "$deviceRegistration", *path)
        return str(allowed.get("@odata.type") or "").rpartition(".")[2] or None

    return explained(f"`$deviceRegistration.{'.'.join(path)}`, its `@odata.type`", sort)


_DEVICES = ("deviceRegistration",)
_MEMBERS = tuple(f"{many}DeviceRegistrationMembership" for many in ("all", "enumerated", "no"))

PROPERTIES: tuple[Property, ...] = (
    flag("securityDefaultsEnabled", "$securityDefaults.isEnabled", "Microsoft's security defaults are on"),
    text(
        "authorizationPolicy.allowInvitesFrom",
        "$authorizationPolicy.allowInvitesFrom",
        "who may invite guests",
        values=("none", "adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers", "everyone"),
    ),
    text(
        "authorizationPolicy.guestUserRoleId",
        "$authorizationPolicy.guestUserRoleId",
        "what guests may read, as a role",
        values=_GUEST_ROLES,
    ),
    flag("authorizationPolicy.allowedToCreateApps", f"{_USERS}.allowedToCreateApps", "users may register applications"),
    flag(
        "authorizationPolicy.allowedToCreateSecurityGroups",
        f"{_USERS}.allowedToCreateSecurityGroups",
        "users may make security groups",
    ),
    flag("authorizationPolicy.allowedToCreateTenants", f"{_USERS}.allowedToCreateTenants", "users may make tenants"),
    flag(
        "authorizationPolicy.allowedToReadOtherUsers", f"{_USERS}.allowedToReadOtherUsers", "users may read of others"
    ),
    flag(
        "authorizationPolicy.allowedToReadBitlockerKeys",
        f"{_USERS}.allowedToReadBitlockerKeysForOwnedDevice",
        "users may read recovery keys of their devices",
    ),
    texts(
        "authorizationPolicy.permissionGrantPolicies",
        f"{_USERS}.permissionGrantPoliciesAssigned | {_BETA_GRANTS}",
        "what users may consent to for applications",
    ),
    flag(
        "authorizationPolicy.allowEmailVerifiedUsersToJoin",
        "$authorizationPolicy.allowEmailVerifiedUsersToJoinOrganization",
        "whoever has a mail address of ours may join",
    ),
    flag(
        "authorizationPolicy.blockMsolPowerShell",
        "$authorizationPolicy.blockMsolPowerShell",
        "old PowerShell is shut out",
    ),
    flag(
        "authorizationPolicy.allowedToUseSspr",
        "$authorizationPolicy.allowedToUseSSPR",
        "administrators may reset their own",
    ),
    flag("adminConsent.isEnabled", "$adminConsent.isEnabled", "users may ask an administrator to consent"),
    whole(
        "adminConsent.requestDurationInDays", "$adminConsent.requestDurationInDays", "how long such a request stands"
    ),
    text(
        "deviceRegistration.multiFactorAuthConfiguration",
        "$deviceRegistration.multiFactorAuthConfiguration",
        "required: joining a device takes a second factor",
        values=("required", "notRequired"),
    ),
    whole(
        "deviceRegistration.userDeviceQuota", "$deviceRegistration.userDeviceQuota", "how many devices a user may have"
    ),
    text(
        "deviceRegistration.joinAllowedFor",
        _members("azureADJoin", "allowedToJoin"),
        "who may join",
        needs=_DEVICES,
        values=_MEMBERS,
    ),
    text(
        "deviceRegistration.registerAllowedFor",
        _members("azureADRegistration", "allowedToRegister"),
        "who may register",
        needs=_DEVICES,
    ),
    text(
        "deviceRegistration.localAdminFor",
        _members("azureADJoin", "localAdmins", "registeringUsers"),
        "who becomes a local administrator of the devices they join",
        needs=_DEVICES,
        values=_MEMBERS,
    ),
    flag(
        "deviceRegistration.globalAdminsAreLocalAdmins",
        "$deviceRegistration.azureADJoin.localAdmins.enableGlobalAdmins",
        "global administrators become local ones",
    ),
    flag("deviceRegistration.lapsEnabled", "$deviceRegistration.localAdminPassword.isEnabled", "LAPS is on"),
    *_METHODS,
    *AUTHENTICATOR,
    *APP_MANAGEMENT,
    *_SETTINGS,
    flag(
        "passwordHashSyncEnabled",
        "$onPremisesSync.value[].features.passwordSyncEnabled",
        "hashes of the passwords on premises come to Entra",
    ),
)
