"""An Azure that plays Contoso for `azgraph doctor`, and the doctor in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import pytest

from loader.azure import sessions
from loader.azure.settings import AzureSettings
from loader.azure.transport.wire import Exchange
from loader.connect.app_roles import APP_ROLES
from loader.connect.examining import examine
from loader.connect.finding import Diagnosis, Finding, State
from loader.demo import exchanges
from loader.sync.choosing import chosen_types
from tests.e2e.support import QUICK, path_of
from tests.fakeazure import FakeAzure
from tests.fakeazure.server import CLIENT

TENANT = "c0705000-7e4a-47c0-9c1d-2b6f0e8a1001"
ROLES = sorted(set(APP_ROLES) - {"Member.Read.Hidden"})


@pytest.fixture(scope="session")
def contoso() -> list[Exchange]:
    """The demo tenant's answers on its first day, with all rights in its subscriptions."""
    beyond = [
        "Microsoft.Network/networkManagers/listDeploymentStatus/action",
        "Microsoft.PolicyInsights/policyStates/queryResults/action",
    ]
    blocks = [{"actions": ["*/read", *beyond], "notActions": []}]
    told = json.dumps({"value": blocks})
    return answering(exchanges(1), lambda path: path.endswith("/microsoft.authorization/permissions"), 200, told)


@pytest.fixture(scope="module")
def _playing() -> Iterator[FakeAzure]:
    with FakeAzure() as fake:
        yield fake


@pytest.fixture
def azure(_playing: FakeAzure, contoso: list[Exchange], monkeypatch: pytest.MonkeyPatch) -> FakeAzure:
    """Contoso with everything granted; also this process reaches it by Azure's own addresses."""
    for name, value in _playing.proxied_environment.items():
        monkeypatch.setenv(name, value)
    _playing.serve(contoso)
    _playing.claims = {"tid": TENANT, "appid": CLIENT, "roles": ROLES}
    _playing.clock_behind = 0
    _playing.refuse_sign_in("")
    return _playing


@dataclass(frozen=True)
class Doctor:
    """Runs the doctor without a database and gives what it found."""

    azure: FakeAzure

    def __call__(self, *types: str, **changed: str) -> Diagnosis:
        environment = {**self.azure.proxied_environment, **changed}
        settings = replace(AzureSettings.from_environment(environment), retry=QUICK)
        chosen = chosen_types(types)
        return asyncio.run(
            examine(lambda: sessions.live(settings, environment=environment), chosen, CLIENT, None, None)
        )


@pytest.fixture
def doctor(azure: FakeAzure) -> Doctor:
    """The doctor, looking at the played Azure."""
    return Doctor(azure)


def amiss(told: Diagnosis) -> list[Finding]:
    """What is not fine."""
    return [one for one in told.findings if one.state is not State.FINE]


def answering(given: Iterable[Exchange], which: Callable[[str], bool], status: int, body: str) -> list[Exchange]:
    """The answers with this one in place of those whose path is meant. At least one must be."""
    changed = [replace(one, status=status, body=body) if which(path_of(one)) else one for one in given]
    assert any(which(path_of(one)) for one in given)
    return changed
