"""Real recorded answers of 2019 to 2024 through today's SDK clients. Skipped where the recordings are not at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loader.azure import sessions
from loader.azure.errors import AzureError
from loader.azure.session import AzureSession
from loader.azure.transport.record import Recording
from loader.azure.transport.replay import ReplayStore
from loader.model import Arm, At, Call, Graph, Status
from tests.azure.contoso import arm

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")


@pytest.fixture(scope="module")
def store() -> ReplayStore:
    return ReplayStore.from_paths([RECORDINGS])


@pytest.fixture
async def session(store: ReplayStore) -> AsyncIterator[AzureSession]:
    async with sessions.over(store) as opened:
        yield opened


async def collect(session: AzureSession, call: Call) -> dict[str, int]:
    """The number of items in each subscription that has a recorded answer ("" for the tenant)."""
    found: dict[str, int] = {}
    tenant = isinstance(call, Graph) or (isinstance(call, Arm) and call.tenant)
    for subscription in [None] if tenant else session.subscriptions():
        identifier = subscription["subscriptionId"] if subscription else None
        try:
            pages = [page async for page in session.pages(call, subscription=identifier, parent=subscription)]
        except AzureError as error:
            if error.status is not Status.UNAVAILABLE:
                raise
            continue
        found[identifier or ""] = sum(map(len, pages))
    return found


async def test_the_tenant_and_its_subscriptions(session: AzureSession) -> None:
    assert len(session.tenant_id) == 36
    assert len(session.subscriptions()) >= 5
    assert all(one["id"] and one["subscriptionId"] for one in session.subscriptions())


SCOPE = (At("id"),)


@pytest.mark.parametrize(
    ("call", "least"),
    [
        (arm("azure.mgmt.network.aio:NetworkManagementClient", "network_security_groups.list_all"), 54),
        (arm("azure.mgmt.sql.aio:SqlManagementClient", "servers.list"), 1),
        (arm("azure.mgmt.compute.aio:ComputeManagementClient", "virtual_machines.list_all"), 6),
        (arm("azure.mgmt.storage.aio:StorageManagementClient", "storage_accounts.list"), 10),
        (arm("azure.mgmt.keyvault.aio:KeyVaultManagementClient", "vaults.list_by_subscription"), 6),
        (arm("azure.mgmt.monitor.aio:MonitorManagementClient", "activity_log_alerts.list_by_subscription_id"), 3),
        (arm("azure.mgmt.security.aio:SecurityCenter", "assessments.list", args=SCOPE), 2459),
        (
            arm("azure.mgmt.authorization.aio:AuthorizationManagementClient", "role_definitions.list", args=SCOPE),
            495,
        ),
        (arm("azure.mgmt.resource.resources.aio:ResourceManagementClient", "resource_groups.list"), 125),
        (Graph(builder="service_principals", permission="Application.Read.All"), 400),
        (Graph(builder="identity.conditional_access.policies", permission="Policy.Read.All"), 4),
    ],
    ids=lambda value: getattr(value, "operation", getattr(value, "builder", None)),
)
async def test_recorded_lists_are_read_whole(session: AzureSession, call: Call, least: int) -> None:
    assert sum((await collect(session, call)).values()) >= least


async def test_recorded_refusals_are_outcomes(session: AzureSession) -> None:
    call = Graph(builder="reports.authentication_methods.user_registration_details", permission="AuditLog.Read.All")
    with pytest.raises(AzureError, match="licence") as caught:
        [page async for page in session.pages(call, subscription=None, parent=None)]
    assert caught.value.status is Status.UNAVAILABLE


async def test_a_recording_of_the_replay_replays_the_same(store: ReplayStore, tmp_path: Path) -> None:
    call = arm("azure.mgmt.network.aio:NetworkManagementClient", "virtual_networks.list_all")
    async with sessions.over(store, record_to=Recording(tmp_path)) as first:
        expected = await collect(first, call)
    async with sessions.replay([tmp_path]) as second:
        assert await collect(second, call) == expected
