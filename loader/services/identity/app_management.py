"""The tenant's default policy about the secrets of applications: which kinds there may be, and for how long.

Properties of the account (`entra_policies`): `appManagement.<restriction>.…` for each restriction that Microsoft Graph
knows. A policy of one application may say otherwise for that application; these are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loader.model import Json, Property, date, flag, text, texts
from loader.services.shared.unread import known, unread
from loader.services.shared.wire import explained, first_with, parts

# Each restriction by the list it stands in.
_PASSWORDS = ("passwordAddition", "passwordLifetime", "customPasswordAddition")
_RESTRICTIONS = {**dict.fromkeys(_PASSWORDS, "passwordCredentials"), "asymmetricKeyLifetime": "keyCredentials"}
_NEEDS = ("appManagement",)
_KNOWN = known("restrictionType", "state", "maxLifetime", "restrictForAppsCreatedAfterDateTime")


def _field(restriction: str, field: str, unsaid: str | None = None) -> Callable[[Json], object]:
    """One field of a restriction of applications; nothing where the policy does not name the restriction.

    unsaid: what it means that a restriction is named without the field.
    """
    place = _RESTRICTIONS[restriction]

    def find(answer: Json) -> object:
        found = _told(answer, restriction)
        return found.get(field) or unsaid if found else None

    where = f"$appManagement.applicationRestrictions.{place}[]"
    return explained(f"`{field}` of {restriction} in `{where}`", find)


def _told(answer: Json, restriction: str) -> Json:
    listed = parts(answer, "$appManagement", "applicationRestrictions", _RESTRICTIONS[restriction])
    return first_with("restrictionType", restriction, listed)


def _unread(restriction: str) -> Callable[[Json], list[str]]:
    """What a restriction says that azgraph does not know, such as whom it spares."""
    return explained(
        f"the keys of {restriction} that azgraph does not know", lambda a: unread(_told(a, restriction), _KNOWN)
    )


def _properties() -> Iterator[Property]:
    yield flag("appManagement.isEnabled", "$appManagement.isEnabled", "the policy about applications' secrets holds")
    for name in _RESTRICTIONS:
        about = f"appManagement.{name}"
        # Policies from before there was a state hold what they name.
        state = _field(name, "state", unsaid="enabled")
        yield text(f"{about}.state", state, f"{name}: enabled or disabled", needs=_NEEDS)
        since = _field(name, "restrictForAppsCreatedAfterDateTime")
        yield date(f"{about}.forAppsAfter", since, "older applications are spared; nothing: none are", needs=_NEEDS)
        yield texts(f"{about}.unread", _unread(name), "what it says that azgraph does not know", needs=_NEEDS)
        if name.endswith("Lifetime"):
            longest = _field(name, "maxLifetime")
            yield text(f"{about}.longest", longest, "how long they may be valid: P180D", needs=_NEEDS)


APP_MANAGEMENT: tuple[Property, ...] = tuple(_properties())
