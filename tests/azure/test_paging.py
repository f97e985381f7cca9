"""Every list is read to its end, through SDK packages old and new, and nothing of the wire JSON is lost on the way."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from loader.azure import paging, sessions
from loader.azure.answers import Answer, Reading
from loader.azure.credential import ReplayCredential
from loader.azure.errors import AzureError
from loader.azure.graph import GraphRunner
from loader.azure.resource_graph import ResourceGraphRunner
from loader.azure.session import AzureSession
from loader.azure.transport.replay import ReplaySender, ReplayStore
from loader.azure.transport.wire import Exchange, WireAnswer, WireRequest
from loader.model import Arm, At, Graph, Json, ResourceGraph, Segment, Status, Vault
from tests.azure.contoso import ARM, GRAPH, LIST_USERS, LIST_VNETS, SUB, VNETS, arm, names, two_pages, vnet

SUBSCRIPTION = f"/subscriptions/{SUB}"
IN_SUB = f"{ARM}{SUBSCRIPTION}/providers"

# One list of every package in use: its client, the operation, its URL.
LISTS = [
    ("azure.mgmt.network.aio:NetworkManagementClient", "virtual_networks.list_all",
     f"{IN_SUB}/Microsoft.Network/virtualNetworks"),
    ("azure.mgmt.sql.aio:SqlManagementClient", "servers.list",
     f"{IN_SUB}/Microsoft.Sql/servers"),
    ("azure.mgmt.compute.aio:ComputeManagementClient", "disks.list",
     f"{IN_SUB}/Microsoft.Compute/disks"),
    ("azure.mgmt.storage.aio:StorageManagementClient", "storage_accounts.list",
     f"{IN_SUB}/Microsoft.Storage/storageAccounts"),
    ("azure.mgmt.keyvault.aio:KeyVaultManagementClient", "vaults.list_by_subscription",
     f"{IN_SUB}/Microsoft.KeyVault/vaults"),
    ("azure.mgmt.monitor.aio:MonitorManagementClient", "activity_log_alerts.list_by_subscription_id",
     f"{IN_SUB}/Microsoft.Insights/activityLogAlerts"),
    ("azure.mgmt.security.aio:SecurityCenter", "auto_provisioning_settings.list",
     f"{IN_SUB}/Microsoft.Security/autoProvisioningSettings"),
    ("azure.mgmt.authorization.aio:AuthorizationManagementClient", "role_assignments.list_for_subscription",
     f"{IN_SUB}/Microsoft.Authorization/roleAssignments"),
    ("azure.mgmt.resource.resources.aio:ResourceManagementClient", "resource_groups.list",
     f"{ARM}{SUBSCRIPTION}/resourcegroups"),
    ("azure.mgmt.resource.locks.aio:ManagementLockClient", "management_locks.list_at_subscription_level",
     f"{IN_SUB}/Microsoft.Authorization/locks"),
    ("azure.mgmt.managementgroups.aio:ManagementGroupsMgmtClient", "management_groups.list",
     f"{ARM}/providers/Microsoft.Management/managementGroups"),
    ("azure.mgmt.resource.subscriptions.aio:SubscriptionClient", "subscriptions.list",
     f"{ARM}/subscriptions"),
]  # fmt: skip


def paged(url: str, link: str = "nextLink") -> list[Exchange]:
    """Two pages whose items have a property that no SDK model knows."""

    def item(name: str) -> Json:
        return {"id": f"/x/{name}", "name": name, "properties": {"notInAnySdk": {"deep": [1]}}, "alsoNot": None}

    return [
        Exchange.of_json(url, {"value": [item("one")], link: f"{url}?$skiptoken=2"}),
        Exchange.of_json(f"{url}?$skiptoken=2", {"value": [item("two")], link: None}),
    ]


async def collect(session: Any, call: Any, parent: Json | None = None) -> list[Json]:
    return [item async for page in session.pages(call, subscription=SUB, parent=parent) for item in page]


@pytest.mark.parametrize(("client", "operation", "url"), LISTS, ids=[one[0].split(".aio")[0] for one in LISTS])
async def test_every_package_gives_whole_wire_json_of_all_pages(client: str, operation: str, url: str) -> None:
    async with sessions.exchanges(paged(url)) as session:
        items = await collect(session, arm(client, operation))
    assert [item["name"] for item in items] == ["one", "two"]
    assert all(item["properties"] == {"notInAnySdk": {"deep": [1]}} and "alsoNot" in item for item in items)


async def test_subscriptions_that_are_read_side_by_side_keep_to_their_own_addresses() -> None:
    """They share the SDK's client; an id with what has a meaning in addresses stays one segment."""
    names = [SUB, "c0705000-0000-4000-8000-0000000000aa", "odd/../id?x"]
    urls = [f"{ARM}/subscriptions/{quote(one, safe='')}/providers/Microsoft.Network/virtualNetworks" for one in names]
    pages = [
        Exchange.of_json(url, {"value": [vnet(f"of {number}")], "nextLink": f"{url}?$skiptoken=2"})
        for number, url in enumerate(urls)
    ]
    last = [
        Exchange.of_json(f"{url}?$skiptoken=2", {"value": [vnet(f"and {number}")]}) for number, url in enumerate(urls)
    ]

    async with sessions.exchanges([*pages, *last]) as session:

        async def read(subscription: str) -> list[str]:
            return [
                one["name"]
                async for page in session.pages(LIST_VNETS, subscription=subscription, parent=None)
                for one in page
            ]

        found = await asyncio.gather(*map(read, names))
        made = [one for one in session._arm._clients if "NetworkManagementClient" in one[0]]
    assert found == [[f"of {number}", f"and {number}"] for number in range(3)]
    assert len(made) == 1


