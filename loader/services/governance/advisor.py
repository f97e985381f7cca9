"""Azure Advisor: what Azure recommends for resources, for security, cost, reliability, performance and operations."""

from __future__ import annotations

from loader.model import (
    ANY_SCOPE,
    Arm,
    EntityType,
    Json,
    Service,
    date,
    flag,
    incoming,
    number,
    quiet,
    text,
    texts,
    whole,
)
from loader.services.shared.findings import NOT_APPLICABLE, OPEN, as_arm_id, own_severity, severity, status
from loader.services.shared.wire import explained, part, plain

_ASSESSMENT = "/providers/microsoft.security/assessments/"
_NUMBERS = {"high": 10, "medium": 5, "low": 1}

_about = as_arm_id("properties.resourceMetadata.resourceId")


def assessment(answer: Json) -> str | None:
    """The Defender assessment behind it: named as its source, or itself what the recommendation is about."""
    for identity in (as_arm_id("properties.resourceMetadata.source")(answer), _about(answer)):
        if identity and _ASSESSMENT in identity.lower():
            return identity
    return None


def resource(answer: Json) -> str | None:
    """What it is about. Where that is an assessment, then what was assessed."""
    identity = _about(answer)
    return identity[: identity.lower().index(_ASSESSMENT)] if identity and _ASSESSMENT in identity.lower() else identity


def _impact(answer: Json) -> str:
    return str(part(answer, "properties").get("impact") or "").lower()


def suppressed(answer: Json) -> bool:
    """Somebody has dismissed or postponed it."""
    return bool(plain(answer, "properties", "suppressionIds"))


RECOMMENDATION = EntityType(
    type="azure_advisor_recommendation",
    resource="Advisor Recommendation",
    classes=("Finding",),
    arm_type="Microsoft.Advisor/recommendations",
    documentation="https://learn.microsoft.com/rest/api/advisor/recommendations/list",
    fetch=Arm(
        client="azure.mgmt.advisor.aio:AdvisorManagementClient",
        operation="recommendations.list",
        permission="Microsoft.Advisor/recommendations/read",
    ),
    name="properties.shortDescription.solution | name",
    properties=(
        severity("properties.impact"),
        own_severity("properties.impact"),
        status(
            explained("`properties.suppressionIds`", lambda answer: "suppressed" if suppressed(answer) else "standing"),
            {"suppressed": NOT_APPLICABLE, "standing": OPEN},
        ),
        flag(
            "open",
            explained("`properties.suppressionIds` is empty", lambda answer: not suppressed(answer)),
            "nobody has dismissed or postponed it",
        ),
        texts("suppressionIds", "properties.suppressionIds", "the dismissals and postponements"),
        whole(
            "numericSeverity",
            explained("`properties.impact` as a number", lambda answer: _NUMBERS.get(_impact(answer), 5)),
            "10 for High, 5 for Medium, 1 for Low",
        ),
        text(
            "impact",
            explained(
                "`properties.impact` in lower case",
                lambda answer: str(part(answer, "properties").get("impact") or "").lower() or None,
            ),
            "the same in small letters",
        ),
        text(
            "category",
            "properties.category",
            "Security, Cost, HighAvailability, Performance, OperationalExcellence",
            values=("Security", "Cost", "HighAvailability", "Performance", "OperationalExcellence"),
        ),
        text("recommendationTypeId", "properties.recommendationTypeId", "the same for this advice of any resource"),
        text("assessment", "properties.extendedProperties.assessmentKey", "the Defender assessment's name"),
        quiet(number("score", "properties.extendedProperties.score", "what heeding it adds to the score")),
        text("shortDescriptionProblem", "properties.shortDescription.problem", "what is wrong"),
        text("shortDescriptionSolution", "properties.shortDescription.solution", "what to do"),
        text("recommendation", "properties.shortDescription.solution", "what to do"),
        text("potentialBenefits", "properties.potentialBenefits", "what that brings"),
        text("learnMoreLink", "properties.learnMoreLink", "where to read on"),
        text("impactedField", "properties.impactedField", "the kind of resource it is about"),
        text("impactedValue", "properties.impactedValue", "that resource's name"),
        text("resourceId", "properties.resourceMetadata.resourceId", "that resource"),
        text("source", "properties.resourceMetadata.source", "the assessment it comes from"),
        date("updatedOn", "properties.lastUpdated", "when Advisor last looked"),
    ),
    relationships=(
        incoming("HAS", ANY_SCOPE, resource, "what it is about"),
        incoming("IDENTIFIED", "azure_security_assessment", assessment, "the assessment it comes from"),
    ),
)

SERVICE = Service(name="Advisor", entity_types=(RECOMMENDATION,))
