"""Public addresses and balancers in front of something: what each passes on, before any rule is asked.

Source: https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses#sku,
https://learn.microsoft.com/azure/load-balancer/skus
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loader.reach.rules import PROTOCOLS, Ports, all_ports, no_ports
from loader.services.shared.ports import join, port_interval


@dataclass(frozen=True)
class Way:
    """One way in: its id, what kind it is, the ports that it passes on, and the versions of IP it answers on."""

    key: str
    kind: str
    passed: Ports
    versions: frozenset[int]


def ways_in(row: Mapping[str, Any]) -> Iterator[Way]:
    """Each public address or balancer of a row: `publicAddresses`, `balancers`, `groups`.

    Among the balancers is whatever passes on some ports only; it may have a `kind` of its own.

    Standard addresses are closed where no group lets anything in; Basic ones are open then.
    """
    has_group = bool(row["groups"])
    for one in row["publicAddresses"]:
        if has_group or is_basic(one["sku"]):
            yield Way(one["key"], "public address", all_ports(), versions([one.get("version")]))
    for one in row["balancers"]:
        if has_group or is_basic(one["sku"]):
            kind = one.get("kind") or "load balancer"
            yield Way(one["key"], kind, passed(one["ports"]), versions(one.get("versions") or []))


def is_basic(sku: object) -> bool:
    """An address or a balancer of the kind that is open where nothing closes it."""
    return str(sku).lower() == "basic"


def versions(written: Iterable[object]) -> frozenset[int]:
    """4 and 6 from IPv4 and IPv6; what is not said is IPv4."""
    return frozenset(6 if str(one).lower() == "ipv6" else 4 for one in written) or frozenset({4})


def passed(ports: Iterable[str] | None) -> Ports:
    """The ports of `tcp:443`, `udp:53-54`, `*:*`."""
    found = no_ports()
    for protocol, _, port in (one.partition(":") for one in ports or ()):
        for name in PROTOCOLS if protocol in ("*", "any") else (protocol,):
            found[name] = join([*found.get(name, []), port_interval(port)])
    return {name: found[name] for name in PROTOCOLS}
