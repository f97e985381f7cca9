"""From what people call a thing to what a query needs of it: parameters whose kind is declared, looked up in the graph.

A name that nothing in the graph has is refused with the nearest names, one that several things have with all of them:
a typo must not read as "nobody".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure, known_labels
from loader.errors import UsageError
from loader.library.definitions import Query
from loader.library.kinds import ENTITY_TYPE, KINDS, OWN_WORDS, Kind, Named
from loader.library.parameters import Given
from loader.nearest import perhaps

if TYPE_CHECKING:
    from loader.graph import Database

# How many candidates and how many gaps of the data a refusal tells.
_TOLD = 10
_TOLD_GAPS = 3
# How many names a refusal offers, and how like they must be (0 to 1).
_NEAREST = 4
_ALIKE = 0.5
# Names that are looked through for those like a misspelt one.
_LOOKED_THROUGH = 5_000

_TELLING_TYPE = "MATCH (n:{label} {{entityType: $type}}) RETURN 1 AS one LIMIT 1"
_BY_KEY = """
UNWIND $keys AS key MATCH (n:Entity {{_key: key}}) WHERE n:{labels}
RETURN n._key AS key, n._type AS type, n[$gives] AS gives, coalesce(n.displayName, n.name) AS name, n.id AS id
"""
_BY_NAME = """
MATCH (n:{labels}) WHERE ({names}){only}
RETURN n._key AS key, n._type AS type, n[$gives] AS gives, coalesce(n.displayName, n.name) AS name, n.id AS id
ORDER BY coalesce(n._stub, false), type, key LIMIT 1000
"""
_LIKE = """
MATCH (n:{labels}) WHERE n._stub IS NULL{only}
UNWIND [{values}] AS name
WITH DISTINCT toString(name) AS name WHERE name IS NOT NULL AND any(part IN $parts WHERE toLower(name) CONTAINS part)
RETURN name LIMIT $most
"""
# Beside them all to which somebody can have access; not what is told of it in a list of its own, under its name.
_ONLY = {
    "resource": " AND n._key STARTS WITH '/'",
    "place": " AND (n._key STARTS WITH '/' OR n:azure_account|azure_user|azure_user_group|azure_application"
    "|azure_service_principal|azure_administrative_unit|azure_keyvault_secret|azure_keyvault_key)",
}


def resolve(database: Database, query: Query, given: Mapping[str, Given]) -> dict[str, Given]:
    """The given parameters with names in the place of which stands what the query takes: a key, a role's name, ….

    Raises UsageError for a name that nothing has, with the nearest ones, or that several have, with all of them.
    """
    resolved = dict(given)
    for name, value in given.items():
        parameter = query.parameters.get(name)
        if parameter is None or parameter.kind is None or value == "":
            continue
        bound = parameter.bind(value)
        if isinstance(bound, list):
            resolved[name] = [_parameter(database, query, name, parameter.kind, one) for one in bound]
        else:
            resolved[name] = _parameter(database, query, name, parameter.kind, str(bound))
    return resolved


def _parameter(database: Database, query: Query, name: str, kind: Kind, value: str) -> str:
    return resolve_name(database, kind, value, asked=f"--param {name}={value.strip()}", needs=query.needs)


def resolve_name(database: Database, kind: Kind, value: str, *, asked: str, needs: Sequence[str]) -> str:
    """What a name, sign-in name or id of the kind stands for: a key, a role's name, ….

    asked: what the user wrote, for the refusal; needs: the steps in which it might be. Raises UsageError as `resolve`.
    """
    text = value.strip()
    if kind == ENTITY_TYPE:
        return _entity_type(asked, text)
    named = KINDS[kind]
    found = _found(database, kind, named, text)
    values = sorted({str(row["gives"]) for row in found})
    if not values and kind in OWN_WORDS and OWN_WORDS[kind].fullmatch(text):
        return text
    if not values:
        raise UsageError(_unknown(database, needs, asked, kind, text))
    if len(values) > 1:
        raise UsageError(_ambiguous(asked, named, found))
    return values[0]


def refuse_unknown_types(database: Database, written: Iterable[str], label: str) -> None:
    """Raises UsageError with the nearest ones for `--type`s that nothing can have: they would be told as no finding.

    label: nodes that tell an `entityType`, which may be one that azgraph loads no more: Change or Alert.
    """
    for text in written:
        if text not in known_labels() and not database.read(_TELLING_TYPE.format(label=label), {"type": text}):
            _entity_type(f"--type {text}", text)


def _entity_type(asked: str, text: str) -> str:
    known = sorted(known_labels())
    if text.lower() in known:
        return text.lower()
    told = perhaps(text, known, "azgraph model")
    raise UsageError(f"`{asked}`: there is no entity type {text!r}. {told}")


def _found(database: Database, kind: Kind, named: Named, text: str) -> list[dict[str, Any]]:
    labels = "|".join(named.labels)
    key = text.lower().rstrip("/") or text
    rows = database.read(_BY_KEY.format(labels=labels), {"keys": [key, f"/{key}"], "gives": named.gives})
    if rows:
        return _giving(rows)
    names = " OR ".join(f"toLower(toString(n.`{one}`)) = toLower($text)" for one in named.by)
    rows = _giving(
        database.read(
            _BY_NAME.format(labels=labels, names=names, only=_only(kind)), {"text": text, "gives": named.gives}
        )
    )
    exact = [row for row in rows if row["name"] == text]
    return exact or rows


def _giving(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows if row["gives"] is not None]


def _only(kind: Kind) -> str:
    return _ONLY.get(kind, "")


def _unknown(database: Database, needs: Sequence[str], asked: str, kind: Kind, text: str) -> str:
    named = KINDS[kind]
    told = [f"`{asked}`: the graph has no {named.what} with this name or id."]
    near = _closest(text, _alike(database, kind, named, text))
    told.append(f"Nearest: {', '.join(near)}." if near else "No name is like it.")
    steps = closure(needs)
    gaps = [gap.sentence for gap in Coverage.read(database, steps).gaps(steps, "")]
    if gaps:
        more = f" (and {len(gaps) - _TOLD_GAPS} more)" if len(gaps) > _TOLD_GAPS else ""
        told.append(f"It may be in what was not loaded: {' '.join(gaps[:_TOLD_GAPS])}{more}")
    return " ".join(told)


def _alike(database: Database, kind: Kind, named: Named, text: str) -> list[str]:
    """Names of the kind that share a part with the text, so that not all of a large graph is compared."""
    words = [word for word in re.split(r"[^a-z0-9]+", text.lower()) if len(word) > 1]
    parts = sorted({piece for word in words for piece in (word[:2], word[-3:])})
    if not parts:
        return []
    values = ", ".join(f"n.`{one}`" for one in named.by)
    rows = database.read(
        _LIKE.format(labels="|".join(named.labels), only=_only(kind), values=values),
        {"parts": parts, "most": _LOOKED_THROUGH},
    )
    return sorted({row["name"] for row in rows})


def _closest(text: str, names: Sequence[str]) -> list[str]:
    """The few names that are most like the text, as a whole, in their beginning or in one of their words."""
    matcher = SequenceMatcher(b=text.lower(), autojunk=False)

    def likeness(name: str) -> float:
        best = 0.0
        for part in {name, name[: len(text)], *re.split(r"[^\w]+", name)}:
            matcher.set_seq1(part.lower())
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best:
                best = max(best, matcher.ratio())
        return best

    scored = sorted(((likeness(name), name) for name in names), key=lambda one: (-one[0], one[1]))
    return [name for score, name in scored if score >= _ALIKE][:_NEAREST]


def _ambiguous(asked: str, named: Named, found: Sequence[Mapping[str, Any]]) -> str:
    lines = [f"  {row['name']} ({row['type']}): {row['id'] or row['key']}" for row in found[:_TOLD]]
    if len(found) > _TOLD:
        lines.append(f"  … and {len(found) - _TOLD} more")
    return "\n".join([f"`{asked}`: several have this name. Give the id of the {named.what} you mean:", *lines])
