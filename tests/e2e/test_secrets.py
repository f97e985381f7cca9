"""Secrets that Azure's answers can hold reach neither the graph, what is printed or logged, nor a recording.

Two hundred are planted at every declared place and in every form (tests/secrets/planting.py), and some in each object.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from loader.graph import Database
from loader.model import Json
from tests.e2e.support import PRODUCTION, Azgraph, dump, everything_stored, path_of, wipe
from tests.fakeazure import FakeAzure, Fault
from tests.fakeazure.server import SECRET, TOKEN
from tests.secrets.planting import Planted, planted

pytestmark = pytest.mark.slow

MARK = "PLANTED"
KEY = b64encode(b"PLANTED-account-key-" + bytes(range(44))).decode()
ACCOUNT = f"DefaultEndpointsProtocol=https;AccountName=stcontosodata;AccountKey={KEY};EndpointSuffix=core.windows.net"
SAS = "https://stcontosodata.blob.core.windows.net/a?sv=2024-01-01&sp=rl&sig=PLANTEDsasPLANTEDsasPLANTEDsas12345%3D"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJQTEFOVEVEIn0.PLANTED-signature-of-a-token"
CLIENT_SECRET = "PLA8Q~NTED-planted-client-secret-of-a-00"
PRIVATE = "-----BEGIN RSA PRIVATE KEY-----\nPLANTEDprivatePLANTED\n-----END RSA PRIVATE KEY-----"
SQL = "Server=tcp:sql-contoso-prod.database.windows.net;User ID=sa;Password=PLANTEDsqlPassword1!;Encrypt=True"
WEB = "https://deploy:PLANTEDdeployPassword@repo.contoso.example/shop.git"
# What must be found nowhere: the secret part of each, and what a live sync itself signs in with.
SECRETS = [KEY, "PLANTEDsas", JWT, CLIENT_SECRET, "PLANTEDprivate", "PLANTEDsqlPassword", "PLANTEDdeploy",
           "PLANTEDvalue", SECRET, TOKEN]  # fmt: skip

# Fields whose names say that they are secrets, whatever stands in them.
NAMED: Json = {
    "password": "PLANTEDvalue-01",
    "adminPassword": "PLANTEDvalue-02",
    "administratorLoginPassword": "PLANTEDvalue-03",
    "storageAccountAccessKey": "PLANTEDvalue-04",
    "primaryConnectionString": "PLANTEDvalue-05",
    "clientSecret": "PLANTEDvalue-06",
    "protectedSettings": {"commandToExecute": "run PLANTEDvalue-07", "storageAccountKey": "PLANTEDvalue-08"},
    "customData": b64encode(b"PLANTEDvalue").decode(),
    "primaryKey": "PLANTEDvalue-09",
    "sasToken": "PLANTEDvalue-10",
}
# Values that are secrets by their form, in the places where people put them.
FORMED = {"note": SAS, "conn": ACCOUNT, "token": JWT, "app": CLIENT_SECRET, "pem": PRIVATE, "db": SQL, "repo": WEB}


def _plant(item: Json) -> Json:
    properties = item.get("properties")
    planted = {**item, **NAMED, "passwordCredentials": [{"secretText": "PLANTEDvalue-11", "hint": "abc"}]}
    if item.get("id", "").startswith("/"):
        planted["tags"] = {**(item.get("tags") or {}), **FORMED, "password": "PLANTEDvalue-12"}
    if isinstance(properties, dict):
        settings = {"settings": {"fileUris": [SAS], "script": SQL, "storageAccountKey": "PLANTEDvalue-13"}}
        described = {"description": f"{ACCOUNT} {JWT}", "notes": PRIVATE}
        planted["properties"] = {**properties, **NAMED, **settings, **described}
    return planted


def _planted(exchange: Exchange) -> Exchange:
    """The answer with secrets in every object of it that one of the services could put them in."""
    body = json.loads(exchange.body)
    if exchange.status != 200 or not isinstance(body, dict):
        return exchange
    body = (
        {**body, "value": [_plant(one) for one in body["value"]]}
        if isinstance(body.get("value"), list)
        else _plant(body)
    )
    if ".vault.azure.net" in exchange.url:
        for item in body["value"]:
            item["value"] = "PLANTEDvalue-14"
    return replace(exchange, body=json.dumps(body))


def _found(text: str, needles: Iterable[str] = ()) -> list[str]:
    """Secrets that stand in a text, with what is around them."""
    return [
        text[max(0, at.start() - 80) : at.end() + 20]
        for secret in (*SECRETS, *needles)
        for at in re.finditer(re.escape(secret), text)
    ]


@pytest.fixture(scope="module")
def garden() -> Planted:
    return planted(exchanges(1))


@pytest.fixture
def leaking(garden: Planted) -> list[Exchange]:
    return [_planted(one) for one in garden.exchanges]


def test_no_secret_in_graph_log_or_recording(
    azgraph: Azgraph, azure: FakeAzure, database: Database, leaking: list[Exchange], garden: Planted, tmp_path: Path
) -> None:
    azure.serve(leaking)
    needles = garden.needles.values()
    error = {"error": {"code": "Internal", "message": f"Could not use {ACCOUNT}. Token {JWT}, password={KEY}"}}
    told_off = Fault(status=500, body=json.dumps(error), headers={"Retry-After": "0"})
    azure.break_next("/networkinterfaces", *[told_off] * 9)
    azure.break_next(
        f"/{PRODUCTION}/providers/microsoft.compute/disks", *[Fault(status=200, body=f'{{"a": "{SAS}')] * 9
    )
    folder = tmp_path / "recording"
    told = azgraph("--debug", "sync", "--format", "json", "--record", folder, **azure.proxied_environment)
    assert told.code == 3, told.err
    stored = everything_stored(database)
    assert "stcontosodata" in stored
    assert not _found(stored, needles)
    assert not _found(told.out, needles)
    assert not _found(told.err, needles)
    recorded = {path.name: path.read_text() for path in folder.iterdir()}
    assert any("microsoft.storage" in name for name in recorded)
    assert any("vault.azure.net" in name for name in recorded)
    assert {name: found for name, text in recorded.items() if (found := _found(text, needles))} == {}
    assert any("values were taken out of the recording" in note for note in told.json["notes"])
    assert azgraph.here("recording", "check", folder).code == 0
    graph = dump(database)
    wipe(database)
    replayed = azgraph.here("sync", "--replay", folder, "--format", "json")
    assert replayed.code == 3
    assert replayed.json["entities"] == told.json["entities"]
    assert dump(database) == graph
    for printed in (azgraph.here("changes", "--format", "json"), azgraph.here("check", "cis-azure-foundations-6.0.0")):
        assert not _found(printed.out + printed.err)


def test_no_secret_in_a_traceback(azgraph: Azgraph, azure: FakeAzure) -> None:
    wrong = "zzz8Q~PLANTEDvalue-wrong-secret-wrong-0000"
    variables = azure.proxied_environment
    refused = azgraph("--debug", "sync", **{**variables, "AZURE_CLIENT_SECRET": wrong})
    assert refused.code == 4
    assert "Traceback" in refused.err
    assert "AADSTS7000215" in refused.err
    error = {"error": {"code": "Internal", "message": f"{ACCOUNT} {JWT} {SAS}"}}
    # A status that is final: of those that may pass it would be tried for long.
    azure.break_next("/subscriptions", Fault(501, json.dumps(error)))
    failed = azgraph("--debug", "sync", **variables)
    assert failed.code == 4
    assert "Traceback" in failed.err
    for one in (refused, failed):
        assert not _found(one.out + one.err)


def test_the_plant_grows_everywhere(leaking: list[Exchange], contoso: list[Exchange]) -> None:
    """So that the search above cannot pass because nothing was planted."""
    bare = {path_of(one) for one in leaking if MARK not in str(one.body) and json.loads(one.body).get("value") != []}
    assert bare <= {path_of(one) for one in contoso if one.status != 200}