@pytest.mark.parametrize("kind", ["keys", "secrets"])
async def test_key_vault_lists_give_wire_json(kind: str) -> None:
    vault = "https://contoso.vault.azure.net"
    client = {"keys": "azure.keyvault.keys.aio:KeyClient", "secrets": "azure.keyvault.secrets.aio:SecretClient"}[kind]
    id_name = {"keys": "kid", "secrets": "id"}[kind]
    second = f"{vault}/{kind}?$skiptoken=2"
    recorded = [
        Exchange.of_json(f"{vault}/{kind}", {"value": [{id_name: f"{vault}/{kind}/a"}], "nextLink": second}),
        Exchange.of_json(second, {"value": [{id_name: f"{vault}/{kind}/b"}], "nextLink": None}),
    ]
    call = Vault(
        client=client,
        operation=f"list_properties_of_{kind}",
        endpoint=At("properties.vaultUri"),
        permission="Key Vault Reader",
        parent="azure_keyvault_service",
    )
    async with sessions.exchanges(recorded) as session:
        items = await collect(session, call, {"properties": {"vaultUri": f"{vault}/"}})
    assert [item[id_name][-1] for item in items] == ["a", "b"]


async def test_single_answers_are_one_page_of_one_item() -> None:
    server = f"/subscriptions/{SUB}/resourceGroups/shop/providers/Microsoft.Sql/servers/till"
    recorded = [
        Exchange.of_json(f"{ARM}{server}/encryptionProtector/current", {"name": "current", "kind": "servicemanaged"})
    ]
    call = arm(
        "azure.mgmt.sql.aio:SqlManagementClient",
        "encryption_protectors.get",
        args=(Segment("resourcegroups"), Segment("SERVERS"), "current"),
        parent="azure_sql_server",
        one=True,
    )
    async with sessions.exchanges(recorded) as session:
        assert [item["kind"] for item in await collect(session, call, {"id": server})] == ["servicemanaged"]
        with pytest.raises(AzureError, match="no segment"):
            await collect(session, call, {"id": "/subscriptions/x"})


async def test_a_plain_answer_that_holds_a_list_is_read_to_its_end() -> None:
    # The SDK gives pricings as one object without paging; a next link in it must not be lost.
    url = f"{ARM}{SUBSCRIPTION}/providers/Microsoft.Security/pricings"
    call = arm("azure.mgmt.security.aio:SecurityCenter", "pricings.list", args=(At("id"),))
    async with sessions.exchanges(paged(url)) as session:
        assert len(await collect(session, call, {"id": SUBSCRIPTION})) == 2


async def test_shapes_that_the_sdk_cannot_read_survive() -> None:
    strange = vnet("odd", addressSpace="not an object", enableDdosProtection={"was": "a boolean"})
    alert = {"name": "odd", "properties": {"enabled": {"not": "a boolean"}, "scopes": "not a list", "actions": 7}}
    alerts = f"{IN_SUB}/Microsoft.Insights/activityLogAlerts"
    recorded = [
        Exchange.of_json(VNETS, {"value": [strange]}),
        Exchange.of_json(alerts, {"value": [alert], "nextLink": f"{alerts}?$skiptoken=2"}),
        Exchange.of_json(f"{alerts}?$skiptoken=2", {"value": [{**alert, "name": "odder"}]}),
    ]
    async with sessions.exchanges(recorded) as session:
        assert await collect(session, LIST_VNETS) == [strange]
        call = arm("azure.mgmt.monitor.aio:MonitorManagementClient", "activity_log_alerts.list_by_subscription_id")
        assert await collect(session, call) == [alert, {**alert, "name": "odder"}]


async def test_empty_pages_in_between_do_not_end_a_list() -> None:
    async with sessions.exchanges(two_pages()) as session:
        assert await names(session) == [["one"], [], ["two"]]


