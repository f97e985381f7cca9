"""What a configured instance leaves out is really left out; what is stored of it stays, and is told for what it is."""

from __future__ import annotations

import pytest

from loader.azure.transport.wire import Exchange
from loader.coverage import Coverage
from loader.demo import exchanges
from loader.errors import UsageError
from loader.graph import Database
from loader.services import entity_types
from loader.sync import Summary
from loader.sync.standing import Standing, types_left_out
from tests.e2e.support import PLATFORM, PRODUCTION, SANDBOX, changes, dump, load

GROUPS = "/subscriptions/%s/resourcegroups/%s"


@pytest.fixture(scope="module")
def contoso() -> list[Exchange]:
    return exchanges(1)


def keys(database: Database, label: str = "Entity") -> set[str]:
    found = database.read(f"MATCH (n:{label}) WHERE n._stub IS NULL RETURN collect(n._key) AS keys")
    return set(found[0]["keys"])


def in_subscription(found: set[str], subscription: str) -> set[str]:
    return {key for key in found if key.startswith(f"/subscriptions/{subscription}/")}


def asked_for(summary: Summary, name: str) -> set[str]:
    """Where a type was really asked for."""
    return {step.scope for step in summary.steps if step.name == name and str(step.status) != "skipped"}


# Enough of the tenant to see it by; all of it would take minutes.
SOME = (
    *("azure_vm", "azure_keyvault_secret", "azure_storage_account", "azure_resource_group"),
    *("azure_user", "azure_user_group", "azure_role_definition"),
    # What hangs on many types, some of which are off.
    "azure_diagnostic_setting",
)
LEAVING_OUT = Standing(
    instance="contoso",
    exclude_names=("*SANDBOX*",),
    skip_types=("azure_vm", "azure_keyvault_service"),
    resource_groups=("rg-APP",),
    directory=False,
)


def test_a_graph_keeps_what_is_left_out_later(database: Database, contoso: list[Exchange]) -> None:
    load(database, contoso, only=SOME)
    whole = dump(database)
    summary = load(database, contoso, only=SOME, standing=LEAVING_OUT)
    assert summary.status == "complete", summary.notes
    assert dump(database) == whole, "leaving out is no deletion"
    assert changes(database) == []
    assert {step.scope for step in summary.steps if step.name == "azure_storage_account"} == {PRODUCTION, PLATFORM}
    assert asked_for(summary, "azure_vm") == set()
    assert asked_for(summary, "azure_keyvault_secret") == set(), "what belongs to a type that is off is off"
    assert asked_for(summary, "azure_user") == set()
    assert asked_for(summary, "azure_subscription") == {"tenant"}
    coverage = Coverage.read(database, ["azure_vm", "azure_storage_account", "azure_user"])
    told = {gap.sentence for gap in coverage.gaps(["azure_vm"], PRODUCTION)}
    assert len(told) == 1
    assert "off in the configuration of instance contoso (types.skip)" in told.pop()
    assert "leaves it out (subscriptions.exclude.names" in coverage.gaps(["azure_storage_account"], SANDBOX)[0].sentence
    assert not coverage.gaps(["azure_storage_account"], PRODUCTION)
    assert not coverage.gaps(["azure_user"], ""), "another instance loads the directory of this tenant"

    back = load(database, contoso, only=SOME)
    assert back.status == "complete"
    assert dump(database) == whole
    assert changes(database) == []
    assert not Coverage.read(database, ["azure_vm"]).gaps(["azure_vm"], SANDBOX)


def test_an_empty_graph_gets_none_of_what_is_left_out(database: Database, contoso: list[Exchange]) -> None:
    summary = load(database, contoso, only=SOME, standing=LEAVING_OUT, account_name_tag="contoso")
    assert summary.status == "complete", summary.notes
    found = keys(database)
    assert in_subscription(found, PRODUCTION)
    assert not in_subscription(found, SANDBOX)
    assert not {key for key in found if key.startswith(GROUPS % (PRODUCTION, "rg-app"))}
    for name in ("azure_vm", "azure_keyvault_service", "azure_user", "azure_user_group"):
        assert not keys(database, name), name
    assert f"/subscriptions/{SANDBOX}" in found, "it is known that there is one"
    untagged = "MATCH (n:Entity) WHERE n._stub IS NULL AND n.`tag.AccountName` IS NULL RETURN collect(n._type) AS types"
    assert set(database.read(untagged)[0]["types"]) <= {"internet", "azure_service_tag", "ip_range"}
    assert "1 subscription is left out by the configuration: Contoso Sandbox." in summary.notes
    # What is found first once a type is on is no change.
    load(database, contoso, only=SOME, standing=Standing(instance="contoso", exclude_names=("*sandbox*",)))
    assert keys(database, "azure_vm")
    told = database.read("MATCH (c:Change) WHERE c.op = 'created' RETURN collect(DISTINCT c.entityType) AS types")
    assert not {"azure_vm", "azure_keyvault_service"} & set(told[0]["types"])


