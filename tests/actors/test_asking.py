"""The logs as they are asked over the wire, and what each of their answers leaves in the graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loader.actors.asking import Asked, ask_who
from loader.azure import sessions
from loader.azure.session import AzureSession
from loader.azure.settings import AzureSettings
from loader.azure.transport.record import Recording
from loader.azure.transport.retry import RetryPolicy
from loader.azure.transport.wire import Exchange
from loader.graph.actors import OpenChange, storable
from loader.model import Quiet, Status
from loader.services import entity_types
from tests.azure.contoso import ARM, GRAPH, SUB, two_pages
from tests.fakeazure import FakeAzure, Fault
from tests.fakeazure.server import SECRET

NOW = datetime.now(UTC)
RESOURCES = f"{ARM}/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"
MOMENTS = "eventTimestamp ge '2026-01-01T00:00:00Z' and eventTimestamp le '2026-01-02T00:00:00Z'"
EVENTS = f"{ARM}/subscriptions/{SUB}/providers/Microsoft.Insights/eventtypes/management/values?$filter={MOMENTS}"
AUDITS = (
    f"{GRAPH}/auditLogs/directoryAudits?$filter=activityDateTime ge 2026-01-01T00:00:00Z "
    "and activityDateTime le 2026-01-02T00:00:00Z"
)
VAULT = f"/subscriptions/{SUB}/resourceGroups/Shop/providers/Microsoft.KeyVault/vaults/Shop"
ROLE = f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments/r1"
USER, BO = "5b3e8c1a-0000-4000-8000-000000000001", "5b3e8c1a-0000-4000-8000-000000000002"


@dataclass
class Book:
    """In place of the graph: the changes, and what is stored of their makers."""

    found: list[OpenChange]
    stored: dict[str, Any] = field(default_factory=dict)
    database: Any = None

    def changes(self) -> list[OpenChange]:
        return self.found

    def tell(self, values: dict[str, Any]) -> None:
        self.stored.update(values)


@pytest.fixture(autouse=True)
def _nobody_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.actors.asking.principals", lambda _database, _names: {})


def change(key: str, op: str = "updated", *, kind: str = "", path: str = "", days: float = 1) -> OpenChange:
    return OpenChange(f"{op} {key.lower()}", op, key.lower(), kind, path, NOW - timedelta(days=days))


def row(target: str, by: str, **more: Any) -> dict[str, Any]:
    """A row of `resourcechanges`, as Microsoft's page on them shows one."""
    said = {"clientType": "Azure Portal", "operation": "Microsoft.KeyVault/vaults/write", "changedByType": "User"}
    told = {"id": f"{target}/changes/1", "changeTime": NOW.isoformat(), "targetResourceId": target, "changedBy": by}
    return {**told, **said, "changeType": "Update", "correlationId": "c-1", **more}


def rows(*found: dict[str, Any], skip: str | None = None) -> Exchange:
    body = {"totalRecords": len(found), "count": len(found), "resultTruncated": "false", "data": list(found)}
    return Exchange.of_json(RESOURCES, {**body, **({"$skipToken": skip} if skip else {})}, method="POST")


def event(target: str, caller: str, operation: str, status: str = "Succeeded", **more: Any) -> dict[str, Any]:
    """An event, as the API's published example has it (GetActivityLogsFiltered.json)."""
    return {
        "caller": caller,
        "claims": {"http://schemas.microsoft.com/identity/claims/objectidentifier": f"{caller} object"},
        "resourceId": target,
        "operationName": {"value": operation, "localizedValue": operation},
        "status": {"value": status, "localizedValue": status},
        "correlationId": "c-2",
        "eventTimestamp": NOW.strftime("%Y-%m-%dT%H:%M:%S.1234567Z"),
        **more,
    }


def audit(activity: str, by: str, *targets: str, result: str = "success") -> dict[str, Any]:
    return {
        "activityDisplayName": activity,
        "activityDateTime": NOW.isoformat(),
        "result": result,
        "initiatedBy": {"user": {"id": f"{by} object", "userPrincipalName": by}, "app": None},
        "targetResources": [{"id": one, "type": "User"} for one in targets],
    }


@pytest.fixture
def azure() -> Iterator[FakeAzure]:
    with FakeAzure(two_pages()) as fake:
        yield fake


def live(azure: FakeAzure, record_to: Recording | None = None) -> AzureSession:
    settings = AzureSettings.from_environment(azure.environment)
    quick = replace(settings, retry=RetryPolicy(tries=1, first_wait=0.01, longest_wait=0.02, total_wait=5))
    return sessions.live(quick, environment=azure.environment, record_to=record_to)


