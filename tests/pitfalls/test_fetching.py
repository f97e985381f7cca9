"""What is asked of Azure, and how often: held against the declarations, which are all that can ask."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from loader.azure.errors import operation_of
from loader.azure.transport.replay import ReplaySender
from loader.azure.transport.wire import WireAnswer, WireRequest
from loader.model import Arm, Call, Embedded
from loader.services import entity_types, parents_of
from tests.demo.loading import load_demo

TYPES = entity_types().values()
CALLS: list[Call] = [one.fetch for one in TYPES if one.fetch is not None and not isinstance(one.fetch, Embedded)]
CALLS += [detail.call for one in TYPES for detail in one.details]
# What Azure tells in a call for each entity only. A new one belongs here knowingly: it costs a call for each entity.
FOR_EACH_ENTITY = {
    "azure_network_group.members",
    "azure_network_manager.deployments",
    "azure_virtual_network_gateway.gateway", "azure_vm.instanceView", "azure_function_app.auth", "azure_web_app.auth",
    "azure_function_app.publishing", "azure_web_app.publishing", "azure_function_app.vaultReferences",
    "azure_web_app.vaultReferences", "azure_function_app.web", "azure_web_app.web",
    "azure_mysql_flexible_server.configurations", "azure_postgresql_flexible_server.configurations",
    "azure_postgresql_server.configurations", "azure_private_dns_zone.virtualNetworkLinks", "azure_user_group.members",
    "azure_keyvault_key_rotation_policy.key", "azure_redis_cache.linkedServers", "azure_sql_server.auditing",
    "azure_sql_server.encryptionProtector", "azure_sql_server.securityAlerts", "azure_sql_server.entraOnly",
    "azure_sql_server.vulnerabilityAssessment", "azure_sql_server.expressAssessment",
    "azure_sql_database.encryption", "azure_sql_database.auditing",
    "azure_storage_account.blobServices", "azure_storage_account.fileServices", "azure_synapse_sql_pool.encryption",
    "azure_access_packages_services.resources", "azure_administrative_unit.members",
    # Of the tiers that have a firewall.
    "azure_event_hub_namespace.networkRuleSet", "azure_service_bus_namespace.networkRuleSet",
    # Of private clusters only; and one list for all assessments, one for all machines, and one for all groups.
    "azure_kubernetes_cluster.privateEndpointConnections", "azure_security_assessment.metadata", "azure_vm.states",
    "azure_user_group.expandedOwners",
    # Owners beyond the 20 of `$expand`, and members of large groups only.
    "azure_application.owners", "azure_service_principal.owners", "azure_user_group.owners",
    "azure_user_group.servicePrincipals",
    "azure_function_app.connectionReferences", "azure_web_app.connectionReferences",
    # Where nobody has set public access.
    "azure_function_app.privateEndpointConnections", "azure_web_app.privateEndpointConnections",
    "azure_function_app_slot.privateEndpointConnections", "azure_web_app_slot.privateEndpointConnections",
    *(
        f"azure_{kind}_app_slot.{detail}"
        for kind in ("function", "web")
        for detail in ("auth", "publishing", "vaultReferences", "connectionReferences", "web")
    ),
}  # fmt: skip


@dataclass
class Requests:
    """asked: how often each request was sent; vaults_together: how many key vaults were asked at one time."""

    asked: Counter[str] = field(default_factory=Counter)
    open: set[str] = field(default_factory=set)
    vaults_together: int = 0


def test_nothing_is_asked_for_each_resource_group() -> None:
    assert [one.type for one in TYPES if "azure_resource_group" in parents_of(one)] == []
    by_group = [operation_of(call) for call in CALLS if isinstance(call, Arm) and "by_resource_group" in call.operation]
    assert by_group == []


def test_no_blob_is_ever_listed() -> None:
    assert not any(
        "blob.core" in operation_of(call) or ".storage.blob" in getattr(call, "client", "") for call in CALLS
    )


def test_what_takes_a_call_for_each_entity_is_known() -> None:
    details = {f"{one.type}.{detail.name}" for one in TYPES if one.type != "azure_account" for detail in one.details}
    assert details == FOR_EACH_ENTITY


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """What loading Contoso asks for; no answer comes at once, so that what can go side by side does."""
    seen, answer = Requests(), ReplaySender.send

    async def send(sender: ReplaySender, request: WireRequest) -> WireAnswer:
        host = urlsplit(request.url).netloc
        seen.asked[f"{request.method} {request.url}"] += 1
        seen.open.add(host)
        seen.vaults_together = max(seen.vaults_together, sum("vault" in one for one in seen.open))
        await asyncio.sleep(0.01)
        seen.open.discard(host)
        return await answer(sender, request)

    monkeypatch.setattr(ReplaySender, "send", send)
    asyncio.run(load_demo(1))
    return seen


def test_nothing_is_asked_twice_and_parents_are_asked_side_by_side(requests: Requests) -> None:
    assert len(requests.asked) > 400
    # Web and function apps are two types in one list, which is read once.
    assert {url for url, count in requests.asked.items() if count > 1} == set()
    assert requests.vaults_together > 1
