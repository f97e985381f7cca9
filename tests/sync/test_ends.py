"""Ends of their own: gone, disabled, not offered, retired, not licensed. Quiet where nobody is at fault, never else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loader.azure.transport.wire import Exchange
from loader.model import Outcome, Quiet, Status
from loader.services import entity_types
from loader.sync.report import StepReport, believed, quiet_ends, worst
from tests.sync.test_area import ACCOUNTS, ARM, STORAGE, SUB, account, containers, load, refused, service, under

GROUPS = f"{ARM}/resourcegroups"
GONE = Outcome(Status.UNAVAILABLE, "gone", Quiet.GONE)
UNLICENSED = Outcome(Status.UNAVAILABLE, "no licence", Quiet.NOT_LICENSED)
FORBIDDEN = Outcome(Status.FORBIDDEN, "no right")


def missing(name: str, path: str, code: str = "ResourceNotFound") -> Exchange:
    return under(name, path, {"error": {"code": code, "message": "no"}}, status=404)


def listed(*names: str) -> Exchange:
    return Exchange.of_json(ACCOUNTS, {"value": [account(name) for name in names]})


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound", "NotFound"])
async def test_what_was_deleted_since_the_list_concerns_itself_only(code: str) -> None:
    loaded = await load(
        STORAGE,
        listed("here", "gone"),
        *(service("here", kind) for kind in ("blob", "file")),
        containers("here", "images"),
        *(missing("gone", f"{kind}Services/default", code) for kind in ("blob", "file")),
        missing("gone", "blobServices/default/containers", code),
    )
    unknown = {one.properties["name"]: one.unknown for one in loaded.of("azure_storage_account").records.values()}
    assert unknown["here"] == frozenset()
    assert "blobSoftDeleteEnabled" in unknown["gone"]
    for name in ("azure_storage_account.blobServices", "azure_storage_container"):
        step = loaded.steps[name]
        assert (step.status, step.quiet, step.outcome.accounted) == (Status.UNAVAILABLE, Quiet.GONE, True)
        assert "was deleted while this run was reading" in step.reason
    detail = loaded.steps["azure_storage_account.blobServices"]
    assert [key.rpartition("/")[2] for key in detail.unknown] == ["gone"]
    ended = loaded.of("azure_storage_container").outcomes
    assert {key.rpartition("/")[2]: one.settled for key, one in ended.items()} == {"here": True, "gone": False}


async def test_a_detail_that_was_refused_for_one_concerns_that_one() -> None:
    loaded = await load(
        STORAGE,
        listed("a", "b", "c"),
        *(service(name, kind) for name in "ab" for kind in ("blob", "file")),
        refused("c", "blobServices/default"),
        service("c", "file"),
        *(containers(name) for name in "abc"),
    )
    step = loaded.steps["azure_storage_account.blobServices"]
    assert (step.status, step.quiet) == (Status.FORBIDDEN, None)
    assert [key.rpartition("/")[2] for key in step.unknown] == ["c"]


@pytest.mark.parametrize(("number", "quiet"), [(3, Quiet.GONE), (4, None), (9, None)])
def test_that_all_of_many_are_gone_is_not_believed(number: int, quiet: Quiet | None) -> None:
    ended = believed({f"/{one}": GONE for one in range(number)})
    assert {one.quiet for one in ended.values()} == {quiet}
    assert {one.quiet for one in believed({**{f"/{one}": GONE for one in range(9)}, "/x": Outcome()}).values()} == {
        None,
        Quiet.GONE,
    }


def test_a_failure_never_hides_behind_what_is_nobodys_fault() -> None:
    loud = worst([GONE, UNLICENSED, FORBIDDEN, Outcome()], "vaults")
    assert (loud.status, loud.quiet) == (Status.FORBIDDEN, None)
    skipped = worst([GONE, Outcome(Status.SKIPPED, "its parents were not whole")], "vaults")
    assert (skipped.status, skipped.quiet) == (Status.SKIPPED, None)
    assert worst([GONE, Outcome()], "vaults").quiet is Quiet.GONE


@pytest.mark.parametrize("state", ["Disabled", "Deleted", "disabled"])
@pytest.mark.parametrize(("code", "status"), [("AuthorizationFailed", 403), ("NotFound", 404), ("Conflict", 409)])
async def test_a_refusal_of_a_disabled_subscription_is_nobodys_fault(state: str, code: str, status: int) -> None:
    refusal = Exchange.of_json(GROUPS, {"error": {"code": code, "message": "no"}}, status=status)
    step = (await load(["azure_resource_group"], refusal, state=state)).steps["azure_resource_group"]
    assert (step.status, step.quiet) == (Status.UNAVAILABLE, Quiet.DISABLED)
    assert f"subscription is {state.lower()}" in step.reason
    assert not step.outcome.settled, "what is stored of it stays"


@pytest.mark.parametrize(
    ("state", "status"), [("Enabled", 403), ("", 403), ("Enabled", 404), ("Disabled", 429), ("Disabled", 500)]
)
async def test_other_refusals_are_what_they_are(state: str, status: int) -> None:
    refusal = Exchange.of_json(GROUPS, {"error": {"code": "Other", "message": "no"}}, status=status)
    step = (await load(["azure_resource_group"], refusal, state=state)).steps["azure_resource_group"]
    assert step.quiet is None
    assert not step.outcome.accounted


@pytest.mark.parametrize("state", ["PastDue", "Warned"])
@pytest.mark.parametrize(("code", "status"), [("AuthorizationFailed", 403), ("InvalidAuthenticationToken", 401)])
async def test_a_subscription_that_owes_is_active_so_a_missing_right_is_one(state: str, code: str, status: int) -> None:
    refusal = Exchange.of_json(GROUPS, {"error": {"code": code, "message": "no"}}, status=status)
    step = (await load(["azure_resource_group"], refusal, state=state)).steps["azure_resource_group"]
    assert (step.status, step.quiet) == (Status.FORBIDDEN, None)


async def test_a_disabled_subscription_that_answers_is_read_as_ever() -> None:
    groups = Exchange.of_json(GROUPS, {"value": [{"id": f"{GROUPS.partition('.com')[2]}/shop", "name": "shop"}]})
    loaded = await load(["azure_resource_group"], groups, state="Disabled")
    assert loaded.steps["azure_resource_group"].status is Status.COMPLETE


async def test_a_delegated_subscription_goes_by_its_own_directory() -> None:
    """Azure Lighthouse: the resources are in another tenant's directory than the one that was signed in to."""
    loaded = await load(["azure_storage_account"], listed("web"), tenantId="their-tenant")
    (record,) = loaded.of("azure_storage_account").records.values()
    assert "#@their-tenant/" in str(record.properties["webLink"])


