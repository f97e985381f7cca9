"""How much a finding matters, and from what that follows: one scale for all checks that come with azgraph."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from loader.verdicts import Severity
from loader.yaml_reader import Strict

DeclaredSeverity = Annotated[Severity, Field(strict=False)]


class Impact(StrEnum):
    """What an attacker has in the end, or what is lost."""

    TAKEOVER = "takeover"
    DATA = "data"
    LESSER = "lesser"


class Exposure(StrEnum):
    """Who can make use of it."""

    ANYONE = "anyone"
    INSIDERS = "insiders"
    PRIVILEGED = "privileged"


class Effort(StrEnum):
    """What making use of it takes."""

    NONE = "none"
    SOME = "some"
    MUCH = "much"


MEANINGS: dict[StrEnum, str] = {
    Impact.TAKEOVER: "a tenant, a subscription, a machine or an account that administers is the attacker's",
    Impact.DATA: "the data or the secrets of one resource or one person are read, changed or gone for good",
    Impact.LESSER: "nothing by itself: evidence, a warning, a second safeguard or some availability is missing",
    Exposure.ANYONE: "everybody on the Internet, or everybody who can send a person a message",
    Exposure.INSIDERS: "who has some account, some machine or some network here",
    Exposure.PRIVILEGED: "who administers already, or works for the provider",
    Effort.NONE: "it happens by itself or with one request",
    Effort.SOME: "known tools, and a guessed or stolen password, key or position on the way",
    Effort.MUCH: "another fault beside this one, broken cryptography, or help from inside",
}


class Risk(Strict):
    """Why a check has its severity: the sum of three steps of one to three points each.

    8 or 9 points are critical, 7 high, 5 and 6 medium, 3 and 4 low.
    """

    POINTS: ClassVar[dict[int, Severity]] = {
        9: Severity.CRITICAL,
        8: Severity.CRITICAL,
        7: Severity.HIGH,
        6: Severity.MEDIUM,
        5: Severity.MEDIUM,
        4: Severity.LOW,
        3: Severity.LOW,
    }

    impact: Annotated[Impact, Field(strict=False)]
    exposure: Annotated[Exposure, Field(strict=False)]
    effort: Annotated[Effort, Field(strict=False)]

    @property
    def severity(self) -> Severity:
        """What follows from the three."""
        return self.POINTS[sum(3 - list(type(one)).index(one) for one in (self.impact, self.exposure, self.effort))]
