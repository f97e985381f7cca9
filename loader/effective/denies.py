"""Deny assignments of the graph, as the evaluation takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loader.access.blocks import blocks_of
from loader.access.evaluation import Deny
from loader.access.matching import Block
from loader.services.identity.deny_assignments import EVERYBODY

if TYPE_CHECKING:
    from loader.graph import Database

TYPE = "azure_deny_assignment"

_AT = f"""
UNWIND $places AS place MATCH (scope:Entity {{_key: place}})<-[:DENIES]-(deny:{TYPE})
RETURN deny._key AS key, coalesce(deny.displayName, deny.name, deny._key) AS name, place AS scope,
       properties(deny) AS deny
"""


# Those that Azure makes are enforced. One that people made may only audit, which the answer (2022-04-01) does not tell:
# https://learn.microsoft.com/dotnet/api/azure.resourcemanager.authorization.models.denyassignmenteffect
_UNLESS_IT_AUDITS = "it is enforced, and does not only audit"


@dataclass(frozen=True, slots=True)
class Denials:
    """The deny assignments at some places, with what each denies."""

    denies: tuple[Deny, ...]
    names: Mapping[str, str]
    blocks: Mapping[str, tuple[Block, ...]]


def denials_at(database: Database, places: Sequence[str]) -> Denials:
    """Those given at the places."""
    rows = database.read(_AT, {"places": list(places)})
    return Denials(
        tuple(_deny(row) for row in rows),
        {row["key"]: str(row["name"]) for row in rows},
        {row["key"]: blocks_of(row["deny"]) for row in rows},
    )


def _deny(row: Mapping[str, Any]) -> Deny:
    deny = row["deny"]
    principals = frozenset(str(one).lower() for one in deny.get("principals") or ())
    return Deny(
        key=row["key"],
        name=str(row["name"]),
        scope=row["scope"],
        principals=principals,
        excluded=frozenset(str(one).lower() for one in deny.get("excludePrincipals") or ()),
        everyone=EVERYBODY in principals,
        children=not deny.get("doNotApplyToChildScopes"),
        condition=deny.get("condition") or (_UNLESS_IT_AUDITS if deny.get("isSystemProtected") is False else ""),
    )
