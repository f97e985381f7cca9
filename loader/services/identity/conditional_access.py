"""Conditional access: under which conditions Entra lets people and applications sign in, and the places it knows.

Policies name users, groups, roles and applications by id, or by words such as "All"; only ids become relationships.
Questions ask a policy for `enabled`, `appliesToEveryone`, `narrowedBy` and `LEAVES_OUT`, and what it asks of people;
they do not read single conditions to find out whether it applies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

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
from loader.services.identity.conditional_access_conditions import (
    GUID,
    applies_to_everyone,
    excludes_guests,
    includes_guests,
    narrowed_by,
    unread_conditions,
    values,
)
from loader.services.identity.conditional_access_controls import (
    built_in_controls,
    every_way,
    resists_phishing,
    takes_two_factors,
    unread_controls,
)
from loader.services.identity.conditional_access_left_out import ACCOUNTS_LEFT_OUT
from loader.services.shared.addresses import blocks, internet_share, is_internet
from loader.services.shared.directory_links import in_tenant
from loader.services.shared.wire import explained, is_on, part, parts

_DOCS = "https://learn.microsoft.com/graph/api"
_NAMED = {"Users": "azure_user", "Groups": "azure_user_group", "Roles": "azure_ad_role_definition"}


def _named(verb: str, mode: str, meaning: str) -> Relationship:
    """Whom a policy names by id, in `includeUsers`, `excludeGroups` and so on."""

    def make(answer: Json) -> Iterable[Link]:
        users = part(answer, "conditions", "users")
        for sort, kind in _NAMED.items():
            for identity in users.get(f"{mode}{sort}") or ():
                if GUID.fullmatch(str(identity)):
                    yield Link(verb, Target(str(identity).lower(), kind))

    return links(verb, tuple(_NAMED.values()), make, meaning)


def _location_ids(answer: Json) -> list[str]:
    """The ids among its locations; "All" and "AllTrusted" are none."""
    condition = part(answer, "conditions", "locations")
    named = [*(condition.get("includeLocations") or ()), *(condition.get("excludeLocations") or ())]
    return [str(one) for one in named if GUID.fullmatch(str(one))]


def _lists(path: str, *fields: str) -> tuple[Property, ...]:
    """One property of the same name for each list at the path."""
    return tuple(texts(field, f"{path}.{field}", f"its {_words(field)}") for field in fields)


def _words(field: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", field).lower()


def sign_in_again_after(answer: Json) -> int | None:
    """`sessionControls.signInFrequency` in hours, 0 for every time; none where it is off, or its unit is not known."""
    frequency = part(answer, "sessionControls", "signInFrequency")
    if not is_on(frequency, "isEnabled"):
        return None
    if frequency.get("frequencyInterval") == "everyTime":
        return 0
    hours = {"hours": 1, "days": 24}.get(str(frequency.get("type")))
    value = frequency.get("value")
    return value * hours if hours and isinstance(value, int) else None


def persistent_browser(answer: Json) -> str | None:
    """`sessionControls.persistentBrowser.mode`, where that control `isEnabled`."""
    control = part(answer, "sessionControls", "persistentBrowser")
    return control.get("mode") if is_on(control, "isEnabled") else None


def _ranges(answer: Json) -> list[str]:
    return [str(one.get("cidrAddress") or "") for one in parts(answer, "ipRanges")]


def _is_everywhere(answer: Json) -> bool | None:
    """`ipRanges[].cidrAddress`, all together"""
    return is_internet(internet_share(_ranges(answer))) if _ranges(answer) else None


def _unread_ranges(answer: Json) -> list[str]:
    """those of `ipRanges[].cidrAddress` that are no address ranges"""
    return [one for one in _ranges(answer) if not blocks(one)]


POLICY = EntityType(
    type="azure_conditional_access_policy",
    ids=("opaque",),
    resource="Conditional Access Policy",
    classes=("AccessPolicy",),
    documentation=f"{_DOCS}/conditionalaccessroot-list-policies",
    fetch=Graph(builder="identity.conditional_access.policies", permission="Policy.Read.All"),
    properties=(
        text(
            "state",
            "state",
            "enabled, disabled, or enabledForReportingButNotEnforced",
            values=("enabled", "disabled", "enabledForReportingButNotEnforced"),
        ),
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
        flag("appliesToEveryone", applies_to_everyone, "it includes all users; LEAVES_OUT tells whom it leaves out"),
        texts("narrowedBy", narrowed_by, "conditions that keep it from some of their sign-ins, by name"),
        texts("unreadConditions", unread_conditions, "conditions that azgraph does not know, which may narrow it too"),
        flag("includesGuests", includes_guests, "it names guests"),
        flag("excludesGuests", excludes_guests, "guests are left out"),
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
            explained(
                "`conditions.authenticationFlows.transferMethods`, split at its commas",
                lambda answer: values(answer, "conditions", "authenticationFlows", "transferMethods"),
            ),
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
            explained("`grantControls.builtInControls` has block", lambda answer: "block" in built_in_controls(answer)),
            "it lets nobody in",
        ),
        flag(
            "requiresMfa",
            every_way("takes a second factor", ["mfa"], takes_two_factors),
            "nobody gets in without a second factor",
        ),
        flag(
            "requiresPhishingResistance",
            every_way("resists phishing", [], resists_phishing),
            "nobody gets in with something that can be phished",
        ),
        flag(
            "requiresManagedDevice",
            every_way("takes a managed device", ["compliantDevice", "domainJoinedDevice"]),
            "nobody gets in from a device that nobody manages",
        ),
        flag(
            "endsRisk",
            every_way("is shut or ends the risk", ["block", "passwordChange", "riskRemediation"]),
            "nobody gets in before a new password or a remediation, or nobody at all",
        ),
        texts("unreadControls", unread_controls, "what it asks for that azgraph does not know"),
        flag("signInFrequencyEnabled", "sessionControls.signInFrequency.isEnabled", "people must sign in again"),
        text("signInFrequencyInterval", "sessionControls.signInFrequency.frequencyInterval", "timeBased or everyTime"),
        text("signInFrequencyUnit", "sessionControls.signInFrequency.type", "days or hours"),
        whole("signInFrequencyValue", "sessionControls.signInFrequency.value", "after how many of them"),
        whole("signInAgainAfterHours", sign_in_again_after, "the same in hours; 0 is every time"),
        text("persistentBrowser", persistent_browser, "always or never stay signed in"),
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
    ids=("opaque",),
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
        flag(
            "isTheInternet",
            _is_everywhere,
            "its ranges together are so large a part of the Internet that they name nobody",
        ),
        texts("unreadRanges", _unread_ranges, "ranges that azgraph cannot read"),
        texts("countriesAndRegions", "countriesAndRegions", "its countries, by two letters"),
        flag("includeUnknownCountriesAndRegions", "includeUnknownCountriesAndRegions", "addresses of no country too"),
        text("countryLookupMethod", "countryLookupMethod", "by address, or by the Authenticator's position"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("updatedOn", "modifiedDateTime", "when it was last changed"),
    ),
    relationships=(in_tenant(),),
)

SERVICE = Service(name="Conditional access", entity_types=(POLICY, NAMED_LOCATION), derivations=(ACCOUNTS_LEFT_OUT,))
