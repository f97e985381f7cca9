"""What Defender for Cloud finds: the single vulnerabilities behind assessments, and security alerts."""

from __future__ import annotations

from loader.model import (
    ANY_RESOURCE,
    Arm,
    At,
    EntityType,
    Json,
    Service,
    date,
    flag,
    incoming,
    quiet,
    text,
    texts,
)
from loader.services.security.defender import ASSESSED, assessed_resource
from loader.services.shared.arm_ids import in_subscription
from loader.services.shared.enumerations import ASSESSMENT_CODES
from loader.services.shared.findings import OPEN, RESOLVED, as_arm_id, own_severity, severity, status
from loader.services.shared.wire import part, parts

_CLIENT = "azure.mgmt.security.aio:SecurityCenter"
_DOCS = "https://learn.microsoft.com/rest/api/defenderforcloud"


def assessment_of(answer: Json) -> str | None:
    """The ARM id of the assessment that a sub-assessment belongs to: its own id up to its own part."""
    before, mark, _ = str(answer.get("id") or "").rpartition("/subAssessments/")
    return f"/{before.strip('/')}" if mark else None


SUB_ASSESSMENT = EntityType(
    type="azure_security_sub_assessment",
    resource="Security Sub-Assessment",
    classes=("Vulnerability", "Finding"),
    arm_type="Microsoft.Security/assessments/subAssessments",
    documentation=f"{_DOCS}/sub-assessments/list-all",
    fetch=Arm(
        client=_CLIENT,
        operation="sub_assessments.list_all",
        permission="Microsoft.Security/assessments/subAssessments/read",
        args=(At("id"),),
        parent="azure_subscription",
    ),
    name="properties.displayName | name",
    properties=(
        severity("properties.status.severity"),
        own_severity("properties.status.severity"),
        status("properties.status.code", ASSESSED),
        text(
            "statusCode",
            "properties.status.code",
            "Healthy, Unhealthy or NotApplicable",
            values=ASSESSMENT_CODES,
        ),
        text("statusCause", "properties.status.cause", "why, in a word"),
        text("vulnerabilityId", "properties.id", "the scanner's number of it"),
        text("category", "properties.category", "what sort of weakness it is"),
        text("description", "properties.description", "what is wrong"),
        text("impact", "properties.impact", "what could happen"),
        text("remediation", "properties.remediation", "what to do about it"),
        text("assessedResourceType", "properties.additionalData.assessedResourceType", "what was scanned, and by whom"),
        flag("patchable", "properties.additionalData.patchable", "there is a patch"),
        texts("cve", "properties.additionalData.cve[].title", "the CVEs it is known under"),
        quiet(date("generatedOn", "properties.timeGenerated", "when it was found")),
    ),
    relationships=(
        incoming("HAS", ANY_RESOURCE, lambda answer: list(assessed_resource(answer)), "what it was found in"),
        incoming("CONTAINS", "azure_security_assessment", assessment_of, "the assessment it is a part of"),
    ),
)


def alerted_resource(answer: Json) -> str | None:
    """The ARM id an alert is about; the API of 2019 has it in `associatedResource`."""
    for identifier in parts(answer, "properties", "resourceIdentifiers"):
        if identifier.get("azureResourceId"):
            return as_arm_id("azureResourceId")(identifier)
    return as_arm_id("properties.associatedResource")(answer)


def _active(answer: Json) -> bool | None:
    """`properties.status`, in 2019 `properties.state`, is Active or InProgress"""
    state = part(answer, "properties").get("status") or part(answer, "properties").get("state")
    return None if state is None else str(state).lower() in ("active", "inprogress")


def _steps(answer: Json) -> str | None:
    """`properties.remediationSteps`: a list today, one text in the API of 2019"""
    steps = part(answer, "properties").get("remediationSteps")
    return " ".join(str(step) for step in steps if step) if isinstance(steps, list) else steps


ALERT = EntityType(
    type="azure_defender_alert",
    resource="Defender Alert",
    classes=("Vulnerability", "Finding"),
    arm_type="Microsoft.Security/locations/alerts",
    documentation=f"{_DOCS}/alerts/list",
    fetch=Arm(client=_CLIENT, operation="alerts.list", permission="Microsoft.Security/alerts/read"),
    name="properties.alertDisplayName | name",
    # Today's API and that of 2019 name nearly everything differently.
    properties=(
        severity("properties.severity | properties.reportedSeverity"),
        own_severity("properties.severity | properties.reportedSeverity"),
        status(
            "properties.status | properties.state",
            {"active": OPEN, "inprogress": OPEN, "resolved": RESOLVED, "dismissed": RESOLVED},
        ),
        text("state", "properties.status | properties.state", "Active, InProgress, Resolved or Dismissed"),
        flag("open", _active, "it is not closed yet"),
        text("alertType", "properties.alertType | properties.alertName", "what is detected, the same for all alerts"),
        text("description", "properties.description", "what was seen"),
        text("remediation", _steps, "what to do about it"),
        text("intent", "properties.intent", "where in an attack it belongs: InitialAccess, Exfiltration, …"),
        texts("techniques", "properties.techniques", "the same as techniques of MITRE ATT&CK"),
        text("compromisedEntity", "properties.compromisedEntity", "what is attacked, by name"),
        text("category", "properties.compromisedEntity", "what is attacked, by name"),
        text("vendorName", "properties.vendorName", "whose alert it is"),
        text("productName", "properties.productName", "which product raised it"),
        flag("isIncident", "properties.isIncident", "it sums up several alerts"),
        date("startedOn", "properties.startTimeUtc | properties.detectedTimeUtc", "when it began"),
        date("endedOn", "properties.endTimeUtc", "when it was last seen"),
        date("reportedOn", "properties.timeGeneratedUtc | properties.reportedTimeUtc", "when it was raised"),
        text("alertUri", "properties.alertUri", "its page in Defender"),
    ),
    relationships=(
        in_subscription(),
        incoming("HAS", ANY_RESOURCE, alerted_resource, "what is attacked"),
    ),
)


SERVICE = Service(name="Defender findings", entity_types=(SUB_ASSESSMENT, ALERT))
