"""The addresses that a service's own firewall lets in: `(range)-[:ALLOWS]->(service)`, one for each that it names.

As far as they count: none where public access is off, where a network security perimeter decides alone, or where the
firewall lets everybody in without naming anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loader.model import Json, Link, Relationship, Target, Value, links
from loader.services.shared.addresses import internet_share, is_internet
from loader.services.shared.far_ends import FIREWALL_FAR_ENDS, address_target, range_target, the_internet
from loader.services.shared.reachable import Firewall, never_inside, reach_of


def target_of(named: str) -> Target:
    """The far end that a firewall's entry stands for: "203.0.113.0/24", "203.0.113.1-203.0.113.9", a service tag."""
    first, dash, last = named.partition("-")
    return range_target(first, last) if dash and first.strip()[:1].isdigit() else address_target(named)


def far_ends(entries: Iterable[object], *, allows: bool) -> list[tuple[Target, dict[str, Value]]]:
    """The far ends of a rule's entries, each once, with what its edge says: of the Internet which part of it is meant.

    Entries that are much of the Internet together are the Internet where they are let in; where they are refused they
    are it only if they are all of it. Of public addresses nothing more is told then.
    """
    named = [str(one) for one in entries]
    share, internet = internet_share(named), the_internet()
    found = {target.key: target for target in map(target_of, named) if target.key != internet.key}
    if is_internet(share) if allows else share == 1:
        others = [one for one in found.values() if not one.properties.get("isPublic")]
        return [(internet, {"internetShare": share}), *((one, {}) for one in others)]
    return [(one, {}) for one in found.values()]


def lets_in(
    firewall: Firewall,
    *,
    access: str = "properties.publicNetworkAccess",
    unset: str = "Enabled",
    inside: Callable[[Json], str] = never_inside,
    needs: tuple[str, ...] = (),
) -> Relationship:
    """Who is named. The parameters are those of `reachable` for the same service."""

    def make(answer: Json) -> Iterable[Link]:
        named = () if inside(answer) else reach_of(answer, access, unset, firewall).named
        for target in {one.key: one for one in map(target_of, named)}.values():
            yield Link("ALLOWS", target, incoming=True)

    meaning = "addresses that its firewall names and lets in"
    return links("ALLOWS", FIREWALL_FAR_ENDS, make, meaning, is_incoming=True, needs=needs)
