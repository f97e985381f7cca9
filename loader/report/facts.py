"""What a report says of itself in words: what was assessed, how old the data is, what it rests on, who made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loader.packs.basis import Assessed, Run, Tenant
from loader.packs.results import PackResult, values_told
from loader.report.wording import filter_text, moment

# Names that stand in a line; all of them are in the table of subscriptions.
_NAMED = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of what was assessed. notice: it limits what the verdicts say."""

    name: str
    lines: Sequence[str]
    notice: bool = False


def facts_of(result: PackResult) -> list[Fact]:
    """All that is known, in the order in which a reader asks for it."""
    told = result.assessed
    facts = list(_about(result, told)) if told else _bare(result)
    if text := filter_text(result):
        facts.insert(0, Fact("Part", [text], notice=True))
    return facts


def not_as_shipped(result: PackResult) -> list[str]:
    """What a user's overrides changed, a sentence each."""
    return list(dict.fromkeys(one.sentence for control in result.judged_controls for one in control.overridden))


def _bare(result: PackResult) -> list[Fact]:
    data = f"Sync run {result.run}, finished {moment(result.at)}" if result.at else "Nothing has been loaded yet"
    facts = [Fact("Data", [data])]
    if result.subscriptions:
        facts.insert(0, Fact("Subscriptions", [_some(sorted(result.subscriptions.values(), key=str.lower))]))
    return [*facts, Fact("Source", [result.source])]


def _about(result: PackResult, told: Assessed) -> Iterator[Fact]:
    yield Fact("Tenant" if len(told.tenants) < 2 else "Tenants", [tenant_text(one) for one in told.tenants] or ["none"])
    names = [one.name for one in told.subscriptions]
    yield Fact("Subscriptions", [f"{len(names)}: {_some(names)}" if names else "none"])
    yield Fact("Data", [_data(result, told)], notice=result.at is None)
    if result.at:
        yield _loaded(told)
    if told.older:
        more = f"… and {len(told.older) - _NAMED} more" if len(told.older) > _NAMED else ""
        yield Fact("Older than the run", [*told.older[:_NAMED], *([more] if more else [])], notice=True)
    if told.runs:
        yield Fact("Sync run" if len(told.runs) < 2 else "Sync runs", [_run(one) for one in told.runs])
    yield Fact("Pack", [f"{result.pack}, {'shipped with azgraph' if told.shipped else 'from your own library'}"])
    yield Fact("Source", [result.source, *([result.licence] if result.licence else [])])
    yield Fact("Parameters", [f"Set for this report: {values_told(told.parameters)}"] if told.parameters else _SHIPPED)
    if told.library:
        yield Fact("Own library", [", ".join(told.library)])
    changed = len(not_as_shipped(result))
    if changed:
        yield Fact("Not as shipped", [f"{changed} change{_s(changed)} by overrides, listed below"], notice=True)
    yield Fact("Exceptions", [_exceptions(result, told)])
    yield Fact("Report", [f"Made {_made(told)} with azgraph {told.version}"])


_SHIPPED = ["None set for this report; each control names the values of its checks"]


def tenant_text(tenant: Tenant) -> str:
    """A tenant by its name, domain and id, as far as they are known."""
    name = f"{tenant.name} ({tenant.domain})" if tenant.name and tenant.domain else tenant.name or tenant.domain
    return f"{name}, {tenant.id}" if name else tenant.id


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _data(result: PackResult, told: Assessed) -> str:
    if result.at is None:
        return "Nothing has been loaded yet"
    oldest, newest = moment(told.data.oldest), moment(told.data.newest)
    if not told.data.oldest:
        return f"Sync run finished {moment(result.at)}"
    when = oldest if oldest == newest else f"{oldest} to {newest}"
    return f"Read from Azure {when}, {age(told.data.oldest, told.at)} before this report"


def age(then: str, now: str) -> str:
    """How long ago, in the largest unit of which there are two at least: `3 hours`."""
    passed = datetime.fromisoformat(now) - datetime.fromisoformat(then)
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if (count := passed // length) >= (1 if unit == "minute" else 2):
            return f"{count} {unit}{_s(count)}"
    return "less than a minute"


def _loaded(told: Assessed) -> Fact:
    count = len({one.step for one in told.not_loaded})
    if not count:
        return Fact("Loaded", ["All that the checks need"])
    return Fact(
        "Loaded", [f"Not whole: {count} kind{_s(count)} of data that the checks need, listed below"], notice=True
    )


def _run(run: Run) -> str:
    return f"{run.id}, {run.status}, finished {moment(run.finished)}, loaded by azgraph {run.version}"


def _exceptions(result: PackResult, told: Assessed) -> str:
    if not told.exceptions:
        return "None"
    used = sum(use.resources for use in result.exceptions if use.state == "used")
    count = len(result.exceptions)
    return f"{count} of {told.exceptions} {'is' if count == 1 else 'are'} about this pack; they accept {used} findings"


def _made(told: Assessed) -> str:
    by = f" by {told.by}" if told.by else ""
    return f"{moment(told.at)}{by}{f' on {told.host}' if told.host else ''}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
