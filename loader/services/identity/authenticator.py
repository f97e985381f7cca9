"""What Microsoft Authenticator shows when it asks, and which applications may ask in its place.

Properties of the account (`entra_policies`): `authenticator.<feature>.…`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loader.model import Json, Property, text, texts
from loader.services.shared.wire import explained, first_with, part, parts

_METHOD = "MicrosoftAuthenticator"
_POLICY = "authenticationMethods"
# Ours, Microsoft's, what it is, and the detail that tells it: the last one is in Graph's beta only,
# https://learn.microsoft.com/graph/api/resources/microsoftauthenticatorfeaturesettings?view=graph-rest-beta
_FEATURES = (
    ("application", "displayAppInformationRequiredState", "it shows the application", _POLICY),
    ("location", "displayLocationInformationRequiredState", "it shows the place", _POLICY),
    ("lite", "companionAppAllowedState", "Outlook and other applications may stand in for it", f"{_POLICY}Beta"),
)
_NOBODY = "00000000-0000-0000-0000-000000000000"


def _field(detail: str, feature: str, *path: str) -> Callable[[Json], str | None]:
    """One field of a feature's settings; nothing where no group is meant."""

    def find(answer: Json) -> str | None:
        method = first_with("id", _METHOD, parts(answer, f"${detail}", "authenticationMethodConfigurations"))
        found = part(method, "featureSettings", feature, *path[:-1]).get(path[-1])
        return None if found in (None, _NOBODY) else str(found)

    return explained(f"`featureSettings.{feature}.{'.'.join(path)}` of {_METHOD} in `${detail}`", find)


def _modes(answer: Json) -> list[str] | None:
    """`includeTargets[].authenticationMode` of MicrosoftAuthenticator in `$authenticationMethods`"""
    method = first_with("id", _METHOD, parts(answer, f"${_POLICY}", "authenticationMethodConfigurations"))
    if method.get("includeTargets") is None:
        return None
    return [str(one.get("authenticationMode") or "") for one in parts(method, "includeTargets")]


def _properties() -> Iterator[Property]:
    for name, feature, meaning, detail in _FEATURES:
        about, needs = f"authenticator.{name}", (detail,)
        state, to = _field(detail, feature, "state"), _field(detail, feature, "includeTarget", "id")
        left_out = _field(detail, feature, "excludeTarget", "id")
        states = ("enabled", "disabled", "default")
        meant = f"{meaning}: enabled, disabled, or default (Microsoft decides)"
        yield text(f"{about}.state", state, meant, needs=needs, values=states)
        yield text(f"{about}.for", to, "for whom: all_users, or a group", needs=needs)
        yield text(f"{about}.notFor", left_out, "the group left out", needs=needs)
    meant = "any and deviceBasedPush: it may take the place of the password; push: it comes after the password"
    yield texts("authenticator.modes", _modes, meant, needs=(_POLICY,))


AUTHENTICATOR: tuple[Property, ...] = tuple(_properties())