@pytest.mark.parametrize("ending", [{}, {"nextLink": None}, {"nextLink": ""}], ids=["absent", "null", "empty"])
async def test_the_ways_a_list_ends(ending: Json) -> None:
    async with sessions.exchanges([Exchange.of_json(VNETS, {"value": [], **ending})]) as session:
        assert await names(session) == [[]]


@pytest.mark.parametrize("name", ["NextLink", "nextlink", "@odata.NextLink"])
async def test_a_next_link_is_known_in_any_casing(name: str) -> None:
    pages = {"": {"value": [vnet("one")], name: f"{VNETS}?p=2"}, "?p=2": {"value": [vnet("two")]}}
    async with sessions.exchanges([Exchange.of_json(f"{VNETS}{at}", page) for at, page in pages.items()]) as session:
        assert await names(session) == [["one"], ["two"]]


@pytest.mark.parametrize(
    ("call", "url", "link"),
    [(LIST_VNETS, VNETS, "nextLink"), (LIST_USERS, f"{GRAPH}/users", "@odata.nextLink")],
    ids=["arm", "graph"],
)
async def test_a_repeated_page_fails_and_does_not_loop(call: Arm | Graph, url: str, link: str) -> None:
    recorded = [
        Exchange.of_json(url, {"value": [], link: f"{url}?$skiptoken=a"}),
        Exchange.of_json(f"{url}?$skiptoken=a", {"value": [], link: f"{url}?$skiptoken=a"}),
    ]
    async with sessions.exchanges(recorded) as session:
        with pytest.raises(AzureError, match="repeats a page") as caught:
            await names(session, call)
        assert caught.value.status is Status.FAILED
        assert session.calls <= 4


@pytest.mark.parametrize(
    ("call", "url", "link"),
    [(LIST_VNETS, VNETS, "nextLink"), (LIST_USERS, f"{GRAPH}/users", "@odata.nextLink")],
    ids=["arm", "graph"],
)
async def test_next_links_to_other_hosts_get_no_token(call: Arm | Graph, url: str, link: str) -> None:
    elsewhere = "https://collect.example.com/page2"
    recorded = [Exchange.of_json(url, {"value": [], link: elsewhere}), Exchange.of_json(elsewhere, {"value": []})]
    async with sessions.exchanges(recorded) as session:
        with pytest.raises(AzureError, match="another host"):
            await names(session, call)


# A session reads the subscriptions itself when it is opened.
OTHERS = LISTS[:-1]


@pytest.mark.parametrize(("client", "operation", "url"), OTHERS, ids=[one[0].split(".aio")[0] for one in OTHERS])
async def test_a_link_that_the_sdk_rewrites_is_known_again(client: str, operation: str, url: str) -> None:
    """Most packages send another version and other escapes, so that what was sent never is the link."""
    link = f"{url}?api-version=1999-01-01&%24skiptoken=a%2Fb"
    recorded = [
        Exchange.of_json(url, {"value": [vnet("one")], "nextLink": link}),
        Exchange.of_json(link, {"value": [vnet("again")], "nextLink": link}),
    ]
    seen: list[str] = []

    async def read(session: AzureSession) -> None:
        async for page in session.pages(arm(client, operation), subscription=SUB, parent=None):
            seen.extend(item["name"] for item in page)
            assert len(seen) < 5, "the list has no end"

    async with sessions.exchanges(recorded) as session:
        with pytest.raises(AzureError, match="repeats a page") as caught:
            await read(session)
    assert caught.value.status is Status.FAILED
    assert seen == ["one", "again"]


class _Rows:
    """Azure Resource Graph, as far as it pages: each question gets the next answer, and the last one for ever."""

    def __init__(self, *bodies: Json) -> None:
        self._bodies, self.asked = bodies, 0

    async def send(self, request: WireRequest, call: object) -> Answer:
        body = self._bodies[min(self.asked, len(self._bodies) - 1)]
        self.asked += 1
        return Answer(request.url, 200, {name: str(value).format(self.asked) if name == "$skipToken" else value
                                         for name, value in body.items()})  # fmt: skip


async def rows_of(azure: _Rows) -> list[Json]:
    found: list[Json] = []
    reading = Reading("Azure Resource Graph", one=False)
    question = ResourceGraph(query="resources", permission="Reader")
    async for answer in ResourceGraphRunner(azure.send, ARM).answers(question):
        found += reading.take(answer)
        assert azure.asked < 2 * paging.MANY_EMPTY_PAGES, "the rows have no end"
    return found


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "error": {"code": "Partial", "message": "One cluster did not answer."}},
        {"data": [], "code": "Partial", "message": "One cluster did not answer."},
    ],
    ids=["an error", "a bare error"],
)
async def test_an_error_beside_no_rows_is_no_empty_answer(body: Json) -> None:
    with pytest.raises(AzureError, match="One cluster did not answer") as caught:
        await rows_of(_Rows(body))
    assert caught.value.status is Status.FAILED


