"""To whom and when a conditional access policy applies: one reading of all conditions that Microsoft Graph v1.0 has.

https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset and the pages of its parts. A policy
applies to everybody and always where it includes all users, no condition narrows it, and it leaves nobody out. A
condition that azgraph does not know may narrow it too, so it is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from loader.model import Json
from loader.services.shared.unread import known, unread
from loader.services.shared.wire import part, plain

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GUESTS = "GuestsOrExternalUsers"

_CONDITIONS = known(
    "clientAppTypes",
    "clientApplications",
    "insiderRiskLevels",
    "servicePrincipalRiskLevels",
    "signInRiskLevels",
    "userRiskLevels",
    applications=known(
        "includeApplications",
        "excludeApplications",
        "includeUserActions",
        "includeAuthenticationContextClassReferences",
        "applicationFilter",
    ),
    authenticationFlows=known("transferMethods"),
    devices=known("deviceFilter"),
    locations=known("includeLocations", "excludeLocations"),
    platforms=known("includePlatforms", "excludePlatforms"),
    users=known(
        *(f"{mode}{sort}" for mode in ("include", "exclude") for sort in ("Users", "Groups", "Roles", GUESTS)),
    ),
)
# Entra Connect signs in by itself and cannot answer questions; Microsoft's own policy templates leave its role out:
# https://learn.microsoft.com/entra/identity/conditional-access/policy-all-users-mfa-strength
_SYNCHRONISATION_ROLE = "d29b2b05-8046-44ba-8758-1e26182fcf32"
# Whoever leaves out these two kinds of client leaves out today's sign-ins; legacy ones know no second factor anyhow.
_MODERN_CLIENTS = {"browser", "mobileappsanddesktopclients"}
_ALL_RISKS = {"none", "low", "medium", "high"}


def values(answer: Json, *path: str) -> list[str]:
    """The texts at the path: a list, or several flags that Microsoft Graph writes as one text, split at its commas."""
    told = part(answer, *path[:-1]).get(path[-1])
    listed = told.split(",") if isinstance(told, str) else plain(answer, *path)
    return [str(one).strip() for one in listed if one is not None and str(one).strip()]


def applies_to_everyone(answer: Json) -> bool:
    """Whether `conditions.users.includeUsers` has All; whom it leaves out is told apart."""
    return "all" in _lower(answer, "users", "includeUsers")


def includes_guests(answer: Json) -> bool:
    """Whether `conditions.users` names guests: `includeGuestsOrExternalUsers`, or the word for it among users."""
    users = part(answer, "conditions", "users")
    return bool(users.get(f"include{GUESTS}")) or GUESTS in values(users, "includeUsers")


def excludes_guests(answer: Json) -> bool:
    """Whether `conditions.users` leaves out guests: `excludeGuestsOrExternalUsers`, or the word for it among users."""
    users = part(answer, "conditions", "users")
    return bool(users.get(f"exclude{GUESTS}")) or GUESTS in values(users, "excludeUsers")


def narrowed_by(answer: Json) -> list[str]:
    """The names of the `conditions` that keep it from some sign-ins of those it is about."""
    return [name for name, narrows in _NARROWING.items() if narrows(answer)]


def unread_conditions(answer: Json) -> list[str]:
    """The keys in `conditions` that azgraph does not know, and words for people that it does not know."""
    left_out = values(part(answer, "conditions", "users"), "excludeUsers")
    words = [one for one in left_out if one != GUESTS and not GUID.fullmatch(one)]
    return [*unread(part(answer, "conditions"), _CONDITIONS), *(f"users.excludeUsers: {one}" for one in words)]


def _lower(answer: Json, *path: str) -> set[str]:
    return {one.lower() for one in values(part(answer, "conditions"), *path)}


def _not_all(group: str, sort: str) -> Callable[[Json], bool]:
    """Whether a condition of places or platforms has exceptions, or names some of them only."""

    def narrows(answer: Json) -> bool:
        included = _lower(answer, group, f"include{sort}")
        return bool(_lower(answer, group, f"exclude{sort}")) or (bool(included) and "all" not in included)

    return narrows


def _some_clients(answer: Json) -> bool:
    clients = _lower(answer, "clientAppTypes")
    return bool(clients) and "all" not in clients and not clients >= _MODERN_CLIENTS


def _some_risks(name: str) -> Callable[[Json], bool]:
    return lambda answer: bool(_lower(answer, name)) and not _lower(answer, name) >= _ALL_RISKS


def _has(*path: str) -> Callable[[Json], bool]:
    return lambda answer: bool(part(answer, "conditions", *path[:-1]).get(path[-1]))


# By the names that Microsoft Graph gives them; the last two are about people, not about sign-ins.
_NARROWING: dict[str, Callable[[Json], bool]] = {
    "applicationFilter": _has("applications", "applicationFilter"),
    "authenticationContexts": _has("applications", "includeAuthenticationContextClassReferences"),
    "authenticationFlows": lambda answer: bool(_lower(answer, "authenticationFlows", "transferMethods") - {"none"}),
    "clientAppTypes": _some_clients,
    "clientApplications": _has("clientApplications"),
    "deviceFilter": _has("devices", "deviceFilter"),
    "insiderRiskLevels": lambda answer: bool(_lower(answer, "insiderRiskLevels")),
    "locations": _not_all("locations", "Locations"),
    "platforms": _not_all("platforms", "Platforms"),
    "servicePrincipalRiskLevels": _some_risks("servicePrincipalRiskLevels"),
    "signInRiskLevels": _some_risks("signInRiskLevels"),
    "userRiskLevels": _some_risks("userRiskLevels"),
    "excludeRoles": lambda answer: bool(_lower(answer, "users", "excludeRoles") - {_SYNCHRONISATION_ROLE}),
    f"exclude{GUESTS}": excludes_guests,
}
