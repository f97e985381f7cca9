"""What a result is about and rests on: whose tenant, how old the data, what was not loaded, by which versions.

A report without it is a list of verdicts about nobody knows what. Facts of the graph are read here; what the command
was told besides (parameters, folders, a file of exceptions) is handed in.
"""

from __future__ import annotations

import getpass
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loader import __version__
from loader.areas import is_subscription, tenant_in
from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure
from loader.library.definitions import Pack
from loader.library.library import Library, shipped_folder
from loader.library.parameters import Given

if TYPE_CHECKING:
    from loader.graph import Database

# Runs that data can be of, as `run`: one that failed before any step of it ended has made nothing younger.
LOADED = """
MATCH (run:SyncRun) WHERE run.finishedAt IS NOT NULL AND run.id IS NOT NULL AND run.seq IS NOT NULL
  AND (coalesce(run.status, '') <> 'failed' OR EXISTS { MATCH (scope:SyncScope) WHERE scope.seq = run.seq })
"""
# The latest of them of each tenant.
_RUNS = f"""{LOADED}
WITH run ORDER BY run.seq DESC
WITH coalesce(run.tenant, '') AS tenant, head(collect(run)) AS run
RETURN run.id AS id, tenant, toString(run.finishedAt) AS finished, run.status AS status,
  run.loaderVersion AS version ORDER BY run.seq DESC
"""
# Of a replay, when Azure gave its answers.
_GIVEN = "MATCH (run:SyncRun) WHERE run.answersAt IS NOT NULL RETURN run.seq AS seq, toString(run.answersAt) AS at"
_READ = """
MATCH (scope:SyncScope) WHERE scope.area IS NOT NULL AND scope.lastCompleteAt IS NOT NULL AND scope.step IN $steps
RETURN scope.area AS area, scope.lastCompleteSeq AS seq,
  toString(min(scope.lastCompleteAt)) AS oldest, toString(max(scope.lastCompleteAt)) AS newest,
  toString(min(scope.olderAt)) AS kept
"""
_TENANTS = """
MATCH (one:azure_account) WHERE coalesce(one._stub, false) = false
RETURN one._key AS id, one.organizationName AS name, one.defaultDomain AS domain
"""
_STATES = """
MATCH (one:azure_subscription) WHERE coalesce(one._stub, false) = false
RETURN split(one._key, '/')[2] AS id, one.state AS state
"""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A directory by its id; name and domain where the directory itself was loaded."""

    id: str
    name: str = ""
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """When Azure said what a part of the result rests on (ISO 8601); empty where nobody knows."""

    oldest: str = ""
    newest: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A subscription. not_loaded: how many of the steps that the pack needs are not whole in it."""

    id: str
    name: str
    state: str = ""
    data: Span = Span()
    not_loaded: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """A sync run that the data is of, and the version of azgraph that loaded it."""

    id: str
    tenant: str
    finished: str
    status: str
    version: str


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A step that was not loaded whole, with the places where that is so for the same reason.

    places: names of subscriptions, or "the tenant".
    """

    step: str
    places: Sequence[str]
    why: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """All of it. at: when the report was made; by, host: who made it, and on which machine, where that is known.

    runs: the latest one of each tenant. older: what the latest run did not read again, in sentences. parameters: those
    that the command set; library: the user's own folders; exceptions: the name of their file; shipped: whether the pack
    is azgraph's own.
    """

    at: str
    version: str = __version__
    by: str = ""
    host: str = ""
    tenants: Sequence[Tenant] = ()
    subscriptions: Sequence[Part] = ()
    runs: Sequence[Run] = ()
    data: Span = Span()
    not_loaded: Sequence[NotLoaded] = ()
    older: Sequence[str] = ()
    parameters: Mapping[str, Given] | None = None
    library: Sequence[str] = ()
    exceptions: str = ""
    shipped: bool = True

    def as_json(self) -> dict[str, Any]:
        """Its fields by their names."""
        return asdict(self)


def assess(
    database: Database,
    coverage: Coverage,
    library: Library,
    pack: Pack,
    *,
    parameters: Mapping[str, Given] | None = None,
    folders: Sequence[str] = (),
    exceptions: str = "",
) -> Assessed:
    """The facts of the graph as it is now, about what the checks of a pack need."""
    steps = _steps(library, pack)
    spans = _spans(database, steps)
    missing = _missing(coverage, steps) if coverage.scopes or coverage.whole else []
    holes: dict[str, int] = {}
    for _, area, _, _ in missing:
        holes[area] = holes.get(area, 0) + 1
    states = {row["id"]: row["state"] or "" for row in database.read(_STATES)}
    parts = [
        Part(one, name, states.get(one, ""), spans.get(one, Span()), holes.get(one, 0))
        for one, name in sorted(coverage.subscriptions.items(), key=lambda pair: (pair[1].lower(), pair[0]))
    ]
    file = library.files.get(("pack", pack.id))
    return Assessed(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        by=_user(),
        host=platform.node(),
        tenants=_tenants(database, coverage),
        subscriptions=parts,
        runs=[Run(**{name: str(value or "") for name, value in row.items()}) for row in database.read(_RUNS)],
        data=_over(spans.values()),
        not_loaded=_grouped(missing),
        older=coverage.told_older(steps, ""),
        parameters=dict(parameters or {}),
        library=folders,
        exceptions=exceptions,
        shipped=file is None or file.is_relative_to(shipped_folder()),
    )


def _user() -> str:
    """Who runs this process; empty where the system has no name for them, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _steps(library: Library, pack: Pack) -> tuple[str, ...]:
    """All that the verdicts of a pack hang on."""
    checks = {use.check: library.check(use.check) for _, control in pack.controls() for use in control.uses}
    return closure({step for check in checks.values() for step in (*check.resource, *check.needs, *check.doubts)})


