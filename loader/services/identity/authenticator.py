"""What Microsoft Authenticator shows when it asks, and which applications may ask in its place.

Properties of the account (`entra_policies`): `authenticator.<feature>.…`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loader.model import Json, Property, text
from loader.services.shared.wire import explained, first_with, part, parts

_METHOD = "MicrosoftAuthenticator"
# Ours, Microsoft's, and what it is.
_FEATURES = (
    ("application", "displayAppInformationRequiredState", "it shows the application"),
    ("location", "displayLocationInformationRequiredState", "it shows the place"),
    ("lite", "companionAppAllowedState", "Outlook and other applications may stand in for it"),
)
_NOBODY = "00000000-0000-0000-0000-000000000000"
_NEEDS = ("authenticationMethods",)


def _field(feature: str, *path: str) -> Callable[[Json], str | None]:
    """One field of a feature's settings; nothing where no group is meant."""

    def find(answer: Json) -> str | None:
        method = first_with(
            "id", _METHOD, parts(answer, "$authenticationMethods", "authenticationMethodConfigurations")
        )
        found = part(method, "featureSettings", feature, *path[:-1]).get(path[-1])
        return None if found in (None, _NOBODY) else str(found)

    return explained(f"`featureSettings.{feature}.{'.'.join(path)}` of {_METHOD} in `$authenticationMethods`", find)


def _properties() -> Iterator[Property]:
    for name, feature, meaning in _FEATURES:
        about = f"authenticator.{name}"
        state, to = _field(feature, "state"), _field(feature, "includeTarget", "id")
        yield text(
            f"{about}.state", state, f"{meaning}: enabled, disabled, or default (Microsoft decides)", needs=_NEEDS
        )
        yield text(f"{about}.for", to, "for whom: all_users, or a group", needs=_NEEDS)
        yield text(f"{about}.notFor", _field(feature, "excludeTarget", "id"), "the group left out", needs=_NEEDS)


AUTHENTICATOR: tuple[Property, ...] = tuple(_properties())
