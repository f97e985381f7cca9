"""What Azure's services report about resources: one scale of severity and one status over all of them.

Each service keeps its own words beside these (`statusCode`, `impact`, `complianceState`, …). A type with the class
`Finding` has both properties and a `HAS` relationship from the resource it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loader.model import Json, Property, Source, text
from loader.services.shared.wire import explained
from loader.shapes import first

SEVERITIES = ("critical", "high", "medium", "low", "informational")
OPEN, RESOLVED, NOT_APPLICABLE = "open", "resolved", "not-applicable"


def _where(source: Source) -> str:
    """The path, or what a function says of itself, in words."""
    return f"`{source}`".replace("|", "\\|") if isinstance(source, str) else source.__doc__ or ""


def severity(source: Source, *, needs: tuple[str, ...] = ()) -> Property:
    """`severity` of a finding. A word that is none of the scale's is left out, not guessed."""

    def scaled(answer: Json) -> str | None:
        word = str(first(answer, source) or "").lower()
        return word if word in SEVERITIES else None

    reader = explained(f"{_where(source)}, on the common scale", scaled)
    return text("severity", reader, "critical, high, medium, low or informational", needs=needs)


def status(source: Source, words: Mapping[str, str]) -> Property:
    """`status` of a finding. words: the service's own words in lower case, and what each of them means here."""

    def common(answer: Json) -> str | None:
        return words.get(str(first(answer, source) or "").lower())

    reader = explained(f"{_where(source)}, in the common words", common)
    return text("status", reader, "open, resolved or not-applicable")


def own_severity(source: Source) -> Property:
    """The severity as the service writes it."""
    return text("reportedSeverity", source, "the severity in the service's own word")


def as_arm_id(source: Source) -> Callable[[Json], str | None]:
    """An ARM id with its leading slash, which services leave out at times; None for what is no ARM id."""

    def identity(answer: Json) -> str | None:
        found = str(first(answer, source) or "").strip("/")
        return f"/{found}" if found.lower().startswith(("subscriptions/", "providers/")) else None

    return identity
