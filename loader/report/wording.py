"""What several formats say in the same words."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime
from urllib.parse import quote

from loader.library.definitions import Remediation
from loader.library.exceptions import ResourceException
from loader.packs.results import CheckOutcome, ControlResult, ExceptionUse, PackResult, ResourceResult
from loader.packs.scores import WEIGHTS, Scores, scores_of
from loader.packs.selection import words
from loader.verdicts import Severity, Verdict


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


def severity_of(check: CheckOutcome | None, one: ResourceResult | None) -> Severity | None:
    """That of a line: the finding's, which may be raised, else the check's; None where there is no check."""
    return check.severity_of(one) if check and one else check.severity if check else None


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
    return f"{result.covered} of {len(result.judged_controls)} controls have a check."


def moment(at: str) -> str:
    """A time of the graph (ISO 8601) as people read it: `2026-01-02 03:04 UTC`."""
    try:
        return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return at


def utc(at: str) -> str:
    """The same as formats for programs want it: `2026-01-02T03:04:05Z`."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def score_text(result: PackResult) -> str:
    """The scores with what they are shares of, and with what counts neither way."""
    scores = scores_of(result)
    controls, resources, weighted = scores.whole.controls, scores.whole.resources, scores.whole.weighted
    rest = f" {text}" if (text := not_counted_text(result, scores)) else ""
    if controls.percent is None:
        return f"No control has a pass or fail yet.{rest}"
    parts = ""
    if resources.judged:
        parts = (
            f"{resources.percent} % of the {resources.judged:,} verdicts on resources pass, {weighted.percent} % "
            f"weighted by severity ({', '.join(f'{one.value} {weight}' for one, weight in WEIGHTS.items())}). "
        )
    whole = f"{controls.percent} % of the {controls.judged} controls with a pass or fail pass"
    return f"{parts}{whole}; one failing resource fails its control.{rest}"


def not_counted_text(result: PackResult, scores: Scores) -> str:
    """What counts neither way in the scores; empty where all counts."""
    summary = result.summary
    beside = [
        f"{summary[one]} {one.value}"
        for one in (Verdict.NOT_EVALUATED, Verdict.EXCEPTED, Verdict.MANUAL, Verdict.NOT_APPLICABLE)
        if summary[one]
    ]
    told = [f"controls: {', '.join(beside)}"] if beside else []
    counts = {"not-evaluated": scores.not_evaluated, "excepted": scores.excepted}
    inside = [f"{count:,} {word}" for word, count in counts.items() if count]
    told += [f"verdicts on resources: {', '.join(inside)}"] if inside else []
    return f"Not counted: {'; '.join(told)}." if told else ""


def filter_text(result: PackResult) -> str:
    """That the result is a part of the pack, and which; empty for the whole."""
    if not result.filters:
        return ""
    whole = len(result.judged_controls)
    listed = f"; {len(result.controls)} of these are listed" if len(result.controls) != whole else ""
    return f"Filtered: {words(result.filters)}. {whole} of {result.of} controls{listed}."


def counted(control: ControlResult, listed: ControlResult) -> str:
    """How many of a control's resources fail: "3 of 8 fail, raised to critical".

    listed: with only those that were asked for by verdict.
    """
    verdicts: dict[str, Verdict] = {}
    for one in control.resources:  # the worst first
        verdicts.setdefault(one.key, one.verdict)
    if not verdicts:
        return control.verdict.value
    wanted = {one.verdict for one in listed.resources} if listed is not control else {control.verdict}
    counts = Counter(verdicts.values())
    told = [f"{counts[one]} {'fail' if one is Verdict.FAIL else one.value}" for one in Verdict if one in wanted]
    told += [f"raised to {control.raised.value}"] if control.raised else []
    first, *others = [text.partition(" ") for text in told]
    return ", ".join([f"{first[0]} of {len(verdicts)} {first[2]}", *("".join(one) for one in others)])
