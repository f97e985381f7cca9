"""Each classic mistake planted in the played Azure, and named by the command `azgraph doctor`.

Nothing is stubbed: the configuration is read, azure-identity signs in at the played Entra that judges what it is sent,
the SDKs ask over HTTPS, and the graph is a real Neo4j. Only the command runs in this process, which saves its start.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from typer.testing import CliRunner

from loader.azure.transport.wire import Exchange
from loader.cli.main import app
from loader.config import settings
from loader.connect import database as examined
from loader.connect.finding import anchor
from loader.graph import Database
from tests.connect.answers import VAULT_FIREWALL
from tests.connect.conftest import ROLES, TENANT, answering
from tests.connect.planted import (
    denied,
    of_vaults,
    registered,
    with_one_group_only,
    with_rights,
    without_a_role,
    without_subscriptions,
    without_user_rights,
)
from tests.e2e.support import PLATFORM, SANDBOX
from tests.fakeazure import Application, FakeAzure, PlayedTenant
from tests.fakeazure.server import CLIENT

SECRET, EXPIRED = "aBc8Q~planted-secret-that-is-valid-0000000", "xYz8Q~planted-secret-that-was-valid-000000"
SECRET_ID = "5ecbe700-1111-4222-8333-444455556666"
ANOTHER = "99999999-1111-4222-8333-444455556666"


@dataclass
class World:
    """What a mistake can be planted in. said: what the instance of the configuration says."""

    azure: FakeAzure
    tenant: PlayedTenant
    contoso: list[Exchange]
    folder: Path
    patch: pytest.MonkeyPatch
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def application(self) -> Application:
        return self.tenant.applications[CLIENT]

    def says(self, **more: Any) -> None:
        self.said.update(more)

    def secret(self, value: str) -> None:
        (self.folder / "contoso.secret").write_text(f"{value}\n")

    def answers(self, exchanges: list[Exchange]) -> None:
        self.tenant.serve(exchanges)


Plant = Callable[[World], object]


def certificate_and_a_clock(world: World) -> None:
    """A certificate signs a proof that is good for ten minutes of this machine's time, which is an hour ahead."""
    file = world.folder / "app.pem"
    issued = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("azgraph.contoso.com", key_type=trustme.KeyType.RSA)
    issued.private_key_and_cert_chain_pem.write_to_path(file)
    world.said.pop("secret")
    world.says(sign_in="certificate", certificate=str(file))
    world.tenant.clock_behind = 3600


def without_consent(world: World) -> None:
    names = ["User.Read.All", "AuditLog.Read.All"]
    world.application.claims = {"tid": TENANT, "appid": CLIENT}
    world.answers([*without_user_rights(world.contoso), *registered("Role", names)])


def delegated(world: World) -> None:
    world.application.claims = {"tid": TENANT, "appid": CLIENT}
    world.answers([*without_user_rights(world.contoso), *registered("Scope", ["User.Read.All"])])


def nothing_granted(world: World) -> None:
    world.application.claims = {"tid": TENANT, "appid": CLIENT}
    world.answers(denied(world.contoso))


def a_dead_proxy(world: World) -> None:
    world.patch.setenv("HTTPS_PROXY", "http://ada:Pl4nted@127.0.0.1:9")
    world.patch.setenv("NO_PROXY", "")


def policy_states_unread(world: World) -> None:
    world.says(types={"only": ["azure_policy_state"]})
    world.answers(with_rights(with_rights(world.contoso, SANDBOX, "*/read"), PLATFORM, "*/read"))