async def ask(session: AzureSession, *changes: OpenChange) -> tuple[Asked, dict[str, Any]]:
    book = Book(list(changes))
    async with session:
        asked = await ask_who(session, book, entity_types())  # type: ignore[arg-type]
    return asked, book.stored


async def test_each_log_is_asked_once_and_what_it_tells_is_stored(azure: FakeAzure, tmp_path: Path) -> None:
    answers = [
        rows(row(VAULT.upper(), "ada@contoso.example")),
        Exchange.of_json(EVENTS, {"value": [event(ROLE, "bo@contoso.example", "x/roleAssignments/write")]}),
        Exchange.of_json(AUDITS, {"value": [audit("Delete user", "cy@contoso.example", USER.upper())]}),
    ]  # fmt: skip
    changes = change(VAULT), change(VAULT, "linked"), change(ROLE, "created"), change(USER, "deleted"), change(BO)
    azure.serve([*two_pages(), *answers])
    asked, stored = await ask(live(azure, Recording(tmp_path)), *changes)
    assert {one: told["actor"] for one, told in stored.items()} == {
        f"updated {VAULT.lower()}": "ada@contoso.example",
        f"linked {VAULT.lower()}": "ada@contoso.example",
        f"created {ROLE.lower()}": "bo@contoso.example",
        f"deleted {USER}": "cy@contoso.example",
    }
    vault = stored[f"updated {VAULT.lower()}"]
    assert (vault["client"], vault["actorType"], vault["correlationId"]) == ("Azure Portal", "User", "c-1")
    assert vault["azureTime"] == NOW
    assert (asked.told, asked.unclear, asked.unknown) == (4, 0, 1)
    assert all(one.outcome.whole for one in asked.listings)
    logs = [one for one in azure.requests if "ResourceGraph" in one or "eventtypes" in one or "auditLogs" in one]
    assert len(logs) == len(asked.listings) == 3
    # The recording of that run answers another one, whose moments are others.
    here = AzureSettings.from_environment(azure.environment)
    replayed, again = await ask(sessions.replay([tmp_path], settings=here), *changes)
    assert (again.keys(), replayed.unknown) == (stored.keys(), 1)


async def test_pages_of_resource_graph_are_read_to_their_end() -> None:
    first = rows(row(VAULT, "ada@contoso.example"), skip="2")
    second = replace(
        rows(row(VAULT, "bo@contoso.example", correlationId="c-9")),
        request_body='{"query": "q", "options": {"$top": 1000, "resultFormat": "objectArray", "$skipToken": "2"}}',
    )
    body = b'{"query": "q", "options": {"$top": 1000, "resultFormat": "objectArray"}, "subscriptions": ["x"]}'
    store = [replace(first, request_body=body), second]
    session = sessions.exchanges([*two_pages(), *store])
    session_of_real = sessions.exchanges([*two_pages(), first])
    # The same page for ever is no list: nobody is told, since the second maker may be on the next page.
    asked, stored = await ask(session_of_real, change(VAULT))
    assert stored == {}
    assert "repeats a page" in asked.listings[0].outcome.reason
    async with session:
        from loader.model import ResourceGraph

        call = ResourceGraph(query="q", permission="p", subscriptions=("y",))
        pages = [page async for page in session.pages(call, subscription=None, parent=None)]
    assert [one["changedBy"] for page in pages for one in page] == ["ada@contoso.example", "bo@contoso.example"]


@pytest.mark.parametrize(
    ("fault", "status", "quiet", "words"),
    [
        (Fault(status=403, body='{"error": {"code": "AuthorizationFailed", "message": "No."}}'), Status.FORBIDDEN,
         Quiet.OPTIONAL, "AuditLog.Read.All"),
        (Fault(status=403, body='{"error": {"code": "Authentication_RequestFromNonPremiumTenantOrB2CTenant"}}'),
         Status.UNAVAILABLE, Quiet.NOT_LICENSED, "licence"),
        (Fault(cut=True), Status.FAILED, Quiet.OPTIONAL, "connection broke"),
        (Fault(status=200, body="[1"), Status.FAILED, Quiet.OPTIONAL, "not whole"),
    ],
)  # fmt: skip
async def test_what_is_refused_or_breaks_is_an_outcome_and_no_failure(
    azure: FakeAzure, fault: Fault, status: Status, quiet: Quiet, words: str
) -> None:
    azure.serve([*two_pages(), Exchange.of_json(AUDITS, {"value": [audit("Update user", "x@contoso.example", USER)]})])
    azure.break_next("/auditLogs/directoryAudits", fault)
    asked, stored = await ask(live(azure), change(USER))
    outcome = asked.listings[0].outcome
    assert (outcome.status, outcome.quiet, outcome.accounted) == (status, quiet, True)
    assert words in outcome.reason
    assert (stored, asked.unknown) == ({}, 1)


