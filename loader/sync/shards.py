"""The directory as several tasks, for several processes: what belongs together stays together."""

from __future__ import annotations

from loader.services import parents_of
from loader.sync.plan import Plan


def shards(plan: Plan) -> list[tuple[str, ...]]:
    """The names of the types that are fetched once for the tenant, in tasks that need nothing of each other.

    Types that are listed for each entity of others go with these, and types that one list serves go together. Each such
    family is a task, and so is each type of which there are so many that its changes are asked for; all others, which
    are a list or two, are one. The largest family begins.
    """
    families: list[set[str]] = []
    there = {one.type: one for one in plan.tenant}
    for name, one in there.items():
        family = {name, *(parent for parent in parents_of(one) if parent in there)}
        family |= {other for other, its in there.items() if its.fetch == one.fetch}
        apart = [known for known in families if not known & family]
        families = [*apart, family.union(*(known for known in families if known & family))]
    large = [family for family in families if len(family) > 1 or any(there[name].delta for name in family)]
    small = set(there).difference(*large)
    ordered = sorted(large, key=lambda family: (-len(family), min(family)))
    return [tuple(name for name in there if name in family) for family in (*ordered, small) if family]
