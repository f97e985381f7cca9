"""A permission that is taken away turns exactly the controls that need it to not evaluated, and no others.

What must be affected is told twice: by the tables below, read from the packs, and by what each check says it needs
beside the steps that the run reports as lost. Neither asks the evaluation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.graph import Database
from loader.library import shipped_library
from loader.library.definitions import Control, Pack
from loader.model import Status
from loader.packs import CheckResult, Verdict, evaluate_check
from loader.services import steps
from tests.e2e.support import ended, load, path_of

pytestmark = pytest.mark.slow
LIBRARY = shipped_library()
PACKS = [pack for name, pack in LIBRARY.packs.items() if name.startswith("cis-")]
AZURE, ENTRA = "cis-azure-foundations-6.0.0", "cis-microsoft-365-entra-7.0.0"
_DENIED = json.dumps({"error": {"code": "AuthorizationFailed", "message": "No."}})

# A control by its pack and id; of each resource it is about, the verdict.
ControlKey = tuple[str, str]
Verdicts = dict[ControlKey, dict[str, Verdict]]


@dataclass(frozen=True)
class Permission:
    """What is taken away: permissions, words in the paths of all calls that need them, and the controls that do."""

    names: tuple[str, ...]
    asked: tuple[str, ...]
    azure: tuple[str, ...]
    entra: tuple[str, ...] = ()


TAKEN = {
    "the contents of key vaults": Permission(
        # Keys go with them. The right to read these has a namesake in Resource Manager, which is not taken.
        names=("Microsoft.KeyVault/vaults/secrets/readMetadata/action", "Microsoft.KeyVault/vaults/certificates/read"),
        asked=(".vault.azure.net/",),
        # Expiry of keys and secrets, validity of certificates. What the vault itself says stays known, and rotation,
        # which the management side tells.
        azure=("8.3.1", "8.3.2", "8.3.3", "8.3.4", "8.3.11"),
    ),
    "the policies of the tenant": Permission(
        names=("Policy.Read.All",),
        asked=(
            "/identity/conditionalaccess/",
            "/policies/identitysecuritydefaultsenforcementpolicy",
            "/policies/authorizationpolicy",
            "/policies/authenticationmethodspolicy",
            "/policies/adminconsentrequestpolicy",
            "/policies/defaultappmanagementpolicy",
        ),
        azure=("5.1.1", "5.1.2"),
        # Rights of users and guests, consent, credentials of applications, all of conditional access, methods. Devices,
        # lock-out, banned words and registered factors take other permissions.
        entra=(
            *("5.1.2.2", "5.1.2.3", "5.1.3.1", "5.1.4.6", "5.1.6.2", "5.1.6.3"),
            *(f"5.1.5.{number}" for number in range(1, 7)),
            *(f"5.2.2.{number}" for number in range(1, 18)),
            *("5.2.3.1", "5.2.3.5", "5.2.3.6", "5.2.3.7", "5.2.3.10"),
        ),
    ),
    "SQL servers": Permission(
        names=("Microsoft.Sql/servers/read",),
        asked=("/providers/microsoft.sql/servers",),
        # Version 6 asks nothing of SQL alone: tiers, locks, regions in use and perimeters are about it among others.
        azure=("6.1.5", "6.2", "7.6", "7.16"),
    ),
}


def refused(exchanges: Iterable[Exchange], words: Iterable[str]) -> list[Exchange]:
    """The answers, with a refusal in place of those whose path holds one of the words."""
    return [
        replace(one, status=403, body=_DENIED) if any(word in path_of(one) for word in words) else one
        for one in exchanges
    ]


def evaluated() -> Iterable[tuple[Pack, Control]]:
    """Every control of the CIS packs that has a check."""
    return ((pack, control) for pack in PACKS for _, control in pack.controls() if control.check)


def verdicts(database: Database) -> Verdicts:
    """Every such control; its own verdict stands under the empty key, beside those of its resources."""
    coverage = Coverage.read(database)
    known: dict[str, CheckResult] = {}
    found: Verdicts = {}
    for pack, control in evaluated():
        setting = f"{control.check} {sorted(control.parameters.items())}"
        if setting not in known:
            known[setting] = evaluate_check(database, LIBRARY.check(str(control.check)), coverage, control.parameters)
        result = known[setting]
        resources = {one.key: one.verdict for one in result.resources}
        found[pack.id, control.id] = {"": result.verdict} | resources
    return found


def needing(lost: set[str]) -> set[ControlKey]:
    """The controls whose check is about, or says that it needs, one of the steps."""
    checks = {name for name, one in LIBRARY.checks.items() if lost.intersection((*one.resource, *one.needs))}
    return {(pack.id, control.id) for pack, control in evaluated() if control.check in checks}


def hanging_on(lost: set[str]) -> set[ControlKey]:
    """Of these, the controls of which nothing can be said any more: resources of other types keep their verdicts."""
    checks = {
        name
        for name, one in LIBRARY.checks.items()
        if lost.intersection(one.needs) or (lost.intersection(one.resource) and not set(one.resource) - lost)
    }
    return {(pack.id, control.id) for pack, control in evaluated() if control.check in checks}


def test_a_permission_that_is_taken_affects_exactly_what_needs_it(database: Database, contoso: list[Exchange]) -> None:
    assert load(database, contoso).status == "complete"
    whole = verdicts(database)
    for what, permission in TAKEN.items():
        told = ended(load(database, refused(contoso, permission.asked)))
        lost = {step.split("|")[0] for step in told}
        # The words in the paths miss no call that needs the permission.
        assert {step for step, needed in steps().items() if needed in permission.names} <= lost, what
        assert set(told.values()) <= {Status.FORBIDDEN, Status.SKIPPED}, what

        affected = needing(lost)
        for pack, table in ((AZURE, permission.azure), (ENTRA, permission.entra)):
            assert {control for name, control in affected if name == pack} == set(table), what

        now = verdicts(database)
        became = {key for key, found in now.items() if found[""] is Verdict.NOT_EVALUATED != whole[key][""]}
        before = {key for key in affected if whole[key][""] is Verdict.NOT_EVALUATED}
        assert hanging_on(lost) <= became | before <= affected, what
        assert {key: one for key, one in now.items() if key not in affected} == {
            key: one for key, one in whole.items() if key not in affected
        }, what
        for key in affected:
            assert Verdict.NOT_EVALUATED in now[key].values(), f"{what}: {key}"
        # A subscription that by its inventory has nothing of the type was not asked, so nothing of it was lost.
        areas = {step.split("|")[1] for step in told}
        for key in hanging_on(lost):
            judged = {resource for resource, verdict in now[key].items() if verdict is not Verdict.NOT_EVALUATED}
            assert not [one for one in judged if not one or any(area in one for area in areas)], f"{what}: {key}"

    # Given back, everything is as it was.
    load(database, contoso)
    assert verdicts(database) == whole