async def test_ever_new_pages_without_rows_fail() -> None:
    azure = _Rows({"data": [{"id": "one"}], "$skipToken": "{}"}, {"data": [], "$skipToken": "{}"})
    with pytest.raises(AzureError, match="empty pages in a row"):
        await rows_of(azure)
    assert azure.asked == paging.MANY_EMPTY_PAGES + 1
    some = _Rows({"data": [], "$skipToken": "{}"}, {"data": [], "$skipToken": "{}"}, {"data": [{"id": "one"}]})
    assert await rows_of(some) == [{"id": "one"}]


async def test_ever_new_empty_pages_fail() -> None:
    many = paging.MANY_EMPTY_PAGES + 10
    recorded = [
        Exchange.of_json(
            f"{VNETS}?$skiptoken={n}" if n else VNETS, {"value": [], "nextLink": f"{VNETS}?$skiptoken={n + 1}"}
        )
        for n in range(many)
    ]
    async with sessions.exchanges(recorded) as session:
        with pytest.raises(AzureError, match="empty pages in a row"):
            await names(session)


async def test_graph_builders_take_their_arguments_and_options() -> None:
    members = f"{GRAPH}/groups/g-1/members"
    recorded = paged(members, "@odata.nextLink")
    call = Graph(
        builder="groups.by_group_id.members",
        args=(At("id"),),
        select=("id", "name"),
        permission="x",
        parent="azure_user_group",
    )
    async with sessions.exchanges(recorded) as session:
        items = await collect(session, call, {"id": "g-1"})
        assert [item["name"] for item in items] == ["one", "two"]
        assert items[0]["properties"] == {"notInAnySdk": {"deep": [1]}}
        with pytest.raises(AzureError, match="takes no filter"):
            await collect(session, Graph(builder="policies.authorization_policy", filter="x", permission="y"))


async def test_graph_objects_are_one_item() -> None:
    recorded = [
        Exchange.of_json(f"{GRAPH}/policies/authorizationPolicy", {"id": "authorizationPolicy", "guestUserRoleId": "x"})
    ]
    async with sessions.exchanges(recorded) as session:
        items = await collect(
            session, Graph(builder="policies.authorization_policy", permission="Policy.Read.All", one=True)
        )
    assert [item["guestUserRoleId"] for item in items] == ["x"]


async def test_arguments_name_the_tenant_and_the_subscription_without_a_parent() -> None:
    recorded = [
        Exchange.of_json(f"{ARM}/subscriptions/{SUB}", {"subscriptionId": SUB, "tenantId": "T-1"}),
        Exchange.of_json(f"{ARM}/providers/Microsoft.Management/managementGroups/t-1", {"name": "root"}),
        Exchange.of_json(f"{ARM}/subscriptions/{SUB}/locations", {"value": [{"name": "westeurope"}]}),
    ]
    root = arm(
        "azure.mgmt.managementgroups.aio:ManagementGroupsMgmtClient",
        "management_groups.get",
        args=(At("@tenant"),),
        tenant=True,
        one=True,
    )
    locations = arm(
        "azure.mgmt.resource.subscriptions.aio:SubscriptionClient",
        "subscriptions.list_locations",
        args=(At("@subscription"),),
    )
    async with sessions.exchanges(recorded) as session:
        assert await names(session, root) == [["root"]]
        assert await names(session, locations) == [["westeurope"]]


async def test_an_advanced_query_says_so_on_every_page() -> None:
    """https://learn.microsoft.com/graph/aad-advanced-queries: the header and `$count`."""
    members = f"{GRAPH}/groups/g-1/members/graph.servicePrincipal"
    asked: list[WireRequest] = []

    class Listening(ReplaySender):
        async def send(self, request: WireRequest) -> WireAnswer:
            asked.append(request)
            return await super().send(request)

    call = Graph(
        builder="groups.by_group_id.members.graph_service_principal",
        args=(At("id"),),
        permission="x",
        parent="azure_user_group",
        advanced=True,
    )
    sender = Listening(ReplayStore(paged(members, "@odata.nextLink")))
    runner = GraphRunner(sender, ReplayCredential(), "https://graph.microsoft.com")
    pages = [answer.body["value"] async for answer in runner.answers(call, {"id": "g-1"})]
    assert [item["name"] for page in pages for item in page] == ["one", "two"]
    assert len(asked) == 2
    sent = [{name.lower(): value for name, value in one.headers.items()} for one in asked]
    assert [one["consistencylevel"] for one in sent] == ["eventual"] * 2
    assert [one["prefer"] for one in sent] == ["include-unknown-enum-members"] * 2
    assert "%24count=true" in asked[0].url