# What is planted; the subject and the topic that are told, the exit code, and a word of the sentence or the command.
MISTAKES: dict[str, tuple[Plant, str, str, int, str]] = {
    "the secret's id in place of its value": (
        lambda world: world.secret(SECRET_ID), "Sign-in", "Wrong client secret", 4, "contoso.secret, which is `secret`",
    ),
    "an expired secret": (
        lambda world: world.secret(EXPIRED), "Sign-in", "Expired client secret", 4, f"--id {CLIENT}",
    ),
    "the wrong tenant": (
        lambda world: world.says(tenant=ANOTHER), "Sign-in", "Unknown tenant", 4, "`tenant` of instance 'contoso'",
    ),
    "an application of another tenant": (
        lambda world: world.says(client_id=ANOTHER), "Sign-in", "Unknown application", 4, "`client_id` of instance",
    ),
    "conditional access": (
        lambda world: setattr(world.application, "blocked", True), "Sign-in", "Blocked by conditional access", 4,
        "sign-in log",
    ),
    "a clock that is off, to a certificate": (certificate_and_a_clock, "Sign-in", "Wrong clock", 4, "set-ntp true"),
    "a clock that is off, to answers": (
        lambda world: setattr(world.azure, "clock_behind", 3600), "Clock", "The clock is off", 3, "60 minutes ahead",
    ),
    "a tenant of another cloud": (
        lambda world: setattr(world.tenant, "sovereign", True), "Sign-in", "Another cloud", 4, "AZGRAPH_CLOUD",
    ),
    "a private CA": (
        lambda world: world.patch.delenv("SSL_CERT_FILE"), "Sign-in", "Private certificate authority", 4,
        "SSL_CERT_FILE=",
    ),
    "a dead proxy": (a_dead_proxy, "Sign-in", "Proxy", 4, "127.0.0.1:9"),
    "no admin consent": (without_consent, "User.Read.All", "No admin consent", 3, f"admin-consent --id {CLIENT}"),
    "delegated in place of application": (
        delegated, "User.Read.All", "Delegated in place of application permissions", 3, "=Role",
    ),
    "nothing granted": (nothing_granted, "User.Read.All", "Missing application permission", 3, "none at all"),
    "no subscription": (
        lambda world: world.answers(without_subscriptions(world.contoso)), "Subscriptions", "No role at that scope", 3,
        f"--assignee {CLIENT} --role Reader",
    ),
    "no role in a subscription": (
        lambda world: world.answers(without_a_role(world.contoso, SANDBOX)), "Subscription Contoso Sandbox",
        "No role at that scope", 3, f"--scope /subscriptions/{SANDBOX}",
    ),
    "a role on one resource group": (
        lambda world: world.answers(with_one_group_only(world.contoso, SANDBOX)), "Subscription Contoso Sandbox",
        "A role on one resource group only", 3, "rg-only",
    ),
    "a role that lacks something": (
        policy_states_unread, "Subscription Contoso", "A role that lacks something", 3,
        "queryResults/action",
    ),
    "the firewall of a key vault": (
        lambda world: world.answers(answering(world.contoso, of_vaults, 403, VAULT_FIREWALL)), "Key vault",
        "The firewall of a key vault", 3, "network",
    ),
    "Neo4j is away": (
        lambda world: world.patch.setenv("NEO4J_URI", "bolt://127.0.0.1:1"), "Neo4j", "Neo4j cannot be reached", 4,
        "azgraph neo4j up",
    ),
    "Neo4j refuses the user": (
        lambda world: world.patch.setenv("NEO4J_PASSWORD", "wr0ng-planted"), "Neo4j", "Neo4j refuses the user", 4,
        "NEO4J_PASSWORD",
    ),
    "an old Neo4j": (
        lambda world: world.patch.setattr(examined, "LEAST_VERSION", (9999, 1)), "Neo4j version", "An old Neo4j", 3,
        "azgraph is tested with 9999.1",
    ),
    "little memory": (
        lambda world: world.patch.setattr(examined, "LEAST_HEAP", 2**50), "Neo4j memory", "Memory of Neo4j", 3, "MiB",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def _playing() -> Iterator[tuple[FakeAzure, PlayedTenant]]:
    tenant = PlayedTenant(TENANT, [])
    with FakeAzure(tenants=[tenant]) as fake:
        yield fake, tenant


@pytest.fixture
def world(
    _playing: tuple[FakeAzure, PlayedTenant],
    contoso: list[Exchange],
    database: Database,
    neo4j_connection: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """Contoso with everything granted, and a configuration of it that is right."""
    azure, tenant = _playing
    application = Application(CLIENT, {SECRET: True, EXPIRED: False})
    application.claims = {"tid": TENANT, "appid": CLIENT, "roles": ROLES}
    tenant.applications, tenant.sovereign, tenant.clock_behind = {CLIENT: application}, False, 0
    azure.clock_behind = 0
    tenant.serve(contoso)
    for name, value in azure.proxied_environment.items():
        if name.startswith(("AZURE_TENANT", "AZURE_CLIENT")):
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    for name, value in zip(("NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD"), neo4j_connection, strict=True):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZGRAPH_CONFIG", str(tmp_path / "azgraph.yaml"))
    made = World(azure, tenant, contoso, tmp_path, monkeypatch)
    made.says(name="contoso", tenant=TENANT, client_id=CLIENT, sign_in="client_secret")
    made.says(secret={"file": "contoso.secret"}, types={"only": ["azure_user", "azure_vnet", "azure_keyvault_key"]})
    made.secret(SECRET)
    (tmp_path / "contoso.secret").chmod(0o600)
    yield made
    settings.cache_clear()


def doctor(world: World) -> tuple[int, list[dict[str, Any]], str]:
    """The command: its exit code, what it found amiss, and all that it printed."""
    (world.folder / "azgraph.yaml").write_text(json.dumps({"instances": [world.said]}))
    settings.cache_clear()
    told = CliRunner().invoke(app, ["doctor", "--format", "json"])
    assert told.exception is None or isinstance(told.exception, SystemExit), (told.output, told.exception)
    found = json.loads(told.stdout)["findings"]
    return told.exit_code, [one for one in found if one["state"] != "fine"], told.output


def test_without_a_mistake(world: World) -> None:
    code, found, _ = doctor(world)
    assert (found, code) == ([], 0)


@pytest.mark.parametrize(("plant", "subject", "topic", "code", "word"), MISTAKES.values(), ids=MISTAKES)
def test_a_planted_mistake_is_named(world: World, plant: Plant, subject: str, topic: str, code: int, word: str) -> None:
    plant(world)
    ended, found, printed = doctor(world)
    named = [one for one in found if one["help"] == f"docs/troubleshooting.md#{anchor(topic)}"]
    assert named, found
    assert [one for one in found if one["help"] != named[0]["help"]] == [], "and nothing else"
    assert subject in named[0]["subject"]
    assert word in named[0]["says"] + named[0]["command"]
    assert ended == code
    assert not [one for one in (SECRET, EXPIRED, SECRET_ID, "Pl4nted", "wr0ng-planted") if one in printed]


def test_what_the_configuration_leaves_out_is_not_tested(world: World) -> None:
    world.answers(without_a_role(without_user_rights(world.contoso), SANDBOX))
    world.says(types={"only": ["azure_vnet"]}, subscriptions={"exclude": {"names": ["*Sandbox"]}})
    code, found, _ = doctor(world)
    assert (found, code) == ([], 0)
    world.says(subscriptions=["Contoso Platform", "Contoso Nowhere"])
    code, found, _ = doctor(world)
    assert code == 3
    assert ["Contoso Nowhere" in one["says"] for one in found] == [True]
    world.says(subscriptions={"exclude": {"names": ["*"]}})
    code, found, _ = doctor(world)
    assert code == 4
    assert "leaves out every visible subscription" in found[0]["says"]
