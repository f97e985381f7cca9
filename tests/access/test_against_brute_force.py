"""The evaluator says of a thousand random tenants what trying everything says."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest

from loader.access.evaluation import Deny, Grant, Place, Remaining, Way
from loader.access.holding import about, arm_type_of, held
from loader.access.matching import Block
from loader.access.memberships import Memberships
from tests.access.brute_force import Answer, access_at, taking_up
from tests.access.random_tenants import CAPABILITIES, BlockFacts, Tenant, random_tenant

SEEDS = range(1_000)
# Enough of everything has to come up, or agreement would say little.
_ENOUGH = 200


def blocks_of(facts: list[BlockFacts]) -> tuple[Block, ...]:
    return tuple(
        Block(tuple(one["actions"]), tuple(one["notActions"]), tuple(one["dataActions"]), tuple(one["notDataActions"]))
        for one in facts
    )


def remaining_at(tenant: Tenant, place: str) -> Remaining:
    wanted = {name: about(actions, arm_type_of(place)) for name, actions in CAPABILITIES.items()}
    roles = {name: blocks_of(facts) for name, facts in tenant.roles.items()}
    denied = {one.id: blocks_of(one.blocks) for one in tenant.denied}

    def remaining(grant: Grant, denies: tuple[Deny, ...]) -> frozenset[str]:
        return held(wanted, roles[grant.role], [denied[one.key] for one in denies])

    return remaining


def evaluated(tenant: Tenant, place: str) -> Place:
    chain = [place]
    while chain[-1] in tenant.parent:
        chain.append(tenant.parent[chain[-1]])
    return Place(
        chain,
        [
            Grant(one.id, one.who, one.at, role=one.role, condition=one.condition, eligible=one.eligible)
            for one in tenant.assigned
        ],
        [
            Deny(
                one.id,
                one.id,
                one.at,
                frozenset(one.principals),
                frozenset(one.excluded),
                one.everyone,
                one.children,
                one.condition,
            )
            for one in tenant.denied
        ],
        Memberships.of(tenant.members, tenant.may_join),
        remaining_at(tenant, place),
    )


def answers(ways: Iterable[Way], users: Iterable[str]) -> set[Answer]:
    known = set(users)
    return {
        (way.principal, way.grant.assignment, capability, way.eligible, way.grant.condition)
        for way in ways
        if way.principal in known
        for capability in way.capabilities
    }


def test_a_thousand_tenants() -> None:
    seen = {"now": 0, "eligible": 0, "conditional": 0, "taken away": 0}
    for seed in SEEDS:
        tenant = random_tenant(seed)
        choices = taking_up(tenant)
        for place in [tenant.tenant, *tenant.parent]:
            expected, found = access_at(tenant, place, choices), evaluated(tenant, place)
            who = {one for name in CAPABILITIES for one in answers(found.who(name), tenant.users) if one[2] == name}
            of = [way for user in tenant.users for way in found.of(user)]
            assert who == expected, f"seed {seed} at {place}"
            assert answers(of, tenant.users) == expected, f"seed {seed} at {place}"
            seen["now"] += sum(not one[3] for one in expected)
            seen["eligible"] += sum(one[3] for one in expected)
            seen["conditional"] += sum(bool(one[4]) for one in expected)
            seen["taken away"] += sum(bool(way.taken_away) for way in of)
    assert min(seen.values()) > _ENOUGH, seen


@pytest.mark.parametrize("seed", [0, 7])
def test_the_way_leads_from_the_principal_to_the_assignment(seed: int) -> None:
    for at in range(seed, seed + 50):
        tenant = random_tenant(at)
        steps = {*tenant.members, *tenant.may_join}
        for place in tenant.parent:
            for name in CAPABILITIES:
                for way in evaluated(tenant, place).who(name):
                    chain = [way.principal, *way.groups]
                    assert all(pair in steps for pair in pairwise(chain))
                    assert chain[-1] == way.grant.holder
