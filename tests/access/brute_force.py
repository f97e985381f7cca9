"""Who has what, found by trying everything: every action, every principal, every set of memberships taken up.

It shares nothing with `loader/access`, not even how patterns are matched, and is as slow as it looks.
"""

from __future__ import annotations

from functools import cache
from itertools import product

from tests.access.random_tenants import CAPABILITIES, BlockFacts, Tenant

# Principal, assignment, capability, whether something has to be taken up first, the condition.
Answer = tuple[str, str, str, bool, str]


@cache
def fits(pattern: str, text: str) -> bool:
    """`*` stands for anything: by a table of which beginnings fit which, one character after the other."""
    pattern, text = pattern.lower(), text.lower()
    row = [True] + [False] * len(text)
    for sign in pattern:
        following = [row[0] and sign == "*"]
        for place, letter in enumerate(text):
            following.append(row[place + 1] or following[place] if sign == "*" else row[place] and sign == letter)
        row = following
    return row[-1]


def permits(blocks: list[BlockFacts], action: str, *, data: bool) -> bool:
    yes, no = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    for block in blocks:
        allowed = False
        for pattern in block[yes]:
            allowed = allowed or fits(pattern, action)
        for pattern in block[no]:
            allowed = allowed and not fits(pattern, action)
        if allowed:
            return True
    return False


def line(tenant: Tenant, place: str) -> set[str]:
    found = {place}
    while place in tenant.parent:
        place = tenant.parent[place]
        found.add(place)
    return found


def belongs(tenant: Tenant, extra: set[tuple[str, str]]) -> dict[str, set[str]]:
    """Everyone's groups, by adding what follows until nothing more does."""
    pairs = {(one, one) for one in tenant.users + tenant.groups} | set(tenant.members) | extra
    while True:
        more = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
        if not more:
            return {one: {group for who, group in pairs if who == one} for one in tenant.users + tenant.groups}
        pairs |= more


def is_about(action: str, place: str) -> bool:
    if "/providers/microsoft.management/" in place or "/providers/" not in place:
        return True
    provider, kind = place.split("/providers/")[1].split("/")[:2]
    words = action.lower().split("/")
    return words[:2] == [provider, kind] or words[0] in ("microsoft.authorization", "microsoft.security")


def taking_up(tenant: Tenant) -> list[tuple[bool, dict[str, set[str]]]]:
    """Everyone's groups for every set of memberships taken up, and whether that is none."""
    found = []
    for choice in product((False, True), repeat=len(tenant.may_join)):
        taken = {pair for pair, chosen in zip(tenant.may_join, choice, strict=True) if chosen}
        found.append((not taken, belongs(tenant, taken)))
    return found


def access_at(tenant: Tenant, place: str, choices: list[tuple[bool, dict[str, set[str]]]]) -> set[Answer]:
    """All that any user has at the place. choices: from `taking_up`."""
    above = line(tenant, place)
    now: set[tuple[str, str, str]] = set()
    ever: set[tuple[str, str, str]] = set()
    for none, groups in choices:
        for user, given, (capability, actions) in product(tenant.users, tenant.assigned, CAPABILITIES.items()):
            if given.at not in above or given.who not in groups[user]:
                continue
            for action, data in actions:
                if not is_about(action, place) or not permits(tenant.roles[given.role], action, data=data):
                    continue
                refused = False
                for deny in tenant.denied:
                    there = deny.at == place or (deny.children and deny.at in above)
                    named = deny.everyone or any(one in groups[user] for one in deny.principals)
                    spared = any(one in groups[user] for one in deny.excluded)
                    if there and named and not spared and not deny.condition:
                        refused = refused or permits(deny.blocks, action, data=data)
                if not refused:
                    ever.add((user, given.id, capability))
                    if none:
                        now.add((user, given.id, capability))
    conditions = {one.id: one.condition for one in tenant.assigned}
    later = {one.id for one in tenant.assigned if one.eligible}
    return {
        (user, given, capability, given in later or (user, given, capability) not in now, conditions[given])
        for user, given, capability in ever
    }
