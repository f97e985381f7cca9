"""When an activity log alert is raised: one reading of its condition.

https://learn.microsoft.com/rest/api/monitor/activity-log-alerts/list-by-subscription-id: all clauses of `allOf` must
hold; each is one comparison, or an `anyOf` of some, with `equals` or `containsAny`, without regard to case. Fields are
resourceId, category, caller, level, operationName, resourceGroup, resourceProvider, status, subStatus, resourceType,
and whatever begins with "properties.". A field that azgraph does not know narrows like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import Json
from loader.services.shared.unread import known, unread
from loader.services.shared.wire import explained, part, parts, plain

ANY = "ANY"
INCIDENT_TYPE = "properties.incidentType"

_LEAF = known("field", "equals", "containsAny")
_CLAUSE = known("field", "equals", "containsAny", "anyOf")
# A list of all of them narrows nothing. Each operation that starts ends as one of the two results.
# https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
_ALL_VALUES = {
    "level": {"critical", "error", "warning", "informational"},
    "status": {"succeeded", "failed"},
    INCIDENT_TYPE.lower(): {"incident", "maintenance", "informational", "actionrequired", "security"},
}
# Azure varies the casing of fields.
_SPELLING = {
    name.lower(): name
    for name in (
        "resourceId",
        "category",
        "caller",
        "level",
        "operationName",
        "resourceGroup",
        "resourceProvider",
        "status",
        "subStatus",
        "resourceType",
        INCIDENT_TYPE,
    )
}


def condition(field: str) -> Callable[[Json], list[str]]:
    """The values one field of the activity log must have for the alert to be raised; ["ANY"] where it may be any."""

    def values(answer: Json) -> list[str]:
        leaves = [leaf for clause in _clauses(answer) for leaf in _leaves(clause)]
        return [value for leaf in leaves if _field(leaf) == field.lower() for value in _values(leaf)] or [ANY]

    return explained(f"what `properties.condition` asks `{field}` to be", values)


def watches(answer: Json) -> list[str]:
    """The operations that raise it wherever in its scope, by whom and with what result; ["ANY"] where all do.

    Only those of the category Administrative, in which Azure logs what is done to resources.
    """
    named = [one for one in condition("operationName")(answer) if one != ANY]
    return _watched(answer, "administrative", "operationname", named)


def watches_health(answer: Json) -> list[str]:
    """The kinds of service health events that raise it, of whatever service and region; ["ANY"] where all do."""
    named = [one for one in condition(INCIDENT_TYPE)(answer) if one != ANY]
    return _watched(answer, "servicehealth", INCIDENT_TYPE.lower(), named)


def _watched(answer: Json, category: str, field: str, named: list[str]) -> list[str]:
    """Those of the values of a field, or ANY, for which all clauses hold for every event of a category."""
    clauses = _clauses(answer)
    return [one for one in [ANY, *named] if clauses and all(_holds(clause, category, field, one) for clause in clauses)]


def narrowed_by(answer: Json) -> list[str]:
    """The fields, besides category and operation, that keep it from some events, and what azgraph does not know."""
    narrowing = [clause for clause in _clauses(answer) if not _is_general(clause)]
    fields = [_SPELLING.get(_field(leaf), str(leaf.get("field"))) for clause in narrowing for leaf in _leaves(clause)]
    return sorted({one for one in fields if one.lower() not in ("category", "operationname")})


def unread_condition(answer: Json) -> list[str]:
    """The keys of its condition, and of the clauses in it, that azgraph does not know."""
    found = unread(part(answer, "properties", "condition"), known("allOf"))
    for clause in _clauses(answer):
        found += unread(clause, _CLAUSE)
        found += [key for leaf in parts(clause, "anyOf") for key in unread(leaf, _LEAF)]
    return sorted(set(found))


def _clauses(answer: Json) -> list[Json]:
    return parts(answer, "properties", "condition", "allOf")


def _leaves(clause: Json) -> list[Json]:
    """The comparisons of a clause, of which one will do."""
    return parts(clause, "anyOf") or [clause]


def _field(leaf: Json) -> str:
    return str(leaf.get("field") or "").lower()


def _values(leaf: Json) -> list[str]:
    given = [leaf["equals"]] if leaf.get("equals") is not None else plain(leaf, "containsAny")
    return [str(one) for one in given if one is not None]


def _lower(leaves: Iterable[Json], field: str) -> set[str]:
    return {value.lower() for leaf in leaves if _field(leaf) == field for value in _values(leaf)}


def _is_general(clause: Json) -> bool:
    """Whether the clause holds for every event: it lists all values of a field."""
    leaves = _leaves(clause)
    return any(_lower(leaves, field) >= every for field, every in _ALL_VALUES.items())


def _holds(clause: Json, category: str, field: str, value: str) -> bool:
    """Whether the clause holds for every event of a category that has this value of a field."""
    leaves = _leaves(clause)
    return _is_general(clause) or category in _lower(leaves, "category") or value.lower() in _lower(leaves, field)
