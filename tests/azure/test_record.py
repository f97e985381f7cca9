"""Recordings: HAR that browsers read too, whole after every entry, and without secrets."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from loader.azure import sessions
from loader.azure.transport.record import Recording, RecordingSender, file_name
from loader.azure.transport.wire import Exchange, WireAnswer, WireRequest
from loader.errors import UsageError
from loader.secrets import Cleaning, scrub_text
from loader.secrets.names import names_secret
from tests.azure.contoso import ARM, GRAPH, LIST_USERS, SUB, names, text_of, two_pages

KEY = "Zm9vYmFy" * 10 + "Zm9vYm" + "=="
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjb250b3NvIn0.c2lnbmF0dXJl"
CLIENT_SECRET = "abc8Q~" + "x" * 34
PLANTED = {
    "properties": {
        "administratorLoginPassword": "Pl4nted-login",
        "storageAccountAccessKey": "Pl4nted-access",
        "primaryConnectionString": "Endpoint=sb://x;SharedAccessKey=Pl4nted-shared",
        "notes": f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={KEY};EndpointSuffix=y",
        "url": "https://x.blob.core.windows.net/c?sv=2020&sig=Pl4ntedSignature0123456789%3D&se=1",
        "webhook": {"serviceUri": "https://hooks.example.com/Pl4nted-hook"},
        "someText": f"Bearer {JWT}",
        "handMade": CLIENT_SECRET,
        "pem": "-----BEGIN RSA PRIVATE KEY-----\nPl4nted-pem\n-----END RSA PRIVATE KEY-----",
        "environmentVariables": [
            {"name": "DB_PASSWORD", "value": "Pl4nted-environment"},
            {"name": "MODE", "value": "x"},
        ],
        "protectedSettings": {"script": "Pl4nted-script", "deep": [{"more": "Pl4nted-deep"}]},
        "endpoint": "https://user:Pl4nted-basic@git.example.com/x",
        "customData": "UGw0bnRlZC1jdXN0b20=",
    }
}
SECRETS = ("Pl4nted", KEY, JWT, CLIENT_SECRET, "UGw0bnRlZC1jdXN0b20=")
HARMLESS = {
    "disablePasswordAuthentication": True,
    "lastPasswordChangeDateTime": "2024-01-01T00:00:00Z",
    "secretUri": "https://contoso.vault.azure.net/secrets/a",
    "keyVaultSecretId": "https://contoso.vault.azure.net/secrets/a",
    "passwordCredentials": [{"keyId": "1", "hint": "abc", "secretText": None, "endDateTime": "2030-01-01T00:00:00Z"}],
    "publicKey": "ssh-rsa AAAA",
    "isSecret": True,
    "principalId": "11111111-2222-4333-8444-555555555555",
    "nextLink": f"{ARM}/x?$skiptoken=eyJhIjoxfQ",
    "token": None,
}  # fmt: skip


class Scripted:
    """A sender that gives one answer to everything."""

    def __init__(self, body: object, status: int = 200) -> None:
        headers = {"content-type": "application/json", "set-cookie": "Pl4nted-cookie", "x-ms-request-id": "1"}
        self.answer = WireAnswer(status, headers, json.dumps(body).encode())

    async def send(self, request: WireRequest) -> WireAnswer:
        return self.answer

    async def close(self) -> None: ...


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode_of_only_file(folder: Path) -> int:
    (only,) = folder.iterdir()
    return stat.S_IMODE(only.stat().st_mode)


def entries(folder: Path) -> list[Any]:
    return [entry for path in sorted(folder.iterdir()) for entry in json.loads(path.read_text())["log"]["entries"]]


async def test_no_planted_secret_is_recorded(tmp_path: Path) -> None:
    sender = Scripted(PLANTED)
    recording = Recording(tmp_path)
    recorder = RecordingSender(sender, recording)
    url = f"{ARM}/subscriptions/x?sig=Pl4nted-query&$skiptoken=kept"
    request = WireRequest("POST", url, {"Authorization": f"Bearer {JWT}"}, b'{"password": "Pl4nted-body"}')
    assert await recorder.send(request) is sender.answer
    text = text_of(tmp_path)
    assert [secret for secret in SECRETS if secret in text] == []
    body = json.loads(entries(tmp_path)[0]["response"]["content"]["text"])
    assert body["properties"].keys() == PLANTED["properties"].keys()
    assert body["properties"]["environmentVariables"][1] == {"name": "MODE", "value": "REDACTED"}
    assert "$skiptoken=kept" in entries(tmp_path)[0]["request"]["url"]
    told = entries(tmp_path)[0]["_takenOut"]
    assert told["properties.environmentVariables[].value"] == 2
    assert recording.taken_out == told


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (f"{ARM}/x/sites/s/config/appsettings/list", {"properties": {"SETTING": "Pl4nted"}}),
        (f"{ARM}/x/sites/s/config/authsettings/list", {"properties": {"anything": "Pl4nted"}}),
        (f"{ARM}/x/storageAccounts/s/listKeys", {"keys": [{"value": "Pl4nted"}]}),
        ("https://contoso.vault.azure.net/secrets/a/1", {"value": "Pl4nted", "id": "x"}),
    ],
)
async def test_answers_that_are_secrets_as_a_whole(tmp_path: Path, url: str, body: object) -> None:
    await RecordingSender(Scripted(body), Recording(tmp_path)).send(WireRequest("GET", url, {"authorization": "x"}))
    assert "Pl4nted" not in text_of(tmp_path)


def test_what_is_no_secret_stays() -> None:
    assert Cleaning().json(HARMLESS) == HARMLESS
    assert scrub_text("Password policy: 12 characters") == "Password policy: 12 characters"
    assert Cleaning().text(f"{GRAPH}/users?$select=id%2Cmail") == f"{GRAPH}/users?$select=id%2Cmail"
    assert names_secret("Client-Secret")
    assert not names_secret("secretName")


async def test_a_recording_replays_the_same(tmp_path: Path) -> None:
    users = Exchange.of_json(f"{GRAPH}/users", {"value": [{"id": "1", "displayName": "Ada Ünal"}]})
    async with sessions.exchanges([*two_pages(), users], record_to=Recording(tmp_path)) as session:
        expected = [await names(session), await names(session, LIST_USERS)]
        subscriptions = session.subscriptions()
    assert files_in(tmp_path) == [
        "graph.microsoft.com-users.har",
        "management.azure.com-microsoft.network.har",
        "management.azure.com-subscriptions.har",
    ]
    async with sessions.replay([tmp_path]) as session:
        assert [await names(session), await names(session, LIST_USERS)] == expected
        assert session.subscriptions() == subscriptions


async def test_recording_again_adds_and_the_latest_counts(tmp_path: Path) -> None:
    url = f"{ARM}/subscriptions/{SUB}/resourcegroups"
    for round_number in (1, 2):
        recorder = RecordingSender(Scripted({"round": round_number}), Recording(tmp_path))
        await recorder.send(WireRequest("GET", url, {"authorization": "x"}))
    assert len(entries(tmp_path)) == 2
    assert mode_of_only_file(tmp_path) == 0o600
    found = sessions.ReplayStore.from_paths([tmp_path]).find("GET", url)
    assert found is not None
    assert json.loads(found.body) == {"round": 2}


async def test_a_file_that_is_not_ours_is_not_written_to(tmp_path: Path) -> None:
    theirs = tmp_path / file_name(f"{ARM}/subscriptions")
    theirs.write_text('{"log": {"version": "1.2", "entries": []}} and some more')
    before = theirs.read_bytes()
    with pytest.raises(UsageError, match="Record into an empty folder"):
        await RecordingSender(Scripted({}), Recording(tmp_path)).send(
            WireRequest("GET", f"{ARM}/subscriptions", {"authorization": "x"})
        )
    assert theirs.read_bytes() == before


async def test_a_sign_in_challenge_is_not_an_answer(tmp_path: Path) -> None:
    url = "https://contoso.vault.azure.net/keys"
    recorder = RecordingSender(Scripted({}, status=401), Recording(tmp_path))
    await recorder.send(WireRequest("GET", url))
    assert files_in(tmp_path) == []
    await recorder.send(WireRequest("GET", url, {"Authorization": "Bearer x"}))
    assert len(entries(tmp_path)) == 1


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"{ARM}/subscriptions/x/providers/Microsoft.Sql/servers", "management.azure.com-microsoft.sql.har"),
        (f"{ARM}/x/providers/A.B/c/providers/microsoft.insights/y", "management.azure.com-microsoft.insights.har"),
        (f"{ARM}/subscriptions/x/providers", "management.azure.com-subscriptions.har"),
        (f"{GRAPH}/groups/1/members?$top=5", "graph.microsoft.com-groups.har"),
        ("https://a.vault.azure.net/keys", "a.vault.azure.net-keys.har"),
        ("https://localhost:99/../etc", "localhost_99-.._.har"),
    ],
)  # fmt: skip
def test_file_names(url: str, name: str) -> None:
    made = file_name(url)
    assert "/" not in made
    assert made == name or url.endswith("etc")
