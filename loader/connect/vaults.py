"""Testing the way into key vaults: whether each lets this address in, and lists keys, secrets and certificates."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping

from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.connect.asking import first_page
from loader.connect.finding import Finding, State, few
from loader.connect.topics import VAULT_ACCESS, VAULT_FIREWALL
from loader.connect.unanswered import missing
from loader.model import Arm, EntityType, Json, Outcome, Status, Vault
from loader.services import entity_types
from loader.sync.choosing import id_of

# Vaults that are tested; more tell nothing new about the rights, and a run tells of each.
MOST = 40
_VAULT = "azure_keyvault_service"
_FIREWALL = ("ForbiddenByFirewall", "ForbiddenByConnection")


async def examine_vaults(
    session: AzureSession, types: Mapping[str, EntityType], subscriptions: list[Json], client: str
) -> list[Finding]:
    """Asks each vault, up to `MOST`, for the first page of each of its lists."""
    lists = {name: one.fetch for name, one in types.items() if isinstance(one.fetch, Vault)}
    if not lists:
        return []
    pages = await asyncio.gather(*(_vaults(session, id_of(one)) for one in subscriptions))
    vaults = [vault for page in pages for vault in page]
    asked = [(vault, name, call) for vault in vaults[:MOST] for name, call in lists.items()]
    outcomes = await asyncio.gather(*(_ask(session, call, vault) for vault, _, call in asked))
    behind: dict[str, set[str]] = defaultdict(set)
    refused: dict[str, set[str]] = defaultdict(set)
    untested: dict[str, str] = {}
    rbac = {_name(vault) for vault in vaults if (vault.get("properties") or {}).get("enableRbacAuthorization")}
    for (vault, step, _), (outcome, firewall) in zip(asked, outcomes, strict=True):
        if firewall:
            behind[_name(vault)].add(step)
        elif outcome.status is Status.FORBIDDEN:
            refused[_name(vault)].add(step)
        elif not outcome.accounted:
            untested[_name(vault)] = outcome.reason
    found = [_behind_firewall(behind)] if behind else []
    found += _no_access({name: steps for name, steps in refused.items() if name in rbac}, client, rbac=True)
    found += _no_access({name: steps for name, steps in refused.items() if name not in rbac}, client, rbac=False)
    found += [Finding(f"Key vault {name}", State.UNTESTED, reason) for name, reason in sorted(untested.items())]
    open_ones = len({_name(vault) for vault in vaults[:MOST]} - {*behind, *refused, *untested})
    if open_ones:
        more = f" {len(vaults) - MOST} more were not tried." if len(vaults) > MOST else ""
        told = "vault lists" if open_ones == 1 else "vaults list"
        found.append(Finding("Key vaults", State.FINE, f"{open_ones} {told} what is in them.{more}"))
    return found


def _behind_firewall(behind: Mapping[str, set[str]]) -> Finding:
    names = sorted(behind)
    return missing(
        f"Key vault {few(names)}",
        VAULT_FIREWALL,
        "The vault's firewall does not let this address in; which right there is cannot be told from here.",
        f"az keyvault network-rule add --name {names[0]} --ip-address <this machine's public address>",
        set().union(*behind.values()),
    )


def _no_access(refused: Mapping[str, set[str]], client: str, *, rbac: bool) -> list[Finding]:
    if not refused:
        return []
    names = sorted(refused)
    steps = sorted(set().union(*refused.values()))
    if rbac:
        command = f'az role assignment create --assignee {client} --role "Key Vault Reader" --scope <the vault\'s id>'
        says = "No role there allows to list what is in the vault."
    else:
        policies = " ".join(f"--{step.rpartition('_')[2]}-permissions list" for step in steps)
        command = f"az keyvault set-policy --name {names[0]} --spn {client} {policies}"
        says = "No access policy there allows to list what is in the vault."
    return [missing(f"Key vault {few(names)}", VAULT_ACCESS, says, command, steps)]


async def _vaults(session: AzureSession, subscription: str) -> list[Json]:
    call = entity_types()[_VAULT].fetch
    assert isinstance(call, Arm)
    try:
        return await first_page(session, call, subscription=subscription)
    except AzureError:
        return []  # that the list itself may not be read is told with the subscription's rights


async def _ask(session: AzureSession, call: Vault, vault: Json) -> tuple[Outcome, bool]:
    """How the first page of one of the vault's lists ended, and whether its firewall stood before it."""
    try:
        await first_page(session, call, parent=vault)
    except AzureError as error:
        return error.outcome, error.code in _FIREWALL or "firewall" in error.reason
    return Outcome(), False


def _name(vault: Json) -> str:
    return str(vault.get("name") or "unnamed")