async def test_a_list_that_may_be_read_in_part_only_is_not_whole() -> None:
    role = {"actions": ["Microsoft.Compute/*/read"], "notActions": []}
    parts = ["azure_storage_account"]
    loaded = await load(parts, listed("web"), rights=[role])
    assert loaded.steps["azure_storage_account"].status is Status.FORBIDDEN
    assert "Microsoft.Storage/storageAccounts/read" in loaded.steps["azure_storage_account"].reason
    assert len(loaded.of("azure_storage_account").records) == 1
    assert not loaded.of("azure_storage_account").outcomes[""].settled
    whole = await load(parts, listed("web"), rights=[{"actions": ["*/read"], "notActions": []}])
    assert whole.steps["azure_storage_account"].status is Status.COMPLETE


async def test_a_subscriptions_list_that_is_not_found_was_not_deleted_meanwhile() -> None:
    missing = Exchange.of_json(
        f"{ARM}/providers/Microsoft.Security/pricings", {"error": {"code": "NotFound"}}, status=404
    )
    step = (await load(["azure_security_center_subscription_pricing"], missing)).steps[
        "azure_security_center_subscription_pricing"
    ]
    assert (step.status is Status.COMPLETE, step.quiet) == (False, None)


def test_quiet_ends_are_told_once_and_failures_are_not_among_them() -> None:
    def step(name: str, outcome: Outcome) -> StepReport:
        return StepReport(name, "x", outcome.status, outcome.reason, 0, 0, 0, quiet=outcome.quiet)

    ends = {"a": UNLICENSED, "a.more": UNLICENSED, "b": UNLICENSED, "c": GONE, "d": FORBIDDEN, "e": Outcome()}
    told = quiet_ends(step(f"azure_{name}", outcome) for name, outcome in ends.items())
    assert told == ["2 types are not licensed: azure_a, azure_b.", "1 type is deleted while it was read: azure_c."]


@pytest.mark.parametrize(
    ("status", "code", "ends"), [(404, "NotFound", Status.COMPLETE), (403, "AuthorizationFailed", Status.FORBIDDEN)]
)
async def test_what_may_not_be_set_up_is_known_to_be_absent(status: int, code: str, ends: Status) -> None:
    """Azure's 404 to a setting that nobody has made says so; a refusal does not."""
    declared = entity_types()["azure_sql_server"]
    declared = replace(declared, details=tuple(one for one in declared.details if one.name == "auditing"))
    server = {"id": f"/subscriptions/{SUB}/resourceGroups/g/providers/Microsoft.Sql/servers/db", "name": "db"}
    no = Exchange.of_json(
        f"https://management.azure.com{server['id']}/auditingSettings/default",
        {"error": {"code": code, "message": "no"}},
        status=status,
    )
    servers = Exchange.of_json(f"{ARM}/providers/Microsoft.Sql/servers", {"value": [server]})
    loaded = await load([declared], servers, no)
    (record,) = loaded.of("azure_sql_server").records.values()
    assert ("auditingEnabled" in record.unknown) is (ends is Status.FORBIDDEN)
    assert loaded.steps["azure_sql_server.auditing"].status is ends
