"""Deny assignments near a role assignment: what is found by place is what trying each of them finds."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from loader.access.denials import Denial, Denials

_ROOT = "/providers/microsoft.management/managementgroups/contoso"
PLACES = (
    _ROOT,
    "/subscriptions/a",
    "/subscriptions/ab",
    "/subscriptions/a/resourcegroups/r",
    "/subscriptions/a/resourcegroups/r1",
    "/subscriptions/a/resourcegroups/r/providers/p/t/n",
    "/subscriptions/ab/resourcegroups/r",
)
HOLDERS = ("ada", "grace", "team")


def _tried(denials: list[Denial], holder: str, scope: str, *, is_group: bool) -> list[str]:
    return sorted(
        {
            one.key
            for one in denials
            if holder not in one.spared
            and (one.of_groups or is_group or holder in one.named)
            and (
                one.everywhere
                or not scope.startswith("/subscriptions/")
                or one.place == scope
                or one.place.startswith(f"{scope}/")
                or scope.startswith(f"{one.place}/")
            )
        }
    )


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_found_by_place_is_found_by_trying(seed: int) -> None:
    choose = Random(seed)
    denials = [
        Denial(
            key=f"deny-{number % 5}",
            place=(place := choose.choice(PLACES)),
            named=frozenset(choose.sample(HOLDERS, choose.randrange(3))),
            spared=frozenset(choose.sample(HOLDERS, choose.randrange(2))),
            of_groups=choose.random() < 0.3,
            everywhere=place == _ROOT,
        )
        for number in range(choose.randrange(8))
    ]
    found = Denials(denials)
    for scope in (*PLACES, "/", "/subscriptions/a/resourcegroups/r/providers/p/t"):
        for holder in HOLDERS:
            is_group = holder == "team"
            expected = _tried(denials, holder, scope, is_group=is_group)
            assert found.of(holder, scope, is_group=is_group) == expected
