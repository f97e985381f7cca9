"""Areas carry the tenant whose they are, and a subscription is of itself."""

from __future__ import annotations

import pytest

from loader.areas import is_subscription, is_tenant, stored_area, tenant_in

SUB = "c0ffee00-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("area", "tenant", "stored", "of"),
    [
        ("tenant", "t", "tenant:t", "t"),
        ("shared", "t", "shared:t", "t"),
        ("tenant", None, "tenant", ""),
        ("shared", None, "shared", ""),
        (SUB, "t", SUB, ""),
        (SUB, None, SUB, ""),
    ],
)
def test_what_an_area_is_called_in_the_graph(area: str, tenant: str | None, stored: str, of: str) -> None:
    assert stored_area(area, tenant) == stored
    assert tenant_in(stored) == of
    assert is_subscription(stored) is (area == SUB)
    assert is_tenant(stored) is (area == "tenant")
