"""The one relationship `REACHES`, with the same properties whoever makes it: machines and services alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from loader.model import DerivedLink, Value
from loader.reach.rules import PROTOCOLS, Ports, told
from loader.services.shared.addresses import blocks, internet_share


def reaches(
    source: str,
    target: str,
    ports: Ports,
    *,
    via: str,
    kind: str,
    rules: Iterable[str] = (),
    share: float | None = None,
    addresses: float | None = None,
    why: str = "",
    **more: Value,
) -> DerivedLink:
    """`(source)-[:REACHES]->(target)`.

    via: the id of what lets in (an address, a balancer, a firewall, the service itself). kind: what that is, in a word.
    share: the part of the Internet that is let in, 0 to 1; addresses: how many addresses that are. why: a clause.
    """
    ends: dict[str, Value] = {
        f"{protocol}{end}": [port[index] for port in ports[protocol]]
        for protocol in PROTOCOLS
        for index, end in enumerate(("From", "To"))
    }
    said: dict[str, Value | None] = {"internetShare": share, "addresses": addresses, "why": why or None}
    properties: dict[str, Value] = {
        "via": via,
        "kind": kind,
        "rules": sorted(set(rules)),
        "ports": [*told(ports)],
        **ends,
        **{name: value for name, value in said.items() if value is not None},
        **more,
    }
    key = f"{via}:ipv6" if more.get("version") == 6 else via
    return DerivedLink(source, "REACHES", target, key=key, properties=properties)


def size_of(name: str) -> dict[str, Any]:
    """How large a part of the Internet a block or a range is; nothing is known of a service tag."""
    found = blocks(name)
    if not found:
        return {}
    return {"share": internet_share([name]), "addresses": float(sum(last - first + 1 for _, first, last in found))}
