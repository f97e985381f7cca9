"""Without any permission of the directory the account loads all the same, and so does everything of Azure."""

from __future__ import annotations

from dataclasses import replace

from loader.areas import TENANT
from loader.azure.transport.wire import Exchange
from loader.connect.rights import rights_for
from loader.graph import Database
from loader.model import Status
from loader.services import entity_types
from tests.connect.answers import GRAPH_DENIED
from tests.e2e.support import ended, load, path_of, reasons


def with_user_read_only(contoso: list[Exchange]) -> list[Exchange]:
    """What Graph answers to who has `User.Read` alone: of the organization its name and domains, of nothing else.

    https://learn.microsoft.com/graph/permissions-reference#userread
    """

    def refused(path: str) -> bool:
        return path.startswith(("/v1.0/", "/beta/")) and path != "/v1.0/organization"

    return [replace(one, status=403, body=GRAPH_DENIED) if refused(path_of(one)) else one for one in contoso]


def test_each_missing_right_costs_its_own_types_and_is_named(database: Database, contoso: list[Exchange]) -> None:
    told = load(database, with_user_read_only(contoso))
    assert told.status == "partial"
    assert told.entities["azure_account"] == 1
    lost, why = ended(told), reasons(told)
    # Everything of Azure is loaded: what is not, is of the directory.
    assert {area for _, area in (key.split("|") for key in lost)} == {TENANT}
    by_right = {right.name: set(right.steps) - {"azure_account"} for right in rights_for().graph}
    refused = {key.partition("|")[0] for key, status in lost.items() if status is Status.FORBIDDEN}
    assert refused <= set().union(*by_right.values())
    for name, steps in by_right.items():
        for step in steps & refused:
            assert name in why[f"{step}|{TENANT}"], step
        # Lists are refused; what hangs on a list that was refused is skipped, or could not be asked about.
        lists = {step for step in steps if "." not in step and entity_types()[step].fetch.parent is None}  # type: ignore[union-attr]
        assert lists <= refused, name
        assert {f"{step}|{TENANT}" for step in steps} <= lost.keys() | {"azure_account|tenant"}, name
    assert told.entities["azure_vm"] > 5
    assert told.entities["azure_role_assignment"] > 5
