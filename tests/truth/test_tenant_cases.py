"""Verdicts of the checks about the tenant, its subscriptions and vaults, on answers in wire format.

The worlds stand in `tenant_cases/`, written from the documentation of Azure and Microsoft Graph.
"""

from __future__ import annotations

import pytest

from loader.graph import Database
from tests.truth.tenant_worlds import FILES, wrong_verdicts

pytestmark = pytest.mark.packs


@pytest.mark.parametrize("name", FILES)
def test_what_the_documentation_means(database: Database, name: str) -> None:
    wrong = wrong_verdicts(database, name)
    assert not wrong, "\n".join(wrong)
