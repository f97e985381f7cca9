"""Which of Azure's buckets a request draws on, and what an answer says of them.

Azure Resource Manager counts the reads of one sign-in for each subscription, and for the tenant those without one; each
resource provider counts its own, in its own way; Microsoft Graph counts for each of its services, a key vault for
itself. Two-level throttling: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from math import inf
from typing import Any
from urllib.parse import urlsplit

from loader.azure.transport.wire import WireAnswer, WireRequest


@dataclass(frozen=True, slots=True)
class Bucket:
    """What requests share. name: for people, and its identity. rate: requests a second, as documented, else None.

    processes: how many may draw on it at once: any number on the tenant's; those that load the directory on that of
    Microsoft Graph; on a subscription's and a vault's only the one that loads that subscription.
    """

    name: str
    rate: float | None = None
    provider: bool = False
    processes: float = 1


# 250 at once and 25 a second: the page named above.
_ARM_READS = 25.0
# 4,000 in 10 seconds: https://learn.microsoft.com/azure/key-vault/general/service-limits
_VAULT_READS = 400.0
# https://learn.microsoft.com/azure/storage/common/scalability-targets-resource-provider, and "Network throttling" on
# the page named above; other providers publish no number, or many. Reads of one resource, and lists, a second.
# Resource Graph lets one sign-in ask 15 times in 5 seconds (the page on its throttling, named below).
_PROVIDERS = {
    "microsoft.storage": (800 / 300, 100 / 300),
    "microsoft.network": (10_000 / 300, 10_000 / 300),
    "microsoft.resourcegraph": (3.0, 3.0),
}
# https://learn.microsoft.com/graph/throttling-limits: 3,500 units in 10 seconds in a small tenant, of which a list
# costs about two; 5 requests in 10 seconds for reports; one a second for conditional access and identity protection.
_GRAPH_IDENTITY = 175.0
# The directory's tasks (loader/sync/shards.py), each of which a process of its own may take.
_OF_DIRECTORY = 5
_GRAPH_SERVICES = {
    "auditlogs": ("reports", 0.5),
    "reports": ("reports", 0.5),
    "identityprotection": ("identity protection and conditional access", 1.0),
    "identity/conditionalaccess": ("identity protection and conditional access", 1.0),
}

# Of those that requests drew on lately, so that not each request makes its own: some dozens a subscription.
_MOST_KEPT = 2_000

_LEFT_OF_ARM = (
    "x-ms-ratelimit-remaining-subscription-reads",
    "x-ms-ratelimit-remaining-subscription-global-reads",
    "x-ms-ratelimit-remaining-tenant-reads",
)
# The first is Resource Graph's (https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests),
# the others stand where a provider has a limit of its own (the page named at the top).
_LEFT_OF_PROVIDER = (
    "x-ms-user-quota-remaining",
    "x-ms-ratelimit-remaining-subscription-resource-requests",
    "x-ms-ratelimit-remaining-subscription-resource-entities-read",
    "x-ms-ratelimit-remaining-tenant-resource-requests",
    "x-ms-ratelimit-remaining-tenant-resource-entities-read",
)
# "Microsoft.Compute/HighCostGet3Min;133,Microsoft.Compute/HighCostGet30Min;657":
# https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors
_LEFT_OF_OPERATION = "x-ms-ratelimit-remaining-resource"


def buckets_of(request: WireRequest) -> list[Bucket]:
    """The buckets that the request draws on, the narrowest first."""
    parts = urlsplit(request.url)
    host = parts.netloc.lower()
    path = [segment for segment in parts.path.lower().split("/") if segment]
    if path[:1] in (["v1.0"], ["beta"]):
        return [_of_graph(host, path[1:])]
    if path[:1] not in (["subscriptions"], ["providers"], ["tenants"]):
        return [Bucket(f"{host}", _VAULT_READS)]
    owner = f"subscription {path[1]}" if path[0] == "subscriptions" and len(path) > 1 else "the tenant"
    last = len(path) - 1 - path[::-1].index("providers") if "providers" in path else len(path)
    if last + 1 >= len(path):
        return list(_of_arm(host, owner))
    # A type follows the provider, then a name, then perhaps a type below it: an odd number asks for a list.
    return list(_of_arm(host, owner, path[last + 1], listing=(len(path) - last) % 2 == 1))


@lru_cache(_MOST_KEPT)
def _of_arm(host: str, owner: str, provider: str = "", *, listing: bool = False) -> tuple[Bucket, ...]:
    processes = inf if owner == "the tenant" else 1
    broad = Bucket(f"{host}, reads of {owner}", _ARM_READS, processes=processes)
    if not provider:
        return (broad,)
    rates = _PROVIDERS.get(provider)
    name = f"{host}, {'lists' if listing else 'reads'} of {provider} in {owner}"
    return Bucket(name, rates[listing] if rates else None, provider=True, processes=processes), broad


def _of_graph(host: str, path: list[str]) -> Bucket:
    service, rate = _GRAPH_SERVICES.get("/".join(path[:2])) or _GRAPH_SERVICES.get("".join(path[:1])) or ("", None)
    if service:
        # Lists of one task of the directory.
        return Bucket(f"{host}, {service}", rate)
    return Bucket(f"{host}, directory", _GRAPH_IDENTITY, processes=_OF_DIRECTORY)


def refusing(buckets: list[Bucket], answer: WireAnswer) -> int:
    """Which of `buckets`, by its place, refused with this answer.

    "If the remaining call count is approaching 0, the subscription's general call limit has been reached. Otherwise the
    throttling is coming from the target resource provider" (Microsoft's page on Compute, named above).
    """
    if len(buckets) == 1 or answer.status != 429:
        return 0
    if b"requeststhrottled" in answer.body.lower():
        return len(buckets) - 1
    left = _least(answer.headers, _LEFT_OF_ARM)
    if left is not None:
        return 0 if left > 0 else len(buckets) - 1
    provider, broad = buckets[0], buckets[-1]
    likelier = provider.rate is not None and broad.rate is not None and provider.rate < broad.rate
    return 0 if likelier or left_in(provider, answer.headers) else len(buckets) - 1


def left_in(bucket: Bucket, headers: Mapping[str, str]) -> dict[str, Any]:
    """What the headers of an answer say of one of its buckets, as `Gate.passed` takes it."""
    if not bucket.provider:
        used = _number(headers.get("x-ms-throttle-limit-percentage"))
        left = _least(headers, _LEFT_OF_ARM)
        return {"left": left} if left is not None else {"used": min(used, 1.0)} if used else {}
    counts = [float(count) for count in re.findall(r";\s*(\d+)", headers.get(_LEFT_OF_OPERATION, ""))]
    left = _least(headers, _LEFT_OF_PROVIDER)
    least = min([*counts, *([] if left is None else [left])], default=None)
    if least is None:
        return {}
    again = re.fullmatch(r"(\d+):(\d+):(\d+)(?:\.\d+)?", headers.get("x-ms-user-quota-resets-after", "").strip())
    hours, minutes, seconds = map(int, again.groups()) if again else (0, 0, 0)
    return {"left": least, "again_in": hours * 3600 + minutes * 60 + seconds if again else None}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that an answer asks to wait: a number, or an HTTP date, which counts from the answer's own date.

    headers: named in lower case, or in any. RFC 9110, section 10.2.3.
    """
    named = headers.get("retry-after")
    if named is None:
        return None
    seconds = _number(named)
    if seconds is not None:
        return seconds
    with contextlib.suppress(ValueError, TypeError):
        try:
            now = parsedate_to_datetime(headers["date"])
        except (KeyError, ValueError, TypeError):
            now = datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(named) - now).total_seconds())
    return None


def _least(headers: Mapping[str, str], names: tuple[str, ...]) -> float | None:
    return min((count for name in names if (count := _number(headers.get(name))) is not None), default=None)


def _number(text: str | None) -> float | None:
    """A number that is none below zero; anything else that stands there says nothing."""
    return float(text) if text and re.fullmatch(r"\s*\d{1,9}(\.\d+)?\s*", text) else None
