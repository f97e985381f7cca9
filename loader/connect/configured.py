"""What of an instance's configuration decides about its rights: types, subscriptions, and what follows its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loader.connect.finding import few
from loader.connect.unanswered import unanswered
from loader.guids import is_guid_alone
from loader.library.library import shipped_library
from loader.model import EntityType
from loader.services import entity_types
from loader.services.governance.management_groups import MANAGEMENT_GROUP
from loader.services.governance.resource_groups import RESOURCE_GROUP
from loader.sync.standing import Standing, types_left_out


@dataclass(frozen=True, slots=True)
class Configured:
    """types: those that are asked for. scopes: where a role may be assigned; empty where the configuration leaves that
    open. told: sentences about what will not be answered.
    """

    types: Mapping[str, EntityType]
    scopes: tuple[str, ...]
    told: tuple[str, ...]


def configured(standing: Standing, packs: Sequence[str] = (), *, rules: bool = False) -> Configured:
    """What an instance needs rights for. packs, rules: what follows each of its runs."""
    known = entity_types()
    off = types_left_out(known, standing)
    asked = set(known) - set(off)
    if standing.under or standing.exclude_under:
        asked.add(MANAGEMENT_GROUP.type)
    if standing.without_provider_managed:
        asked.add(RESOURCE_GROUP.type)
    types = {name: one for name, one in known.items() if name in asked}
    return Configured(types, _scopes(standing), tuple(_unanswered(off, packs, rules=rules)))


def _scopes(standing: Standing) -> tuple[str, ...]:
    """Subscriptions by their ids, and one management group; names are known to Azure alone."""
    if len(standing.under) > 1 or any(not is_guid_alone(one) for one in standing.include):
        return ()
    groups = [f"/providers/Microsoft.Management/managementGroups/{one}" for one in standing.under]
    return (*groups, *(f"/subscriptions/{one.lower()}" for one in standing.include))


def _unanswered(off: Mapping[str, str], packs: Sequence[str], *, rules: bool) -> list[str]:
    lost = unanswered(off) if off else None
    if lost is None:
        return []
    told, known = [], shipped_library().packs
    for name in packs:
        checks = (
            {use.check for _, control in known[name].controls() for use in control.uses} if name in known else set()
        )
        if gone := sorted(checks & set(lost.checks)):
            told.append(
                f"The pack {name} follows each run, and {len(gone)} of its {len(checks)} checks are not evaluated: the "
                f"configuration has types off that they need ({few(gone)})."
            )
    if rules and lost.rules:
        told.append(
            f"{len(lost.rules)} alert rules are not evaluated, for the configuration has types off that they need "
            f"({few(lost.rules)})."
        )
    return told
