"""A path may lead over whatever a hop leads to: where one of these was not loaded whole, that is said."""

from __future__ import annotations

from loader.paths.gaps import STEPS
from loader.paths.kinds import hop_kinds


def test_each_type_that_a_hop_leads_to_is_looked_at() -> None:
    assert {one for kind in hop_kinds() for one in kind.types} <= set(STEPS)
    assert {"azure_resource", "azure_container_group", "azure_batch_pool"} <= set(STEPS)