@pytest.mark.parametrize(
    ("standing", "loaded"),
    [
        (Standing(include=("Contoso Production", SANDBOX)), {PRODUCTION, SANDBOX}),
        (Standing(exclude_ids=(SANDBOX.upper(),)), {PRODUCTION, PLATFORM}),
        (Standing(exclude_tags={"ENVIRONMENT": "sandbox"}), {PRODUCTION, PLATFORM}),
        (Standing(under=("mg-platform",)), {PLATFORM}),
        (Standing(exclude_under=("mg-platform",)), {PRODUCTION, SANDBOX}),
        (Standing(include=("Contoso Production",), under=("mg-platform",), exclude_names=("*Plat*",)), {PRODUCTION}),
    ],
)
async def test_subscriptions(contoso: list[Exchange], standing: Standing, loaded: set[str]) -> None:
    from loader.azure import sessions
    from loader.sync.standing import subscriptions

    async with sessions.exchanges(contoso) as session:
        listed = [
            # Tags that are none belong to nobody.
            {**one, "tags": {"Environment": "sandbox"} if one["subscriptionId"] == SANDBOX else ["sandbox"]}
            for one in session.subscriptions()
        ]
        found = await subscriptions(session, listed, standing)
        assert {one["subscriptionId"] for one in found.loaded} == loaded
        assert set(found.left_out) == {PRODUCTION, PLATFORM, SANDBOX} - loaded
        with pytest.raises(UsageError, match="no management group 'nowhere'"):
            await subscriptions(session, listed, Standing(under=("nowhere",)))
        with pytest.raises(UsageError, match="leaves out every visible subscription"):
            await subscriptions(session, listed, Standing(exclude_names=("*",)))
        lacking = await subscriptions(session, listed, Standing(include=(PLATFORM, "Gone")))
        assert "No subscription 'Gone'" in lacking.missing[0]


def test_types() -> None:
    known = entity_types()
    off = types_left_out(known, Standing(skip_types=("azure_subscription", "azure_vnet")))
    assert "azure_subscription" not in off
    assert "azure_subnet" in off
    off = types_left_out(known, Standing(only_types=("azure_keyvault_secret",)))
    assert not {"azure_subscription", "azure_keyvault_service", "azure_keyvault_secret"} & off.keys()
    assert "azure_vm" in off
    off = types_left_out(known, Standing(directory=False))
    assert {"azure_user", "azure_user_group", "azure_application"} <= off.keys()
    assert not {"azure_vm", "azure_management_group", "azure_role_assignment", "azure_location"} & off.keys()


def test_another_tenant_is_refused(database: Database, contoso: list[Exchange]) -> None:
    with pytest.raises(UsageError, match="the sign-in is of tenant"):
        load(
            database, contoso, only=SOME, standing=Standing(instance="x", tenant="7c9f0a52-1111-4222-8333-444455556666")
        )


def test_an_instance_leaves_the_subscriptions_of_another_alone(database: Database, contoso: list[Exchange]) -> None:
    """Two identities of one tenant see different subscriptions, and neither takes the other's for gone."""
    import json
    from dataclasses import replace

    def without_sandbox(one: Exchange) -> Exchange:
        if not one.url.split("?")[0].endswith("management.azure.com/subscriptions"):
            return one
        body = json.loads(one.body)
        body["value"] = [each for each in body["value"] if each["subscriptionId"] != SANDBOX]
        return replace(one, body=json.dumps(body))

    load(database, contoso, only=SOME)
    before = keys(database)
    fewer = [without_sandbox(one) for one in contoso if SANDBOX not in one.url]
    summary = load(database, fewer, only=SOME, standing=Standing(instance="b", directory=False, shares_tenant=True))
    assert summary.status == "complete", summary.notes
    assert keys(database) == before
