"""What of the data that paths are made of was not loaded whole: a path may be missing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader.access.given_by import GROUPS
from loader.access.given_by import STEPS as GIVEN_BY
from loader.coverage.coverage import Coverage
from loader.coverage.steps import closure
from loader.paths.kinds import hop_kinds

if TYPE_CHECKING:
    from loader.graph import Database

STEPS = (
    *GROUPS, *(step for steps in GIVEN_BY.values() for step in steps),
    "azure_user", "azure_service_principal", "azure_application",
    "azure_resource_group", "azure_user_assigned_identity", "azure_federated_identity_credential",
    "azure_application_federated_identity_credential", "azure_batch_pool", "azure_nic", "azure_security_group",
    "azure_public_ip", "azure_lb",
    *sorted({one for kind in hop_kinds() for one in kind.types}),
)  # fmt: skip


def gaps(database: Database) -> list[str]:
    """In sentences, one for each step and area; also what is older than the latest run."""
    steps = closure(STEPS)
    coverage = Coverage.read(database, steps)
    return [*(gap.sentence for gap in coverage.gaps(steps, "")), *coverage.told_older(steps, "")]
