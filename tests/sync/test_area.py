"""How steps end and what they leave to write: through the real SDK clients, with answers in wire format."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from loader.azure import sessions
from loader.azure.transport.wire import Exchange
from loader.model import EntityType, Json, Outcome, Record, Status
from loader.services import entity_types
from loader.sync.area import AreaSync
from loader.sync.freshness import Fresh
from loader.sync.plan import Plan
from loader.sync.report import StepReport
from loader.sync.sink import SharedSinks
from loader.sync.sweep import INVENTORY, Sweep

SUB = "c0ffee00-0000-4000-8000-000000000001"
ARM = f"https://management.azure.com/subscriptions/{SUB}"
ACCOUNTS = f"{ARM}/providers/Microsoft.Storage/storageAccounts"
STORAGE = ("azure_storage_account", "azure_storage_container", "azure_subscription")


@dataclass
class Written:
    """What reached the graph's door for one step in one area."""

    records: dict[str, Record] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    parents_whole: bool | None = None
    unread: Mapping[str, Collection[str]] = field(default_factory=dict)

    def write(self, scope: str, records: list[Record]) -> None:
        self.records.update({record.key: record for record in records})

    def stored_in(self, scope: str) -> int:
        return 0

    def finish(
        self, outcomes: Mapping[str, Outcome], *, parents_whole: bool, unread: Mapping[str, Collection[str]]
    ) -> None:
        self.outcomes, self.parents_whole, self.unread = dict(outcomes), parents_whole, dict(unread)


class Loaded:
    """One subscription loaded from exchanges: what was written of each type, how each step ended."""

    def __init__(self) -> None:
        self.written: dict[tuple[str, str], Written] = {}
        self.steps: dict[str, StepReport] = {}
        self.area: Callable[[], AreaSync | None] = lambda: None

    def open(self, name: str, area: str) -> Written:
        return self.written.setdefault((name, area), Written())

    def of(self, name: str, area: str = SUB) -> Written:
        return self.written[name, area]


async def load(
    types: Iterable[str | EntityType],
    *exchanges: Exchange,
    rights: list[Json] | None = None,
    sweep: Sweep | None = None,
    fresh: Fresh | None = None,
    **subscription: str,
) -> Loaded:
    """types: their names, or declarations. subscription: what else its wire answer says."""
    loaded = Loaded()

    async def report(step: StepReport) -> None:
        loaded.steps[step.name] = step

    declared = [entity_types()[one] if isinstance(one, str) else one for one in types]
    plan = Plan({one.type: one for one in declared})
    async with sessions.exchanges(exchanges) as session:
        shared = SharedSinks(loaded.open)
        area = AreaSync(
            plan=plan,
            session=session,
            area=SUB,
            open_writer=loaded.open,
            report=report,
            shared=shared,
            subscription={
                "id": f"/subscriptions/{SUB}",
                "subscriptionId": SUB,
                "@key": f"/subscriptions/{SUB}",
                **subscription,
            },
            rights=rights,
            sweep=sweep,
            fresh=fresh,
        )
        loaded.area = weakref.ref(area)
        outcomes = await area.load(plan.subscription)
        await shared.finish(outcomes)
    return loaded


def account(name: str) -> dict:
    group = f"/subscriptions/{SUB}/resourceGroups/shop"
    return {
        "id": f"{group}/providers/Microsoft.Storage/storageAccounts/{name}",
        "name": name,
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {},
    }


def under(name: str, path: str, answer: dict, status: int = 200) -> Exchange:
    url = f"{ARM}/resourceGroups/shop/providers/Microsoft.Storage/storageAccounts/{name}/{path}"
    return Exchange.of_json(url, answer, status=status)


def service(name: str, kind: str, **properties: object) -> Exchange:
    return under(name, f"{kind}Services/default", {"name": "default", "properties": properties})


def containers(account_name: str, *names: str) -> Exchange:
    prefix = f"{account(account_name)['id']}/blobServices/default/containers"
    value = [{"id": f"{prefix}/{name}", "name": name, "properties": {}} for name in names]
    return under(account_name, "blobServices/default/containers", {"value": value})


