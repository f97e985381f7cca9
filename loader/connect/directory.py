"""Testing the application permissions of Microsoft Graph: one list with one item for each of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from loader.access.directory_capabilities import GRAPH_APP_ID
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.connect.asking import first_page
from loader.connect.finding import Finding, State
from loader.connect.rights import Right, Rights, app_role, calls_of
from loader.connect.topics import DELEGATED, NO_CONSENT, NO_PERMISSION, Topic
from loader.connect.unanswered import missing
from loader.model import EntityType, Graph, Json, Outcome, Quiet, Status
from loader.sync.reading import is_due

# Of so many it is seen whether they have something to ask about.
_FEW = 10
_REFUSED_TO_USERS = "You are signed in as a user ({who}), whose own rights in the directory count."


@dataclass(frozen=True, slots=True)
class _Registered:
    """What the application's registration asks of Microsoft Graph: ids of app roles, names of delegated permissions."""

    roles: frozenset[str]
    delegated: frozenset[str]


async def examine_directory(
    session: AzureSession, rights: Rights, types: Mapping[str, EntityType], client: str
) -> list[Finding]:
    """Tests every application permission with one cheap call. client: the application's id, for commands."""
    probes = {right: _cheapest(right, types) for right in rights.graph}
    outcomes = await asyncio.gather(*(_try(session, call, types) for call in probes.values()))
    ended = {right: outcome for right, outcome in zip(probes, outcomes, strict=True) if outcome is not None}
    found = [_fine(right) for right, outcome in ended.items() if outcome.whole]
    found += [
        Finding(right.name, State.FINE, "The permission is there; the tenant has not bought what it reads.")
        for right, outcome in ended.items()
        if outcome.quiet is Quiet.NOT_LICENSED
    ]
    refused = [right for right, outcome in ended.items() if outcome.status is Status.FORBIDDEN]
    found += await _explained(session, refused, client) if refused else []
    found += [
        Finding(right.name, State.UNTESTED, outcome.reason, steps=right.steps)
        for right, outcome in ended.items()
        if not outcome.whole and outcome.quiet is not Quiet.NOT_LICENSED and outcome.status is not Status.FORBIDDEN
    ]
    return found


def _fine(right: Right) -> Finding:
    return Finding(right.name, State.FINE, "The permission is there.")


def _cheapest(right: Right, types: Mapping[str, EntityType]) -> Graph | None:
    """A call that needs the permission, of one item, if it can be of one that needs no entity to ask about."""
    calls = {step: call for step, call in calls_of(types) if step in right.steps and isinstance(call, Graph)}
    found = [calls[step] for step in sorted(calls, key=lambda one: ("." in one, one))]
    plain = [one for one in found if not one.about_one]
    return replace(plain[0], top=1) if plain else next((one for one in found if one.parent in types), None)


async def _try(session: AzureSession, call: Graph | None, types: Mapping[str, EntityType]) -> Outcome | None:
    """How a call ended; None where there is nothing to ask about."""
    if call is None:
        return None
    if not call.about_one:
        return await _ask(session, call, None)
    try:
        parents = await _about(session, call, types)
    except AzureError as error:
        # Whoever may not list what it is about has no use for it, and is told of both.
        return error.outcome
    chosen = next((one for one in parents if is_due(call, one)), None)
    return await _ask(session, call, _named(call, chosen)) if chosen is not None else None


async def _about(session: AzureSession, call: Graph, types: Mapping[str, EntityType]) -> list[Json]:
    """Some of what a call may be about: of a list that is itself about one object, what the first that has any has."""
    above = types[str(call.parent)].fetch
    if not isinstance(above, Graph):
        return []
    if not above.about_one:
        return await first_page(session, above)
    due = (one for one in await _about(session, above, types) if is_due(above, one))
    for one in islice(due, _FEW):
        if found := await first_page(session, above, parent=_named(above, one)):
            return found
    return []


def _named(call: Graph, parent: Json) -> Json:
    return parent if call.each is None else {**parent, "@each": next(iter(call.each(parent)), "")}


