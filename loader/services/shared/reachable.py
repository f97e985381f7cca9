"""From where a platform service can be reached over its public address: one reading for all services.

Three properties on every type that has the notion:
  reachableFrom   NOBODY      private endpoints, or the own network, only
                  PERIMETER   the rules of a network security perimeter decide; what else the answer says does not count
                  SELECTED    networks and addresses that its firewall names
                  AZURE       the same, and whatever runs in Azure, at any customer
                  EVERYBODY   all networks, or ranges that are much of the Internet
                  RULES       its firewall rules decide, which are entities of their own: see `internet_to_services`
                  absent      not known: a value that nobody documents, or something in its firewall that is not read
  reachableWhy    a clause that says why, also where it is not known
  internetShare   the part of the Internet's addresses that is let in, from 0 to 1; absent where not known

How `publicNetworkAccess` is read, everywhere alike: Disabled closes, SecuredByPerimeter hands over to the perimeter
(https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition), Enabled leaves it to the
firewall; missing, null and empty are the default that the service's page documents, which its declaration names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from loader.model import Json, Property, number, text
from loader.services.shared.addresses import internet_share, is_internet
from loader.services.shared.wire import explained, part
from loader.shapes import read

NOBODY, PERIMETER, SELECTED = "nobody", "perimeter", "selected"
AZURE, EVERYBODY, RULES = "azure", "everybody", "rules"


@dataclass(frozen=True, slots=True)
class Reach:
    """From where, why, and the part of the Internet that is let in. Neither is known where `where` is None.

    named: the addresses and service tags that are let in by name.
    """

    where: str | None
    why: str
    share: float | None = None
    named: tuple[str, ...] = ()


Firewall = Callable[[Json], Reach]

OPEN = Reach(EVERYBODY, "nothing narrows who may call", 1.0)


def everybody(_answer: Json) -> Reach:
    """A service without a firewall of its own."""
    return OPEN


def by_rules(_answer: Json) -> Reach:
    """A service whose firewall rules are entities of their own."""
    return Reach(RULES, "its firewall rules decide")


def named(prefixes: list[str], others: int = 0) -> Reach:
    """A firewall that lets in only these addresses and so many other networks (subnets)."""
    share = internet_share(prefixes)
    if is_internet(share):
        return Reach(EVERYBODY, f"the ranges that are let in are {share:.0%} of the Internet", share, tuple(prefixes))
    if not prefixes and not others:
        return Reach(SELECTED, "the firewall names no network", 0.0)
    return Reach(SELECTED, "the firewall names who is let in", share, tuple(prefixes))


def network_acls(
    at: str,
    *,
    unset: str,
    addresses: tuple[str, ...],
    subnets: str = "virtualNetworkRules[]",
    read_keys: tuple[str, ...] = ("defaultAction", "bypass", "ipRules", "virtualNetworkRules"),
) -> Firewall:
    """A firewall with a default action and exceptions from it, as storage and vaults have it.

    at: where the object stands. unset: what a missing default action is by the service's page, Allow or Deny.
    addresses, subnets: where in it the exceptions stand; subnets is empty for a service without
    them. read_keys: its keys that are known; another one may narrow or widen in a way that nobody has read, so that its
    bearer is reachable from nobody knows where.
    """

    def firewall(answer: Json) -> Reach:
        acls = part(answer, *at.split("."))
        if not acls:
            return OPEN
        strange = sorted(name for name, value in acls.items() if name not in read_keys and value not in (None, [], ""))
        if strange:
            return Reach(None, f"the firewall has {strange[0]}, which azgraph does not read")
        action = str(acls.get("defaultAction") or unset)
        if action.lower() == "allow":
            return OPEN
        if action.lower() != "deny":
            return Reach(None, f"the firewall's default action is {action}, which azgraph does not know")
        prefixes = [str(one) for path in addresses for one in read(acls, path)]
        return named(prefixes, len(read(acls, subnets)) if subnets else 0)

    return firewall


def never_inside(_answer: Json) -> str:
    """For `inside`: the service has no place in a network of one's own."""
    return ""


def in_subnet(path: str) -> Callable[[Json], str]:
    """For `inside`: whatever has a value at the path stands in a subnet of one's own, without a public address."""
    return lambda answer: "it stands in a subnet" if read(answer, path) else ""


def reachable(
    *,
    page: str,
    access: str = "properties.publicNetworkAccess",
    unset: str = "Enabled",
    inside: Callable[[Json], str] = never_inside,
    firewall: Firewall = everybody,
    needs: tuple[str, ...] = (),
    may_need: tuple[str, ...] = (),
    door: str = "",
) -> tuple[Property, ...]:
    """The three properties of a service.

    page: the page that documents what a missing value of `access` is, which is `unset`. inside: says in a clause why
    nobody outside gets in whatever `access` says, else nothing. firewall: who is let in where public access is on.
    needs: the details that these read; may_need: those without which it may be known all the same. door: stands before
    the names where a service has several: "query.".
    """

    def reach(answer: Json) -> Reach:
        why = inside(answer)
        return Reach(NOBODY, why, 0.0) if why else reach_of(answer, access, unset, firewall)

    said = f"`{access}` ({unset} where there is none, see {page}), and what narrows it"
    told = (
        text(
            f"{door}reachableFrom",
            explained(said, lambda answer: reach(answer).where),
            "from where: nobody, perimeter, selected, azure, everybody or rules; absent where not known",
            needs=needs,
        ),
        text(
            f"{door}reachableWhy",
            explained("as `reachableFrom`", lambda answer: reach(answer).why or None),
            "why so",
            needs=needs,
        ),
        number(
            f"{door}internetShare",
            explained("as `reachableFrom`", lambda answer: reach(answer).share),
            "the part of the Internet's addresses that is let in, 0 to 1; absent where not known",
            needs=needs,
        ),
    )
    return tuple(replace(one, may_need=may_need) for one in told)


def reach_of(answer: Json, access: str, unset: str, firewall: Firewall) -> Reach:
    """From where the bearer of an answer is reached, by its public network access and its firewall."""
    said = (str(one).strip() for path in access.split("|") for one in read(answer, path.strip()))
    written = next((one for one in said if one), "")
    match (written or unset).lower():
        case "disabled":
            return Reach(NOBODY, "public network access is off", 0.0)
        case "securedbyperimeter":
            return Reach(PERIMETER, "a network security perimeter decides")
        case "enabled":
            return firewall(answer)
        case _:
            return Reach(None, f"publicNetworkAccess is {written}, which azgraph does not know")