def refused(name: str, path: str) -> Exchange:
    return under(name, path, {"error": {"code": "AuthorizationFailed", "message": "no"}}, status=403)


async def test_one_parents_refusal_costs_only_its_own_children():
    loaded = await load(
        STORAGE,
        Exchange.of_json(ACCOUNTS, {"value": [account("open"), account("closed")]}),
        *(service(name, kind) for name in ("open", "closed") for kind in ("blob", "file")),
        containers("open", "images"),
        refused("closed", "blobServices/default/containers"),
    )
    containers_step = loaded.of("azure_storage_container")
    assert [record.properties["name"] for record in containers_step.records.values()] == ["images"]
    by_name = {key.rsplit("/", 1)[1]: outcome.status for key, outcome in containers_step.outcomes.items()}
    assert by_name == {"open": Status.COMPLETE, "closed": Status.FORBIDDEN}
    assert containers_step.parents_whole
    step = loaded.steps["azure_storage_container"]
    assert step.status is Status.FORBIDDEN
    assert "1 of 2" in step.reason
    assert "Microsoft.Storage/storageAccounts/blobServices/containers/read" in step.reason


async def test_a_refused_detail_leaves_its_properties_unknown():
    loaded = await load(
        STORAGE,
        Exchange.of_json(ACCOUNTS, {"value": [account("web")]}),
        refused("web", "blobServices/default"),
        service("web", "file"),
        containers("web"),
    )
    (record,) = loaded.of("azure_storage_account").records.values()
    assert "blobSoftDeleteEnabled" in record.unknown
    assert loaded.steps["azure_storage_account"].status is Status.COMPLETE
    assert loaded.steps["azure_storage_account.blobServices"].status is Status.FORBIDDEN
    assert loaded.steps["azure_storage_account.fileServices"].status is Status.COMPLETE


async def test_children_of_a_list_that_was_refused_are_skipped_not_gone():
    loaded = await load(
        STORAGE, Exchange.of_json(ACCOUNTS, {"error": {"code": "AuthorizationFailed", "message": "no"}}, status=403)
    )
    assert loaded.steps["azure_storage_account"].status is Status.FORBIDDEN
    assert loaded.steps["azure_storage_container"].status is Status.SKIPPED
    assert loaded.of("azure_storage_container").parents_whole is False


async def test_what_a_cut_list_did_give_is_written_but_the_scope_is_not_whole():
    loaded = await load(
        STORAGE,
        Exchange.of_json(ACCOUNTS, {"value": [account("first")], "nextLink": f"{ACCOUNTS}?$skiptoken=2"}),
        *(service("first", kind) for kind in ("blob", "file")),
        containers("first"),
    )
    step = loaded.of("azure_storage_account")
    assert len(step.records) == 1
    assert step.outcomes[""].status is Status.UNAVAILABLE
    assert loaded.of("azure_storage_container").parents_whole is False


async def test_parts_of_an_answer_end_as_their_whole_does():
    vnets = f"{ARM}/providers/Microsoft.Network/virtualNetworks"
    vnet_id = f"/subscriptions/{SUB}/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/hub"
    subnet = {"id": f"{vnet_id}/subnets/web", "name": "web", "properties": {"addressPrefix": "10.0.0.0/24"}}
    vnet = {"id": vnet_id, "name": "hub", "properties": {"subnets": [subnet]}}
    types = ("azure_vnet", "azure_subnet")
    whole = await load(types, Exchange.of_json(vnets, {"value": [vnet]}))
    assert [record.properties["name"] for record in whole.of("azure_subnet").records.values()] == ["web"]
    assert whole.of("azure_subnet").outcomes == {"": Outcome()}
    cut = await load(types, Exchange.of_json(vnets, {"value": [vnet], "nextLink": f"{vnets}?$skiptoken=2"}))
    assert len(cut.of("azure_subnet").records) == 1
    assert cut.of("azure_subnet").outcomes[""].status is Status.UNAVAILABLE
    assert cut.steps["azure_subnet"].status is Status.UNAVAILABLE