async def _ask(session: AzureSession, call: Graph, parent: Json | None) -> Outcome:
    # A setting that is one object is asked for as such: what is declared as a detail does not say so.
    for one in (None, True):
        try:
            await first_page(session, call, parent=parent, one=one)
            return Outcome()
        except AzureError as error:
            if error.http_status == 200 and one is None:
                continue
            return error.outcome
    return Outcome()


async def _explained(session: AzureSession, refused: list[Right], client: str) -> list[Finding]:
    """One finding for each cause: what was asked for and not consented to, what is delegated, what is not there."""
    claims = await _claims(session)
    if claims.get("scp") is not None:
        who = str(claims.get("upn") or claims.get("unique_name") or "unnamed")
        return [_finding(refused, DELEGATED, _REFUSED_TO_USERS.format(who=who), "azgraph permissions --format az")]
    registered = await _registration(session, client)
    causes: dict[str, list[Right]] = defaultdict(list)
    for right in refused:
        if registered is None:
            causes["unknown"].append(right)
        elif app_role(right.name) in registered.roles:
            causes["consent"].append(right)
        else:
            causes["delegated" if right.name in registered.delegated else "missing"].append(right)
    found = []
    if rights := causes["consent"]:
        says = "The registration asks for them, and no administrator has consented."
        found.append(_finding(rights, NO_CONSENT, says, f"az ad app permission admin-consent --id {client}"))
    if rights := causes["delegated"]:
        says = "They are there as delegated permissions, which count for signed-in users only, not for an application."
        found.append(_finding(rights, DELEGATED, says, _adding(rights, client)))
    if rights := causes["missing"]:
        says = "The registration does not ask for them."
        found.append(_finding(rights, NO_PERMISSION, says, _adding(rights, client)))
    if rights := causes["unknown"]:
        some = "none at all" if not claims.get("roles") else f"only {', '.join(sorted(map(str, claims['roles'])))}"
        says = (
            f"The token has application permissions: {some}. Either they were never added, or they were added as "
            "delegated ones in place of application permissions, or no administrator has consented (without "
            "Application.Read.All azgraph cannot tell which). The command mends all three."
        )
        found.append(_finding(rights, NO_PERMISSION, says, _adding(rights, client)))
    return found


def _finding(rights: list[Right], topic: Topic, says: str, command: str) -> Finding:
    names = ", ".join(right.name for right in rights)
    return missing(names, topic, says, command, (step for right in rights for step in right.steps))


def _adding(rights: list[Right], client: str) -> str:
    roles = " ".join(f"{app_role(right.name)}=Role" for right in rights)
    return (
        f"az ad app permission add --id {client} --api {GRAPH_APP_ID} --api-permissions {roles} && "
        f"az ad app permission admin-consent --id {client}"
    )


async def _claims(session: AzureSession) -> Json:
    try:
        return await session.graph_claims()
    except Exception:  # noqa: BLE001 - it explains a refusal that is told anyway
        return {}


async def _registration(session: AzureSession, client: str) -> _Registered | None:
    """The application's own registration; None where it may not be read."""
    try:
        own = await _first(session, "applications", client, ("appId", "requiredResourceAccess"))
        graph = await _first(session, "service_principals", GRAPH_APP_ID, ("appId", "oauth2PermissionScopes"))
    except AzureError:
        return None
    if own is None:
        return None
    asked = [
        access
        for resource in own.get("requiredResourceAccess") or ()
        if resource.get("resourceAppId") == GRAPH_APP_ID
        for access in resource.get("resourceAccess") or ()
    ]
    names = {one.get("id"): one.get("value") for one in (graph or {}).get("oauth2PermissionScopes") or ()}
    return _Registered(
        frozenset(str(one.get("id")) for one in asked if one.get("type") == "Role"),
        frozenset(str(names.get(one.get("id"))) for one in asked if one.get("type") == "Scope"),
    )


async def _first(session: AzureSession, builder: str, client: str, select: tuple[str, ...]) -> Json | None:
    call = Graph(builder=builder, permission="Application.Read.All", select=select, filter=f"appId eq '{client}'")
    return next((one for one in await first_page(session, call) if one.get("appId") == client), None)