def _spans(database: Database, steps: Iterable[str]) -> dict[str, Span]:
    """When each area was read, by area."""
    given = {row["seq"]: row["at"] for row in database.read(_GIVEN)}
    found: dict[str, list[Span]] = {}
    for row in database.read(_READ, {"steps": list(steps)}):
        at = given.get(row["seq"])
        spans = found.setdefault(row["area"], [])
        spans.append(Span(at, at) if at else Span(row["oldest"], row["newest"]))
        if row["kept"]:
            spans.append(Span(row["kept"], row["kept"]))
    return {area: _over(spans) for area, spans in found.items()}


def _over(spans: Iterable[Span]) -> Span:
    known = [one for one in spans if one.oldest]
    by_time = datetime.fromisoformat
    if not known:
        return Span()
    return Span(min((one.oldest for one in known), key=by_time), max((one.newest for one in known), key=by_time))


def _tenants(database: Database, coverage: Coverage) -> list[Tenant]:
    told = {row["id"]: row for row in database.read(_TENANTS)}
    ids = dict.fromkeys(filter(None, map(tenant_in, coverage.tenants)))
    return [
        Tenant(one, told[one]["name"] or "", told[one]["domain"] or "") if one in told else Tenant(one) for one in ids
    ]


def _missing(coverage: Coverage, steps: Iterable[str]) -> list[tuple[str, str, str, str]]:
    """Step, area, what people call the area, and why it is not whole."""
    unlisted = coverage.unlisted()
    gaps = [*([unlisted] if unlisted else []), *coverage.gaps(steps, "")]
    return [
        (gap.step, gap.area, coverage.subscriptions.get(gap.area, gap.area), gap.why)
        if is_subscription(gap.area)
        else (gap.step, gap.area, "the tenant", gap.why)
        for gap in gaps
    ]


def _grouped(missing: Iterable[tuple[str, str, str, str]]) -> list[NotLoaded]:
    places: dict[tuple[str, str], list[str]] = {}
    for step, _, place, why in missing:
        places.setdefault((step, why), []).append(place)
    return [NotLoaded(step, tuple(dict.fromkeys(names)), why) for (step, why), names in places.items()]