async def test_what_no_subscription_owns_is_shared():
    built_in = {
        "id": f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7",
        "name": "acdd72a7",
        "properties": {"roleName": "Reader", "type": "BuiltInRole", "assignableScopes": ["/"], "permissions": []},
    }
    roles = f"{ARM}/providers/Microsoft.Authorization/roleDefinitions"
    loaded = await load(
        ("azure_subscription", "azure_role_definition"), Exchange.of_json(roles, {"value": [built_in, built_in]})
    )
    shared = loaded.of("azure_role_definition", "shared")
    assert list(shared.records) == ["/providers/microsoft.authorization/roledefinitions/acdd72a7"]
    assert loaded.of("azure_role_definition").records == {}


def test_types_that_wait_for_each_other_are_a_mistake_in_the_declarations():
    from dataclasses import replace

    from loader.sync.step import parents_first

    account_type, container = (entity_types()[name] for name in STORAGE[:2])
    circular = replace(account_type, fetch=replace(account_type.fetch, parent=container.type))
    with pytest.raises(ValueError, match="circle"):
        parents_first([circular, container])


async def test_a_step_for_several_types_is_whole_for_those_whose_lists_are():
    vaults = f"{ARM}/providers/Microsoft.KeyVault/vaults"
    settings = f"{ARM}/providers/Microsoft.Insights/diagnosticSettings"
    loaded = await load(
        ("azure_subscription", "azure_keyvault_service", "azure_diagnostic_setting"),
        Exchange.of_json(vaults, {"error": {"code": "AuthorizationFailed", "message": "no"}}, status=403),
        Exchange.of_json(
            settings,
            {
                "value": [
                    {
                        "id": f"/subscriptions/{SUB}/providers/Microsoft.Insights/diagnosticSettings/all",
                        "name": "all",
                        "properties": {},
                    }
                ]
            },
        ),
    )
    step = loaded.steps["azure_diagnostic_setting"]
    assert step.status is Status.COMPLETE
    assert "azure_keyvault_service" in step.incomplete_parents
    assert "azure_sql_server" in step.incomplete_parents, "nor is what belongs to types that nobody looked for whole"
    assert "azure_keyvault_service" in step.reason
    assert loaded.of("azure_diagnostic_setting").parents_whole is False


async def test_what_is_asked_for_each_part_of_a_parent_is_the_parents():
    """The logs of a storage account's services: one refusal leaves those of this account as they are stored."""
    settings = "providers/Microsoft.Insights/diagnosticSettings"

    def setting(name: str, kind: str) -> dict:
        place = f"{account(name)['id']}/{kind}Services/default/{settings}/audit"
        return {"id": place, "name": "audit", "properties": {"logs": []}}

    def listed(name: str, kind: str) -> Exchange:
        return under(name, f"{kind}Services/default/{settings}", {"value": [setting(name, kind)]})

    loaded = await load(
        ("azure_storage_account", "azure_storage_diagnostic_setting"),
        Exchange.of_json(ACCOUNTS, {"value": [account("open"), account("closed")]}),
        *(service(name, kind) for name in ("open", "closed") for kind in ("blob", "file")),
        *(listed("open", kind) for kind in ("blob", "queue", "table")),
        *(listed("closed", kind) for kind in ("blob", "queue")),
        refused("closed", f"tableServices/default/{settings}"),
    )
    written = loaded.of("azure_storage_diagnostic_setting")
    assert len(written.records) == 5
    by_name = {key.rsplit("/", 1)[1]: outcome.status for key, outcome in written.outcomes.items()}
    assert by_name == {"open": Status.COMPLETE, "closed": Status.FORBIDDEN}
    assert loaded.steps["azure_storage_diagnostic_setting"].calls == 6


async def test_what_was_read_of_an_area_does_not_wait_for_python_to_look_for_circles() -> None:
    """Whatever becomes of a call: answered, refused, not to be had."""
    listed = Exchange.of_json(ACCOUNTS, {"value": [account("one")]})
    told = listed, containers("one", "web"), refused("one", "blobServices/default")
    gc.disable()
    try:
        loaded = await load((*STORAGE, INVENTORY), *told, rights=[], sweep=Sweep({}))
        assert loaded.of("azure_storage_container").records
        assert loaded.steps["azure_storage_account.blobServices"].status is not Status.COMPLETE
        assert loaded.area() is None
    finally:
        gc.enable()
