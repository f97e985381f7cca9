"""What a conditional access policy asks of those it applies to: what each way in that it leaves open has in common.

https://learn.microsoft.com/graph/api/resources/conditionalaccessgrantcontrols: the operator AND asks for all controls,
OR for any of them. A strength is one control among the others, and so are terms of use and controls of other makers. A
control or a way to sign in that azgraph does not know may be anything: what hangs on it is not told, and it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import Json
from loader.services.identity.conditional_access_conditions import values
from loader.services.shared.unread import known, unread
from loader.services.shared.wire import explained, part, plain

_GRANT = known("operator", "builtInControls", "customAuthenticationFactors", "termsOfUse", "authenticationStrength")
_CONTROLS = {
    "block",
    "mfa",
    "compliantDevice",
    "domainJoinedDevice",
    "approvedApplication",
    "compliantApplication",
    "passwordChange",
    "riskRemediation",
}
# https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths, and the enumeration
# https://learn.microsoft.com/graph/api/resources/authenticationstrengthpolicy#authenticationmethodmodes-values
_RESISTS_PHISHING = {"fido2", "windowsHelloForBusiness", "x509CertificateMultiFactor"}
_TWO_FACTORS = _RESISTS_PHISHING | {
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "federatedMultiFactor",
}
_ONE_FACTOR = {
    "password",
    "voice",
    "hardwareOath",
    "softwareOath",
    "sms",
    "microsoftAuthenticatorPush",
    "email",
    "x509CertificateSingleFactor",
    "federatedSingleFactor",
    "qrCodePin",
}
# The strengths that every tenant has, by their ids: all of the second and third take two factors.
_BUILT_IN = "00000000-0000-0000-0000-00000000000"
_MFA_STRENGTHS = {f"{_BUILT_IN}{number}" for number in (2, 3, 4)}
_PHISHING_STRENGTHS = {f"{_BUILT_IN}4"}

Told = bool | None


def built_in_controls(answer: Json) -> list[str]:
    """Its `grantControls.builtInControls`."""
    return values(part(answer, "grantControls"), "builtInControls")


def unread_controls(answer: Json) -> list[str]:
    """What `grantControls` asks for that azgraph does not know."""
    strength = part(answer, "grantControls", "authenticationStrength")
    ways = _combinations(strength)
    unknown = [way for way in ways if _is_two_factors(way) is None]
    if strength and not ways and resists_phishing(strength) is None:
        unknown = [str(strength.get("displayName"))]
    return [
        *unread(part(answer, "grantControls"), _GRANT),
        *(f"builtInControls: {one}" for one in built_in_controls(answer) if one not in _CONTROLS),
        *(f"authenticationStrength: {one}" for one in unknown),
    ]


def every_way(
    meaning: str, controls: Iterable[str], strength: Callable[[Json], Told] | None = None
) -> Callable[[Json], Told]:
    """A function that tells whether nobody gets in without one of these controls, or a strength that does the same.

    It gives None where that hangs on something azgraph does not know. A policy without any control asks nothing.
    """
    wanted = set(controls)

    def asks(answer: Json) -> Told:
        grant = part(answer, "grantControls")
        ways: list[Told] = [
            True if one in wanted else False if one in _CONTROLS else None for one in built_in_controls(answer)
        ]
        if given := part(grant, "authenticationStrength"):
            ways.append(strength(given) if strength else False)
        ways += [False] * (len(grant.get("termsOfUse") or ()) + len(grant.get("customAuthenticationFactors") or ()))
        ways += [None] * len(unread(grant, _GRANT))
        if not ways:
            return False
        return _any(ways) if str(grant.get("operator")).upper() == "AND" else _all(ways)

    return explained(f"`grantControls`: whether every way in that it leaves open {meaning}", asks)


def takes_two_factors(strength: Json) -> Told:
    """Whether each of the strength's combinations takes two factors; where it tells none, what Entra says of it."""
    ways = _combinations(strength)
    if ways:
        return _all([_is_two_factors(way) for way in ways])
    if strength.get("id") in _MFA_STRENGTHS:
        return True
    return {"mfa": True, "none": False}.get(str(strength.get("requirementsSatisfied")))


def resists_phishing(strength: Json) -> Told:
    """Whether each of the strength's combinations resists phishing: keys, Windows Hello, certificates."""
    ways = _combinations(strength)
    if ways:
        return _all([way in _RESISTS_PHISHING if _is_two_factors(way) is not None else None for way in ways])
    return True if strength.get("id") in _PHISHING_STRENGTHS else None


def _combinations(strength: Json) -> list[str]:
    """Each way to sign in that is strong enough: "fido2", or several methods in one text: "password,sms"."""
    return [str(one).replace(" ", "") for one in plain(strength, "allowedCombinations") if one]


def _is_two_factors(way: str) -> Told:
    """Whether one combination takes two factors: a method that holds two, or two methods."""
    methods = way.split(",")
    if any(one not in _TWO_FACTORS | _ONE_FACTOR for one in methods):
        return None
    return len(methods) > 1 or methods[0] in _TWO_FACTORS


def _all(ways: list[Told]) -> Told:
    return False if False in ways else None if None in ways else True


def _any(ways: list[Told]) -> Told:
    return True if True in ways else None if None in ways else False
