"""What several formats say in the same words."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from loader.library.definitions import Remediation
from loader.library.exceptions import ResourceException
from loader.packs.results import CheckOutcome, ControlResult, ExceptionUse, PackResult, ResourceResult, Verdict


def https_only(link: str) -> str:
    """The link, or nothing where it is no https address: names and links come from the tenant.

    What no address may hold (blanks, control characters, letters beyond ASCII, angles, quotes) is percent-encoded.
    """
    return quote(link, safe=_IN_ADDRESSES, errors="replace") if link.startswith("https://") else ""


# The delimiters of RFC 3986, and the percent sign of what is encoded already.
_IN_ADDRESSES = ":/?#[]@!$&'()*+,;=%-._~"


def remediation_text(remediation: Remediation) -> str:
    """The portal's steps, then the command line."""
    return f"{remediation.portal}\n{remediation.az}" if remediation.az else remediation.portal


def acceptance(exception: ResourceException) -> str:
    """Who accepted a failing resource, until when and why."""
    return f"Accepted by {exception.owner} until {exception.expires}: {exception.reason}"


def exception_note(use: ExceptionUse) -> str:
    """What is wrong with an exception: expired, unmatched or without need."""
    return f"Exception for {use.exception.about}, {use.state}: {use.note}"


# A line of a report: a resource under a check of a control, or neither for a control without resources.
Row = tuple[CheckOutcome, ResourceResult] | tuple[None, None]


def rows_of(control: ControlResult) -> list[Row]:
    """A control's resources with their checks, worst first; one empty row where it has none."""
    return [*control.rows] or [(None, None)]


def remediation_of(control: ControlResult) -> str:
    """How to put a control right; check by check where there are several."""
    if control.only:
        return remediation_text(control.only.remediation)
    return "\n".join(f"{check.heading}: {remediation_text(check.remediation)}" for check in control.checks)


def finding_id(result: PackResult, control: ControlResult, row: Row) -> str:
    """The same for a resource under a control in every run, so that others can tell new findings from old ones."""
    check, one = row
    text = f"{result.pack}\n{control.id}\n{one.key if one else ''}"
    if check and not control.only:
        text += f"\n{check.label}"
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def coverage_text(result: PackResult) -> str:
    """How many of the controls have a check at all: a score says nothing of the others."""
    return f"{result.covered} of {len(result.controls)} controls have a check."


def score_text(result: PackResult) -> str:
    """The score with what it is a share of, and with what counts neither way."""
    summary = result.summary
    beside = [
        f"{summary[one]} {one.value}"
        for one in (Verdict.NOT_EVALUATED, Verdict.EXCEPTED, Verdict.MANUAL, Verdict.NOT_APPLICABLE)
        if summary[one]
    ]
    rest = f" Not counted: {', '.join(beside)}." if beside else ""
    if result.score is None:
        return f"No control has a pass or fail yet.{rest}"
    return f"{result.score} % of the {result.evaluated} controls with a pass or fail pass.{rest}"
