"""What was not loaded whole of all that an answer rests on: nobody has no access because nobody looked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure, known_steps
from loader.effective.places import AZURE, DIRECTORY, Target

if TYPE_CHECKING:
    from loader.graph import Database

_GROUPS = (
    "azure_user_group",
    "azure_user_group.members",
    "azure_user_group.servicePrincipals",
    "azure_group_eligibility",
)
_STEPS = {
    "azure": (
        "azure_subscription",
        "azure_management_group",
        "azure_role_assignment",
        "azure_role_definition",
        "azure_deny_assignment",
        "azure_role_eligibility",
    ),
    "lighthouse": ("azure_lighthouse_delegation",),
    "azure-approver": ("azure_role_approval",),
    "directory-approver": ("azure_ad_role_policy",),
    "classic": ("azure_classic_admin_group",),
    "policy": (),
    "directory": (
        "azure_ad_role_assignment",
        "azure_ad_role_definition",
        "azure_ad_role_eligibility",
        "azure_administrative_unit",
        "azure_administrative_unit.members",
    ),
    "application": ("azure_app_role_assignment",),
    "owner": ("azure_user_group.owners", "azure_application.owners", "azure_service_principal.owners"),
}


def steps_for(kinds: Iterable[str]) -> tuple[str, ...]:
    """The steps that tell of access given in these ways, and of groups."""
    known = known_steps()
    named = [step for kind in kinds for step in _STEPS[kind]]
    return tuple(step for step in dict.fromkeys((*named, *_GROUPS)) if step in known)


def unknown_about(database: Database, target: Target | None) -> list[str]:
    """Sentences that name the steps that were not loaded whole; without a target, of everything there is."""
    needs = closure(steps_for(target.kinds if target else (*AZURE, *DIRECTORY)))
    coverage = Coverage.read(database, needs)
    area = target.area if target else ""
    told = [*(gap.sentence for gap in coverage.gaps(needs, area)), *coverage.told_older(needs, area)]
    return [*(target.unknown if target else ()), *told]
