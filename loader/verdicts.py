"""The words of every judgement: which verdicts and which severities there are, worst first."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome for a control or a resource, worst first. EXCEPTED: it fails, and somebody has accepted that."""

    FAIL = "fail"
    NOT_EVALUATED = "not-evaluated"
    EXCEPTED = "excepted"
    MANUAL = "manual"
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    NOT_APPLICABLE = "not-applicable"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _VERDICTS[self]


class Severity(StrEnum):
    """How much a finding matters, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _SEVERITIES[self]


_VERDICTS = {verdict: rank for rank, verdict in enumerate(Verdict)}
_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
