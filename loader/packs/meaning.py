"""What a finding means where its resource stands: the Internet reaches it, or it holds a way to tier 0.

Each of these raises the finding's severity by one step, and the reason says so in a clause: "… and its identity can
give roles on subscription Contoso Production." Nothing is ever lowered. Only what holds now and unconditionally counts:
not what has to be taken up, stands under a condition, or may be denied; and nothing is claimed of a resource where what
it follows from was not loaded whole. All findings of an evaluation are asked about at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from loader.conclusions import derivations
from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure
from loader.packs.results import CheckResult, ResourceResult
from loader.verdicts import Severity, Verdict

if TYPE_CHECKING:
    from loader.graph import Database
    from loader.tier0 import Tier0

_MACHINE, _INTERFACE = "azure_vm", "azure_nic"
_DENIES = closure(("azure_deny_assignment",))
# Whoever holds something of tier 0 is looked for from there down, which is a handful; what is exposed from the findings
# up, which may be thousands where the Internet reaches more still.
_QUERY = """
UNWIND $keys AS key
MATCH (one:Entity {_key: key})
WHERE EXISTS { (one)<-[:REACHES]-(:internet) }
  OR EXISTS { (one:azure_vm)-[:USES]->(:azure_nic)<-[:REACHES]-(:internet) }
RETURN key, true AS exposed, false AS acts, null AS kind, null AS role, null AS scope, null AS place
UNION ALL
MATCH (holder)-[can:CAN]->(scope)
WHERE NOT can.eligible AND can.condition IS NULL AND size(can.deniedBy) = 0 AND (
  (can.kind = 'directory' AND scope:azure_account AND can.roleName IN $roles)
  OR (can.kind = 'application' AND can.roleName IN $permissions)
  OR (can.kind = 'azure' AND 'give-roles' IN can.capabilities AND scope._type IN $scopes))
MATCH (holder)<-[:MEMBER_OF]-{0,8}(principal)
MATCH (principal)<-[:ACTS_AS]-{0,1}(one) WHERE one._key IN $keys
RETURN DISTINCT one._key AS key, false AS exposed, one <> principal AS acts, can.kind AS kind, can.roleName AS role,
  scope._type AS scope, coalesce(scope.displayName, scope._key) AS place
"""
_ROOT = "azure_account"
# What stands before the name of a scope, from the widest on.
_SCOPES = {
    _ROOT: "the root of",
    "azure_management_group": "management group",
    "azure_subscription": "subscription",
    "azure_resource_group": "resource group",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a resource's findings mean. exposed: the Internet reaches it; way: its way to tier 0, a clause or empty."""

    exposed: bool = False
    way: str = ""

    def of(self, severity: Severity, one: ResourceResult) -> ResourceResult:
        """The finding with its severity raised, which its reason says; severity: that of its check."""
        clauses = [*(["the Internet reaches it"] if self.exposed else []), *([self.way] if self.way else [])]
        if not clauses:
            return one
        raised = list(Severity)[max(0, severity.rank - len(clauses))]
        return replace(one, raised=raised, reason=f"{one.reason.rstrip('. ')}, and {', and '.join(clauses)}.")


class Meanings:
    """What the findings of an evaluation mean, by the key of their resource."""

    def __init__(self, database: Database, coverage: Coverage, results: Iterable[CheckResult], tier0: Tier0) -> None:
        findings = {one.key: one for result in results for one in result.resources if _is_finding(one)}
        self._known: dict[str, Meaning] = {}
        if not findings:
            return
        scopes = [_ROOT if one == "azure_root" else one for one in tier0.azure_scopes or ()]
        asked = {
            "keys": list(findings),
            "roles": list(tier0.directory_roles or ()),
            "permissions": list(tier0.application_permissions or ()),
            "scopes": scopes,
        }
        whole = _Whole(coverage)
        found: dict[str, list[Mapping[str, Any]]] = {}
        for row in database.read(_QUERY, asked):
            found.setdefault(row["key"], []).append(row)
        for key, rows in found.items():
            one = findings[key]
            ways = [row for row in rows if not row["exposed"]]
            self._known[key] = Meaning(
                len(ways) < len(rows) and whole.exposure(one), _way(ways) if ways and whole.access(one) else ""
            )

    def told(self, severity: Severity, resources: Sequence[ResourceResult]) -> list[ResourceResult]:
        """The resources of a check of this severity, with what its findings among them mean."""
        nothing = Meaning()
        return [self._known.get(one.key, nothing).of(severity, one) if _is_finding(one) else one for one in resources]


class _Whole:
    """Whether what a claim follows from was loaded whole where a resource is, worked out once a type and place."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._known: dict[tuple[tuple[str, ...], str], bool] = {}

    def exposure(self, one: ResourceResult) -> bool:
        return self._of(_exposed_by(one.kind), one.area)

    def access(self, one: ResourceResult) -> bool:
        return self._of(_DENIES, one.area)

    def _of(self, steps: tuple[str, ...], area: str) -> bool:
        if (steps, area) not in self._known:
            self._known[steps, area] = not self._coverage.gaps(steps, area)
        return self._known[steps, area]


def _exposed_by(kind: str) -> tuple[str, ...]:
    """The steps that `REACHES` of a type follows from; of a derivation about many types, those of the others not."""
    target = _INTERFACE if kind == _MACHINE else kind
    steps = {kind}
    for one in derivations():
        ends = {end for _, verb, end in one.relationships if verb == "REACHES"}
        if target in ends:
            steps |= {step for step in one.inputs if step == target or step not in ends}
    return closure(sorted(steps))


def _is_finding(one: ResourceResult) -> bool:
    return one.verdict is Verdict.FAIL and not one.unseen


def _way(rows: Sequence[Mapping[str, Any]]) -> str:
    """The widest way to tier 0, as a clause."""
    widest = list(_SCOPES)
    best = min(
        rows,
        key=lambda row: (
            row["kind"] == "azure",
            widest.index(row["scope"]) if row["scope"] in _SCOPES else len(_SCOPES),
            str(row["place"]),
            str(row["role"]),
            row["acts"],
        ),
    )
    who = "its identity" if best["acts"] else "it"
    if best["kind"] == "azure":
        return f"{who} can give roles on {_SCOPES.get(best['scope'], '')} {best['place']}"
    return f"{who} holds {best['role']}"