SUBNET = f"{VAULT.replace('Microsoft.KeyVault/vaults/Shop', 'Microsoft.Network/virtualNetworks/v')}/subnets/web"
GROUP = f"/subscriptions/{SUB}/resourceGroups/Shop"
CASES = {
    "a failed event made nothing": (change(ROLE), [event(ROLE, "a", "x/write", "Failed")], None),
    "nor did one that has only begun": (change(ROLE), [event(ROLE, "a", "x/write", "Started")], None),
    "a deletion is no update": (change(ROLE), [event(ROLE, "a", "x/delete")], None),
    "an update is no deletion": (change(ROLE, "deleted"), [event(ROLE, "a", "x/write")], None),
    "two are candidates": (change(ROLE), [event(ROLE, "a", "x/write"), event(ROLE, "b", "x/write")], ["a", "b"]),
    "once by name and once by id is one": (
        change(ROLE), [event(ROLE, "a", "x/write"), event(ROLE, "a object", "x/write")], "a",
    ),
    "somebody who is not named may be another": (
        change(ROLE),
        [event(ROLE, "a", "x/write"), event(ROLE, "", "x/write", claims=None, correlationId="c-3")],
        ["a", "(not named by Azure)"],
    ),
    "but not where another event of the same names him": (
        change(ROLE), [event(ROLE, "a", "x/write"), event(ROLE, "", "x/write", claims={})], "a",
    ),
    "a part is changed with the whole": (
        change(SUBNET, kind="azure_subnet"), [event(SUBNET.rpartition("/subnets")[0], "a", "x/write")], "a",
    ),
    "but no key with its vault": (
        change(f"{VAULT}/keys/k", kind="azure_keyvault_key"), [event(VAULT, "a", "x/write")], None,
    ),
    "what lies in a group goes with it": (change(VAULT, "deleted"), [event(GROUP, "a", "x/delete")], "a"),
    "too long ago": (
        change(ROLE), [event(ROLE, "a", "x/write", eventTimestamp=(NOW - timedelta(days=2)).isoformat())], None,
    ),
    "nonsense": (change(ROLE), [{"resourceId": ROLE}, {"claims": 1}, {"eventTimestamp": []}], None),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_the_activity_log_is_taken_for_no_more_than_it_says(case: str) -> None:
    changed, events, expected = CASES[case]
    answers = [rows(), Exchange.of_json(EVENTS, {"value": events})]
    _, stored = await ask(sessions.exchanges([*two_pages(), *answers]), changed)
    told = stored.get(changed.id, {})
    assert (told.get("actor") or told.get("actorCandidates")) == expected


async def test_a_log_that_does_not_go_back_far_enough_is_not_asked() -> None:
    answers = [rows(row(VAULT, "ada@contoso.example")), Exchange.of_json(EVENTS, {"value": []})]
    asked, stored = await ask(sessions.exchanges([*two_pages(), *answers]), change(VAULT, days=20))
    assert [one.step for one in asked.listings] == ["actors.activity-log"]
    assert stored == {}


async def test_the_directory_audit_goes_back_a_month_where_it_shows_that_it_does() -> None:
    old = {**audit("Update user", "x@contoso.example", BO), "activityDateTime": (NOW - timedelta(days=10)).isoformat()}
    mine = audit("Update user", "ada@contoso.example", USER)
    changed = change(USER, days=9)
    for records, expected in (([mine], {}), ([mine, old], {changed.id})):
        answers = [Exchange.of_json(AUDITS, {"value": records})]
        _, stored = await ask(sessions.exchanges([*two_pages(), *answers]), changed)
        assert stored.keys() == set(expected)


def test_a_hostile_name_is_stored_as_the_text_it_is_and_a_secret_is_not() -> None:
    hostile = "Ulf O'Quote `); MATCH (n) DETACH DELETE n; // <b>\n"
    told = {"actor": hostile, "client": SECRET, "actorCandidates": [hostile, SECRET], "actorKey": ""}
    stored = storable({**told, "operation": "x" * 5_000})
    assert (stored["actor"], stored["actorCandidates"][0], len(stored["operation"])) == (hostile, hostile, 1_000)
    assert SECRET not in str(stored)
    assert "actorKey" not in stored
