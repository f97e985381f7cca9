"""`azgraph doctor`: signs in, tests every right with the cheapest real call, tests the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, suppress
from pathlib import Path

from loader.azure.refusals import refusal_in
from loader.azure.session import AzureSession
from loader.connect.database import examine_database
from loader.connect.directory import examine_directory
from loader.connect.finding import Diagnosis, Finding, State
from loader.connect.resources import examine_resources
from loader.connect.rights import rights_for
from loader.connect.topics import CLOCK, NO_ROLE, PRIVATE_CA, PROXY
from loader.connect.vaults import examine_vaults
from loader.errors import AzgraphError
from loader.graph import Database
from loader.model import EntityType, Json
from loader.sync.about import refuse_other_tenant
from loader.sync.standing import Standing
from loader.sync.standing import subscriptions as chosen_subscriptions

# Tokens are good for a little more than this on either side.
_CLOCK = 300.0


async def examine(
    connect: Callable[[], AbstractAsyncContextManager[AzureSession]],
    types: Mapping[str, EntityType],
    client: str,
    opened: Callable[[], AbstractContextManager[Database]] | None,
    folder: Path | None,
    standing: Standing | None = None,
) -> Diagnosis:
    """Tests everything that loading these types takes.

    connect: makes a live session, not signed in yet; client: the application's id, for commands; empty to
    find it out. opened: opens the
    database, None to leave it out; folder: where it stands, if it is the local one. standing: the choice of
    subscriptions, and the tenant, of a configured instance.
    """
    diagnosis = Diagnosis()
    try:
        async with connect() as session:
            diagnosis.add(await _signed_in(session, types, client, standing or Standing()))
    except AzgraphError as error:
        diagnosis.add([_no_sign_in(error, client)])
    if opened is not None:
        diagnosis.add(await asyncio.to_thread(examine_database, opened, folder))
    return diagnosis


async def _signed_in(
    session: AzureSession, types: Mapping[str, EntityType], client: str, standing: Standing
) -> list[Finding]:
    rights = rights_for(types)
    client = client or await _application(session)
    found = [Finding("Sign-in", State.FINE, f"Signed in to tenant {session.tenant_id}.")]
    subscriptions: list[Json] = []
    try:
        refuse_other_tenant(session, standing)
        wanted = await chosen_subscriptions(session, session.subscriptions(), standing)
        subscriptions = wanted.loaded
        found += [Finding("Subscriptions", State.MISSING, says, "", NO_ROLE.heading) for says in wanted.missing]
    except AzgraphError as error:
        return [*found, Finding("Configuration", State.FAILED, str(error))]
    parts = await asyncio.gather(
        examine_directory(session, rights, types, client),
        examine_resources(session, rights, types, subscriptions, client),
        examine_vaults(session, types, subscriptions, client),
    )
    found += _clock(session)
    return [*found, *(finding for part in parts for finding in part)]


async def _application(session: AzureSession) -> str:
    """The id of the application that is signed in; a variable's name where that is a user, or nothing tells."""
    with suppress(Exception):  # it only makes a command easier to paste
        claims = await session.graph_claims()
        if claims.get("appid") and "scp" not in claims:
            return str(claims["appid"])
    return "$AZURE_CLIENT_ID"


def _clock(session: AzureSession) -> list[Finding]:
    ahead = session.clock_ahead
    if abs(ahead) < _CLOCK:
        return []
    way = "ahead of" if ahead > 0 else "behind"
    says = f"This machine's clock is {abs(ahead) / 60:.0f} minutes {way} Azure's; tokens and certificates fail for it."
    return [Finding("Clock", State.MISSING, says, "sudo timedatectl set-ntp true", CLOCK.heading)]


def _no_sign_in(error: AzgraphError, client: str) -> Finding:
    """Why nothing can be read: what Entra said, or why it was not reached."""
    says = str(error)
    refused = refusal_in(says)
    if refused is not None:
        command = refused.command.replace("$AZURE_CLIENT_ID", client or "$AZURE_CLIENT_ID")
        return Finding("Sign-in", State.FAILED, says, command, refused.topic)
    if "certificate is not trusted" in says:
        return Finding("Sign-in", State.FAILED, says, "export SSL_CERT_FILE=/path/to/ca.pem", PRIVATE_CA.heading)
    if "proxy" in says:
        return Finding("Sign-in", State.FAILED, says, "env | grep -i _proxy", PROXY.heading)
    return Finding("Sign-in", State.FAILED, says, "", "The network" if "#the-network" in says else "")
