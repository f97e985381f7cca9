"""Deny assignments near a role assignment: what is found by place is what trying each of them finds."""

from __future__ import annotations

from random import Random
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.access.denials import Denial, Denials
from loader.effective.denies import denials_at
from loader.graph import Database

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


class _Rows:
    """A graph that has one deny assignment."""

    def __init__(self, **deny: object) -> None:
        self._deny = deny

    def read(self, _query: str, _parameters: object = None) -> list[dict[str, Any]]:
        return [{"key": "deny", "name": "Keep the keys", "scope": "/subscriptions/a", "deny": self._deny}]


@pytest.mark.parametrize(
    ("told", "for_sure"),
    [
        ({"isSystemProtected": True}, True),
        ({}, True),
        # Made by people: https://learn.microsoft.com/azure/templates/microsoft.authorization/denyassignments
        ({"isSystemProtected": False}, False),
        ({"isSystemProtected": True, "condition": "@Resource[a] StringEquals 'b'"}, False),
    ],
)
def test_a_deny_that_may_only_audit_takes_nothing_away_for_sure(told: dict[str, object], for_sure: bool) -> None:
    found = denials_at(cast("Database", _Rows(**told)), ["/subscriptions/a"])
    assert [not one.condition for one in found.denies] == [for_sure]
