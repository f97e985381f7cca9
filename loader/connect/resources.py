"""Testing what may be read in Azure: one call a subscription tells all rights in it; then the tenant's own settings."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.connect.asking import first_page
from loader.connect.finding import Finding, State, few
from loader.connect.rights import READER, Kind, Right, Rights, kinds_of
from loader.connect.topics import LACKING_ROLE, NO_ROLE, ONE_GROUP, TENANT_SETTINGS
from loader.connect.unanswered import missing
from loader.model import Arm, Call, EntityType, Json, Outcome, Status
from loader.services import SUBSCRIPTION, entity_types
from loader.services.shared.actions import allows
from loader.sync.choosing import id_of, name_of
from loader.sync.rights import rights_in

# Subscriptions that are asked at the same time; the session limits what is in flight.
_AT_ONCE = 16
_FEW = 5
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups/read"
# What is asked of Azure about the tenant itself, not of a subscription.
_OF_TENANT = ("microsoft.management/",)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the identity lacks in a subscription. groups: the resource groups that it sees, where it has no role on the
    subscription itself.
    """

    lacking: tuple[Right, ...]
    groups: tuple[str, ...] | None = None


async def examine_resources(
    session: AzureSession, rights: Rights, types: Mapping[str, EntityType], subscriptions: list[Json], client: str
) -> list[Finding]:
    """Tests the rights in each of the subscriptions, and those on the tenant's settings and management groups."""
    wanted = [one for one in rights.of(Kind.ACTION) if not one.name.lower().startswith(_OF_TENANT)]
    found = await _of_tenant(session, types)
    if not wanted:
        return found
    if not subscriptions:
        says = "No subscription is visible to this identity: it has no role in any, or the tenant has none."
        return [missing("Subscriptions", NO_ROLE, says, _assign(client, _root(session)), _steps_of(wanted)), *found]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(subscription: Json) -> tuple[Json, _Standing | None]:
        async with slots:
            blocks = await rights_in(session, id_of(subscription))
            if not isinstance(blocks, list):
                # Who has no role at all on a subscription may not ask for the rights there either.
                groups = await _visible_groups(session, id_of(subscription))
                return subscription, _Standing(tuple(wanted)) if groups is None else None
            lacking = tuple(right for right in wanted if not allows(blocks, right.name))
            if not lacking or allows(blocks, _GROUPS):
                return subscription, _Standing(lacking)
            return subscription, _Standing(lacking, await _visible_groups(session, id_of(subscription)) or ())

    told = await asyncio.gather(*(one(subscription) for subscription in subscriptions))
    alike: dict[_Standing | None, list[Json]] = defaultdict(list)
    for subscription, standing in told:
        alike[standing].append(subscription)
    root = _root(session)
    return [*(_about(those, standing, len(wanted), client, root) for standing, those in alike.items()), *found]


def _about(subscriptions: list[Json], standing: _Standing | None, wanted: int, client: str, root: str) -> Finding:
    """One finding for all subscriptions that lack the same. root: the scope that is above several of them."""
    subject = f"Subscription {few([name_of(one) for one in subscriptions], _FEW)}"
    scope = f"/subscriptions/{id_of(subscriptions[0])}" if len(subscriptions) == 1 else root
    if standing is None:
        return Finding(subject, State.UNTESTED, "Resource groups can be listed there; Azure did not tell which rights.")
    lacking, groups = standing.lacking, standing.groups
    steps = _steps_of(lacking)
    if not lacking:
        return Finding(subject, State.FINE, f"All {wanted} actions are allowed.")
    if groups is None and len(lacking) < wanted:
        says = f"The role there does not allow {few([right.name for right in lacking], _FEW)}."
        reader = all(allows(READER, right.name) for right in lacking)
        command = _assign(client, scope) if reader else "azgraph permissions --format az > grant.sh && bash grant.sh"
        return missing(subject, LACKING_ROLE, says, command, steps)
    if groups:
        some = ", ".join(groups[:_FEW]) + (" …" if groups[_FEW:] else "")
        says = f"There is a role on single resource groups only ({some}), not on the subscription: lists are not whole."
        return missing(subject, ONE_GROUP, says, _assign(client, scope), steps)
    return missing(subject, NO_ROLE, "No role there allows to read it.", _assign(client, scope), steps)


async def _visible_groups(session: AzureSession, subscription: str) -> tuple[str, ...] | None:
    """The names of the resource groups that this identity sees; None where it may not list them."""
    call = entity_types()["azure_resource_group"].fetch
    assert isinstance(call, Arm)
    try:
        return tuple(sorted(str(one.get("name")) for one in await first_page(session, call, subscription=subscription)))
    except AzureError:
        return None


async def _of_tenant(session: AzureSession, types: Mapping[str, EntityType]) -> list[Finding]:
    """The lists and settings that the tenant has once: each is asked for as a run would."""
    calls = [
        (name, one.fetch)
        for name, one in types.items()
        if isinstance(one.fetch, Arm) and one.fetch.tenant and name != SUBSCRIPTION
    ]
    outcomes = await asyncio.gather(*(_ask(session, call) for _, call in calls))
    found = []
    for (name, call), outcome in zip(calls, outcomes, strict=True):
        right = next(iter(kinds_of(call)))
        if outcome.accounted:
            found.append(Finding(call.permission, State.FINE, "It may be read."))
        elif outcome.status is Status.FORBIDDEN:
            of_provider = right[0] is Kind.PROVIDER
            scope = f"/providers/{call.permission.partition('/')[0]}" if of_provider else _root(session)
            topic = TENANT_SETTINGS if of_provider else NO_ROLE
            role = "Reader" if of_provider else "Management Group Reader"
            found.append(missing(call.permission, topic, "Azure refused it.", _assign("", scope, role), (name,)))
        else:
            found.append(Finding(call.permission, State.UNTESTED, outcome.reason, steps=(name,)))
    return found


async def _ask(session: AzureSession, call: Call) -> Outcome:
    try:
        await first_page(session, call, parent={"@tenant": session.tenant_id})
    except AzureError as error:
        return error.outcome
    return Outcome()


def _steps_of(rights: Iterable[Right]) -> set[str]:
    return {step for right in rights for step in right.steps}


def _root(session: AzureSession) -> str:
    return f"/providers/Microsoft.Management/managementGroups/{session.tenant_id}"


def _assign(client: str, scope: str, role: str = "Reader") -> str:
    named = f'"{role}"' if " " in role else role
    return f"az role assignment create --assignee {client or '$AZURE_CLIENT_ID'} --role {named} --scope {scope}"
