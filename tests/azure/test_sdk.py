"""The SDKs' clients without models: what azgraph imports is its own, and everybody else finds the whole SDK."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from loader import services
from loader.azure import sdk, sessions
from loader.azure.lean import _LEFT_OUT
from loader.azure.sdk import bound, client_class
from loader.azure.transport.wire import Exchange
from loader.model import Arm
from tests.azure.contoso import ARM, SUB, arm

CALLS = [
    call
    for one in services.entity_types().values()
    for call in (one.fetch, *(detail.call for detail in one.details))
    if isinstance(call, Arm)
]
CLIENTS = sorted({call.client for call in CALLS})
# One of one API version, and one whose operations are imported when they are first looked at.
PLAIN = "azure.mgmt.network.aio:NetworkManagementClient", "virtual_networks.list_all"
OF_SEVERAL = "azure.mgmt.monitor.aio:MonitorManagementClient", "activity_log_alerts.list_by_subscription_id"


def made(client: str) -> object:
    found = client_class(client)
    needs = {"subscription_id": "s"} if "subscription_id" in inspect.signature(found).parameters else {}
    return found(credential=object(), **needs)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_there_without_models(client: str) -> None:
    models = {name for name in sys.modules if name.startswith("azure.mgmt.") and name.endswith("models")}
    assert client_class(client) is client_class(client)
    assert client_class(client).__name__ == client.partition(":")[2]
    now = {name for name in sys.modules if name.startswith("azure.mgmt.") and name.endswith("models")}
    assert now <= models


@pytest.mark.parametrize(("client", "operation"), [PLAIN, OF_SEVERAL])
def test_an_operation_is_bound_and_nobody_else_meets_it(client: str, operation: str) -> None:
    ours = bound(made(client), operation)
    assert callable(ours)
    module, _, name = client.partition(":")
    theirs = getattr(importlib.import_module(module), name)
    assert theirs is not client_class(client)
    models = importlib.import_module(f"{module.removesuffix('.aio')}.models")
    assert models.__file__, "the real ones come from a file"
    assert not hasattr(models, "NoSuchModel")


@pytest.mark.parametrize("client", CLIENTS)
def test_what_azgraph_asks_for_is_there(client: str) -> None:
    for operation in {call.operation for call in CALLS if call.client == client}:
        asked = bound(made(client), operation)
        assert asked.__name__ == operation.rpartition(".")[2]
        assert inspect.unwrap(asked).__code__ is not _LEFT_OUT


def test_what_no_call_names_is_left_out_and_says_so() -> None:
    client = made(PLAIN[0])
    with pytest.raises(NotImplementedError, match="only what calls name"):
        bound(client, "virtual_networks._delete_initial")("group", "network")
    assert not hasattr(client.route_filters, "list"), "of a group that no call names nothing stays"  # type: ignore[attr-defined]


async def test_a_call_that_is_declared_late_is_answered_all_the_same() -> None:
    url = f"{ARM}/subscriptions/{SUB}/providers/Microsoft.Network/{{}}"
    listed = [
        Exchange.of_json(url.format(kind), {"value": [{"name": kind}]}) for kind in ("virtualNetworks", "ipGroups")
    ]
    async with sessions.exchanges(listed) as session:
        for operation in ("virtual_networks.list_all", "ip_groups.list"):
            call = arm(PLAIN[0], operation)
            (page,) = [page async for page in session.pages(call, subscription=SUB, parent=None)]
            assert page[0]["name"].lower() == operation.partition(".")[0].replace("_", "")


def test_of_what_all_sdks_bring_along_one_copy_serves_all() -> None:
    for client in CLIENTS:
        client_class(client)
    brought = [module for name, module in sdk._ours.items() if name.endswith("serialization")]
    contents = {Path(str(module.__file__)).read_bytes() for module in brought}
    assert len({id(module) for module in brought}) == len(contents) < len(brought)


def test_each_operation_keeps_its_version_whichever_is_looked_at_later() -> None:
    """Some ask for their next pages in the version of their configuration, which all operations of a client share."""
    client = made("azure.mgmt.authorization.aio:AuthorizationManagementClient")
    first = bound(client, "role_assignments.list_for_subscription").__self__._config.api_version
    kept = bound(client, "role_assignments.list_for_subscription")
    other = bound(client, "classic_administrators.list").__self__._config.api_version
    assert first != other
    assert kept.__self__._config.api_version == first


def test_nobody_elses_modules_are_loaded_by_a_second_client() -> None:
    before = set(sys.modules)
    for _ in range(2):
        bound(made(OF_SEVERAL[0]), "diagnostic_settings.list")
    assert {name for name in set(sys.modules) - before if name.startswith("azure.mgmt.")} == set()


def test_a_live_session_brings_no_second_http_client_along() -> None:
    """httpx takes a tenth of the time that a process needs to start, and rich with it."""
    program = "import sys, loader.azure.sessions, loader.sync\nprint('|'.join(sys.modules))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"httpx", "requests", "rich"} & set(told.stdout.strip().split("|"))


def test_a_client_that_is_not_there_is_an_import_error() -> None:
    with pytest.raises(ImportError):
        client_class("azure.mgmt.nowhere.aio:Client")
    with pytest.raises(AttributeError):
        client_class("azure.mgmt.network.aio:NoSuchClient")


def test_other_threads_may_import_meanwhile() -> None:
    """What others import is met in the middle of a look at all modules, as it is where threads take turns."""
    started, stop = threading.Event(), threading.Event()

    def import_others() -> None:
        names = [f"azgraph_test_{number}" for number in range(2_000)]
        while not stop.is_set():
            started.set()
            for name in names:
                sys.modules[name] = sys
            for name in names:
                del sys.modules[name]

    other = threading.Thread(target=import_others)
    other.start()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        started.wait()
        client = made(OF_SEVERAL[0])
        for _ in range(200):
            assert bound(client, "diagnostic_settings.list")
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        other.join()
