"""Conditional access: under which conditions Entra lets people and applications sign in, and the places it knows.

Policies name users, groups, roles and applications by id, or by words such as "All"; only ids become relationships.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from loader.model import (
    EntityType,
    Graph,
    Json,
    Link,
    Property,
    Relationship,
    Service,
    Target,
    date,
    flag,
    links,
    outgoing,
    text,
    texts,
    whole,
)
from loader.services.shared.directory_links import in_tenant
from loader.services.shared.wire import explained, part

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DOCS = "https://learn.microsoft.com/graph/api"
_NAMED = {"Users": "azure_user", "Groups": "azure_user_group", "Roles": "azure_ad_role_definition"}


def _named(verb: str, mode: str, meaning: str) -> Relationship:
    """Whom a policy names by id, in `includeUsers`, `excludeGroups` and so on."""

    def make(answer: Json) -> Iterable[Link]:
        users = part(answer, "conditions", "users")
        for sort, kind in _NAMED.items():
            for identity in users.get(f"{mode}{sort}") or ():
                if _GUID.fullmatch(str(identity)):
                    yield Link(verb, Target(str(identity).lower(), kind))

    return links(verb, tuple(_NAMED.values()), make, meaning)


def _location_ids(answer: Json) -> list[str]:
    """The ids among its locations; "All" and "AllTrusted" are none."""
    condition = part(answer, "conditions", "locations")
    named = [*(condition.get("includeLocations") or ()), *(condition.get("excludeLocations") or ())]
    return [str(one) for one in named if _GUID.fullmatch(str(one))]


def _lists(path: str, *fields: str) -> tuple[Property, ...]:
    """One property of the same name for each list at the path."""
    return tuple(texts(field, f"{path}.{field}", f"its {_words(field)}") for field in fields)


def _words(field: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", field).lower()


def _comma_separated(*path: str) -> Callable[[Json], list[str]]:
    """Microsoft Graph writes several flags as one text: "deviceCodeFlow,authenticationTransfer"."""

    def values(answer: Json) -> list[str]:
        told = part(answer, *path[:-1]).get(path[-1])
        listed = told if isinstance(told, list) else str(told or "").split(",")
        return [str(one).strip() for one in listed if str(one).strip()]

    return explained(f"`{'.'.join(path)}`, split at its commas", values)


def _is_there(name: str) -> Callable[[Json], bool]:
    return explained(
        f"`conditions.users.{name}` is there", lambda answer: bool(part(answer, "conditions", "users").get(name))
    )


def _controls(answer: Json) -> list[str]:
    return [str(one) for one in part(answer, "grantControls").get("builtInControls") or ()]


def _requires_mfa(answer: Json) -> bool:
    """Whether every way that `grantControls` leaves open asks for a second factor.

    A strength is one control among the others, and so are terms of use and controls of other makers. A strength of
    one's own may be met with a single factor; then it says so.
    """
    grant = part(answer, "grantControls")
    strength = part(grant, "authenticationStrength")
    controls = [one == "mfa" for one in _controls(answer)]
    controls += [strength.get("requirementsSatisfied") != "none"] if strength else []
    controls += [False] * (len(grant.get("termsOfUse") or ()) + len(grant.get("customAuthenticationFactors") or ()))
    return bool(controls) and (all(controls) if grant.get("operator") == "OR" else any(controls))


POLICY = EntityType(
    type="azure_conditional_access_policy",
    resource="Conditional Access Policy",
    classes=("AccessPolicy",),
    documentation=f"{_DOCS}/conditionalaccessroot-list-policies",
    fetch=Graph(builder="identity.conditional_access.policies", permission="Policy.Read.All"),
    properties=(
        text("state", "state", "enabled, disabled, or enabledForReportingButNotEnforced"),
        flag(
            "enabled",
            explained("`state` is enabled", lambda answer: answer.get("state") == "enabled"),
            "it is enforced",
        ),
        text("templateId", "templateId", "the template it was made from"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("updatedOn", "modifiedDateTime", "when it was last changed"),
        *_lists("conditions.users", "includeUsers", "excludeUsers", "includeGroups", "excludeGroups"),
        *_lists("conditions.users", "includeRoles", "excludeRoles"),
        flag("includesGuests", _is_there("includeGuestsOrExternalUsers"), "it is about guests"),
        flag("excludesGuests", _is_there("excludeGuestsOrExternalUsers"), "guests are left out"),
        *_lists("conditions.applications", "includeApplications", "excludeApplications", "includeUserActions"),
        texts(
            "authenticationContexts",
            "conditions.applications.includeAuthenticationContextClassReferences",
            "authentication contexts it is about",
        ),
        *_lists("conditions", "clientAppTypes", "userRiskLevels", "signInRiskLevels", "servicePrincipalRiskLevels"),
        *_lists("conditions.locations", "includeLocations", "excludeLocations"),
        *_lists("conditions.platforms", "includePlatforms", "excludePlatforms"),
        texts(
            "transferMethods",
            _comma_separated("conditions", "authenticationFlows", "transferMethods"),
            "flows that hand a sign-in from one device to another: deviceCodeFlow, authenticationTransfer",
        ),
        text("deviceFilter", "conditions.devices.deviceFilter.rule", "the devices it is about, as a rule"),
        text("deviceFilterMode", "conditions.devices.deviceFilter.mode", "whether that rule includes or excludes"),
        texts("grantControls", "grantControls.builtInControls", "block, mfa, compliantDevice, …"),
        text("grantOperator", "grantControls.operator", "AND: all of them are asked for; OR: one will do"),
        text(
            "authenticationStrength", "grantControls.authenticationStrength.displayName", "how strong a sign-in must be"
        ),
        texts(
            "authenticationStrengthCombinations",
            "grantControls.authenticationStrength.allowedCombinations",
            'the ways to sign in that are strong enough: fido2, or several in one: "password,sms"',
        ),
        flag(
            "blocks",
            explained("`grantControls.builtInControls` has block", lambda answer: "block" in _controls(answer)),
            "it lets nobody in",
        ),
        flag("requiresMfa", _requires_mfa, "nobody gets in without a second factor"),
        flag("signInFrequencyEnabled", "sessionControls.signInFrequency.isEnabled", "people must sign in again"),
        text("signInFrequencyInterval", "sessionControls.signInFrequency.frequencyInterval", "timeBased or everyTime"),
        text("signInFrequencyUnit", "sessionControls.signInFrequency.type", "days or hours"),
        whole("signInFrequencyValue", "sessionControls.signInFrequency.value", "after how many of them"),
        text("persistentBrowser", "sessionControls.persistentBrowser.mode", "always or never stay signed in"),
        flag(
            "tokenProtection",
            "sessionControls.secureSignInSession.isEnabled",
            "tokens only work on the device they were given to",
        ),
    ),
    relationships=(
        in_tenant(),
        _named("APPLIES_TO", "include", "whom it is about"),
        _named("EXCLUDES", "exclude", "who is left out"),
        outgoing("USES", "azure_named_location", _location_ids, "places it knows"),
    ),
)

NAMED_LOCATION = EntityType(
    type="azure_named_location",
    resource="Named Location",
    classes=("Network",),
    documentation=f"{_DOCS}/conditionalaccessroot-list-namedlocations",
    fetch=Graph(builder="identity.conditional_access.named_locations", permission="Policy.Read.All"),
    properties=(
        text(
            "kind",
            explained(
                "`@odata.type`, its last part", lambda answer: str(answer.get("@odata.type") or "").rpartition(".")[2]
            ),
            "its sort: by address or country",
        ),
        flag("isTrusted", "isTrusted", "Entra trusts what comes from there"),
        texts("ipRanges", "ipRanges[].cidrAddress", "its address ranges"),
        texts("countriesAndRegions", "countriesAndRegions", "its countries, by two letters"),
        flag("includeUnknownCountriesAndRegions", "includeUnknownCountriesAndRegions", "addresses of no country too"),
        text("countryLookupMethod", "countryLookupMethod", "by address, or by the Authenticator's position"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("updatedOn", "modifiedDateTime", "when it was last changed"),
    ),
    relationships=(in_tenant(),),
)

SERVICE = Service(name="Conditional access", entity_types=(POLICY, NAMED_LOCATION))
