"""Each way to sign in that the configuration knows, by what is sent to the sign-in host."""

from __future__ import annotations

import os
import stat
import threading
import urllib.request
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from loader.azure import people, sessions
from loader.azure.credential import credential
from loader.azure.settings import CLOUDS, AzureSettings
from loader.azure.sign_in import SignIn
from loader.config import Instance
from loader.errors import UsageError
from loader.instances import settings_of, sign_in, standing
from tests.azure.authority import Authority, authority
from tests.azure.contoso import TENANT, names, two_pages
from tests.fakeazure import FakeAzure

CLIENT = "3d5b7f90-aaaa-4bbb-8ccc-ddddeeeeffff"
ARM = "https://management.azure.com"
SCOPE = f"{ARM}/.default"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("authority")) as playing:
        yield playing


@pytest.fixture
def host(played: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    for name in list(os.environ):
        if name.startswith(("AZURE_", "IDENTITY_", "MSI_", "HTTPS_PROXY")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(played.ca_file))
    people._made.clear()
    played.sent.clear()
    return played


async def signed_in(host: Authority, environment: dict[str, str] | None = None, **written: object) -> str:
    """The token that an instance gets, written as in the file."""
    instance = Instance.model_validate(
        {"name": "contoso", "tenant": TENANT, "client_id": CLIENT, "cloud": {"authority": host.host}, **written}
    )
    variables = {"SSL_CERT_FILE": str(host.ca_file), **(environment or {})}
    settings = settings_of(instance, variables)
    how = sign_in(instance, settings, variables)
    async with credential(settings, variables, how) as signed:
        return (await signed.get_token(SCOPE)).token


@pytest.mark.parametrize("place", ["env", "file", "variable"])
async def test_client_secret(host: Authority, tmp_path: Path, place: str) -> None:
    file = tmp_path / "secret"
    file.write_text("hush\n")
    file.chmod(0o600)
    written = {"env": {"env": "MINE"}, "file": {"file": str(file)}, "variable": None}[place]
    environment = {"MINE": "hush"} if place == "env" else {"AZURE_CLIENT_SECRET": "hush"}
    environment |= {"AZURE_CLIENT_SECRET": "another"} if written else {}
    assert await signed_in(host, environment, sign_in="client_secret", secret=written) == "a-token"
    path, form = host.sent[-1]
    assert path == f"/{TENANT}/oauth2/v2.0/token"
    assert form["grant_type"] == "client_credentials"
    assert (form["client_id"], form["client_secret"], form["scope"]) == (CLIENT, "hush", SCOPE)


async def test_certificate(host: Authority, tmp_path: Path) -> None:
    file = tmp_path / "app.pem"
    issued = trustme.CA().issue_cert("app.contoso.example", key_type=trustme.KeyType.RSA)
    issued.private_key_and_cert_chain_pem.write_to_path(file)
    assert await signed_in(host, sign_in="certificate", certificate={"path": str(file)}) == "a-token"
    form = host.sent[-1][1]
    assert form["client_assertion_type"].endswith("jwt-bearer")
    assert form["client_assertion"].count(".") == 2
    assert "client_secret" not in form


async def test_workload_identity(host: Authority, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("federated.token.x")
    assert await signed_in(host, sign_in="workload_identity", token_file=str(file)) == "a-token"
    assert host.sent[-1][1]["client_assertion"] == "federated.token.x"


async def test_managed_identity(host: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://{host.plain}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "a-header")
    assert await signed_in(host, sign_in="managed_identity") == "a-token"
    path, query = host.sent[-1]
    assert path == "/msi/token"
    assert (query["client_id"], query["resource"], query["header"]) == (CLIENT, ARM, "a-header")


async def test_azure_cli(host: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "az"
    tool.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n'
        'echo \'{"accessToken": "a-token", "expires_on": 4102444800, "expiresOn": "2100-01-01 00:00:00.000000"}\'\n'
    )
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert await signed_in(host, sign_in="azure_cli") == "a-token"
    asked = (tmp_path / "asked").read_text()
    assert "get-access-token" in asked
    assert f"--tenant {TENANT}" in asked
    assert not host.sent


async def test_device_code_asks_once_for_all_services(host: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    assert await signed_in(host, sign_in="device_code") == "a-token"
    assert [path.rpartition("/")[2] for path, _ in host.sent] == ["devicecode", "token"]
    assert SCOPE in host.sent[0][1]["scope"]
    assert host.sent[1][1]["device_code"] == "a-device-code"
    told = capsys.readouterr()
    assert "AB12CD34" in told.err
    assert told.out == ""
    assert await signed_in(host, sign_in="device_code") == "a-token"
    assert [form.get("grant_type") for _, form in host.sent[2:]] == ["refresh_token"], "a person is not asked twice"


async def test_browser(host: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def browser(url: str, *_: object, **__: object) -> bool:
        opened.append(url)
        asked = {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}
        host.nonce = asked["nonce"]
        back = f"{asked['redirect_uri']}?code=a-code&state={asked['state']}"
        threading.Timer(0.2, lambda: urllib.request.urlopen(back).read()).start()
        return True

    class Browser:
        open = staticmethod(browser)

    monkeypatch.setattr(webbrowser, "get", lambda *_: Browser())
    monkeypatch.setattr(webbrowser, "open", browser)
    assert await signed_in(host, sign_in="browser") == "a-token"
    assert opened[0].startswith(f"{host.url}/{TENANT}/oauth2/v2.0/authorize?")
    assert host.sent[-1][1]["code"] == "a-code"
    assert "code_verifier" in host.sent[-1][1]


async def test_what_is_missing_is_named(host: Authority) -> None:
    for written, says in (
        ({"sign_in": "client_secret"}, "needs secret: write it into the configuration, or set AZURE_CLIENT_SECRET"),
        ({"sign_in": "workload_identity"}, "needs token_file"),
        ({"sign_in": "certificate"}, "needs certificate.path"),
        ({"sign_in": "certificate", "certificate": {"path": "/no/such.pem"}}, "certificate.path names /no/such.pem"),
        ({"secret": {"env": "NOT_SET"}}, "NOT_SET.* is not set"),
    ):
        with pytest.raises(UsageError, match=says):
            await signed_in(host, **written)
    assert not host.sent


@pytest.mark.parametrize("name", CLOUDS)
def test_clouds(name: str) -> None:
    instance = Instance.model_validate({"name": "a", "cloud": name})
    assert settings_of(instance, {"AZURE_AUTHORITY_HOST": "login.example"}).cloud == CLOUDS[name]


def test_own_endpoints_win_one_by_one() -> None:
    instance = Instance.model_validate(
        {"name": "a", "cloud": {"name": "usgovernment", "graph": "https://dod-graph.microsoft.us/"}}
    )
    cloud = settings_of(instance, {}).cloud
    assert cloud.graph == "https://dod-graph.microsoft.us"
    assert cloud.arm == CLOUDS["usgovernment"].arm
    assert (
        settings_of(Instance(name="a"), {"AZGRAPH_ARM_URL": "https://arm.example"}).cloud.arm == "https://arm.example"
    )


async def test_all_that_is_asked_goes_to_the_instances_own_endpoints() -> None:
    with FakeAzure(two_pages()) as azure:
        instance = Instance.model_validate(
            {
                "name": "a",
                "tenant": azure.environment["AZURE_TENANT_ID"],
                "client_id": azure.environment["AZURE_CLIENT_ID"],
                "secret": {"env": "MINE"},
                "cloud": {"authority": azure.environment["AZURE_AUTHORITY_HOST"], "arm": azure.url, "graph": azure.url},
            }
        )
        variables = {"SSL_CERT_FILE": str(azure.ca_file), "MINE": azure.environment["AZURE_CLIENT_SECRET"]}
        settings = settings_of(instance, variables)
        async with sessions.live(settings, sign_in=sign_in(instance, settings, variables)) as session:
            assert session.tenant_id == TENANT
            assert await names(session) == [["one"], [], ["two"]]
        assert azure.tokens >= 1
        assert len(azure.requests) >= 4


def test_an_environment_alone_stays_what_it_was() -> None:
    assert (
        SignIn.from_environment({"AZURE_CLIENT_SECRET": "x", "AZURE_CLIENT_CERTIFICATE_PATH": "y"}).method
        == "client_secret"
    )
    assert SignIn.from_environment({"AZURE_CLIENT_CERTIFICATE_PATH": "y"}).method == "certificate"
    assert SignIn.from_environment({}).method == "default"


def test_instances_of_one_tenant_know_of_each_other() -> None:
    one, other, third = (Instance(name=name, tenant=tenant) for name, tenant in (("a", "t"), ("b", "T"), ("c", "u")))
    assert [standing(each, (one, other, third)).shares_tenant for each in (one, other, third)] == [True, True, False]


async def test_the_secret_in_a_key_vault_is_read_by_the_machine(host: Authority, monkeypatch) -> None:
    from loader import instances

    asked = []

    async def read(address: str, settings: AzureSettings, machine: SignIn) -> str:
        asked.append((address, machine.method))
        return "hush"

    monkeypatch.setattr(instances, "read_secret", read)
    monkeypatch.setattr(instances.asyncio, "run", _finished)
    address = "https://contoso.vault.azure.net/secrets/azgraph"
    assert await signed_in(host, secret={"key_vault": address}) == "a-token"
    assert asked == [(address, "default")]
    assert host.sent[-1][1]["client_secret"] == "hush"


def _finished(coroutine):
    """Runs what waits for nothing, inside a loop."""
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("it waits")
