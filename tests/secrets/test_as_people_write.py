"""Secrets as scripts, settings and errors write them, and what only looks so: from reading Azure's answers."""

from __future__ import annotations

from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest

from loader.graph.secrets import SecretsGate
from loader.secrets import MARKER, Cleaning, scrub_text

_KEY = "a1B2" * 21 + "ab=="
_WORD = "Hunter2x1"


@pytest.mark.parametrize(
    "text",
    [
        f'password: "{_WORD}"',
        f"api_key: '{_WORD}'",
        f"adminPassword: {_WORD}",
        f"password:{_WORD}!",
        f"secret:\n  password: {_WORD}{_WORD}",
        f"API key: {_WORD}",
        f"credential:\u00a0{_WORD}",
        f"export STORAGE_KEY={_KEY} DB_PASSWORD={_WORD}; ./run.sh",
        f'ConnectionString="AccountKey={_KEY};Password={_WORD}"',
        f"password={_WORD} token={MARKER};",
        f'$password = ConvertTo-SecureString "{_WORD}" -AsPlainText -Force',
        f"-Password (ConvertTo-SecureString '{_WORD}' -AsPlainText -Force)",
        f"ConvertTo-SecureString -String {_WORD} -AsPlainText",
        f'settings: [{{"name":"DB_PASSWORD","value":"{_WORD}"}}]',
        'Operation failed: {"adminPassword":"Hunter"}',
        f"https://x.example/c?sv=2024\\u0026sig={_WORD}",
        f"https://x.example/c?sv=2024\\u0026code={_WORD}==",
        f"https://x.example/c?sv=2024&amp;code={_WORD}==",
        f"x%25253ftoken%25253d{_WORD}",
        f"password\\u003d{_WORD}",
        f"password=&quot;{_WORD}&quot;",
        f"dbpass={_WORD}",
        f"DB_PW={_WORD}",
        f"REDIS_AUTH={_WORD}",
        f"credentials={_WORD}",
        f"Password=P&{_WORD}",
        f"Passwort={_WORD}",
        f"/pwd:{_WORD}",
        f"setup.exe,/apikey:{_WORD}",
        f"https://outlook.office.com/webhook/{_WORD}@x/IncomingWebhook/y",
        f"https://HOOKS.slack.com/services/T0/B0/{_WORD}",
        f"https://events.eu.pagerduty.com/integration/{_WORD}/enqueue",
    ],
)
def test_what_is_a_secret_in_a_text(text: str) -> None:
    found = (scrub_text(text), Cleaning().text(text), SecretsGate().pass_through("azure_vm", {"x": text})["x"])
    assert [one for one in found if _WORD in one or "Hunter" in one] == []
    assert scrub_text(found[0]) == found[0], "done once"


@pytest.mark.parametrize("secret", [f"AccountName=st;AccountKey={_KEY}", f"Server=db;Password={_WORD};"])
@pytest.mark.parametrize(
    "shape", ["{}", "/subscriptions/1/resourceGroups/rg/providers/X/vms/{}", "vm {} (old)", "vm/{}/x"]
)
@pytest.mark.parametrize("code", [b64encode, urlsafe_b64encode])
def test_a_name_that_is_base64_of_a_secret(secret: str, shape: str, code: Callable[[bytes], bytes]) -> None:
    for packed in (code(secret.encode()).decode(), code(secret.encode()).decode().rstrip("=")):
        told = shape.format(packed)
        passed = SecretsGate().pass_through("azure_vm", {"name": told, f"tag.{told}": "x"})
        assert passed == {"name": shape.format(MARKER), f"tag.{shape.format(MARKER)}": "x"}


@pytest.mark.parametrize(
    "text",
    [
        "docker://registry:5000/shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "jdbc:sqlserver://srv:1433;database=shop;user=app@srv;authentication=ActiveDirectoryMsi",
        "https://host:8443/login?user=ada@contoso.com",
        "authorization: Microsoft.Compute/virtualMachines/read",
        "contoso.azurecr.io/token:v1.0.22",
        "Type the password: then press enter",
        "Password policy: 12 characters",
        "Reset token: expires in 2 days",
        "HTTP_AUTH=basic",
        "secret: /subscriptions/1/resourceGroups/rg",
    ],
)
def test_what_only_looks_like_one(text: str) -> None:
    assert scrub_text(text) == text
    assert SecretsGate().pass_through("azure_vm", {"x": text}) == {"x": text}


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"tags": {"team.password-prod": _WORD}}, 0),
        ({"tags": {"init": encodebytes(f"#!/bin/sh\nexport DB_PASSWORD={_WORD}\n".encode() * 9).decode()}}, 0),
        ({"description": b64encode(f"$env:DB_PASSWORD='{_WORD}'".encode("utf-16-le")).decode()}, 0),
        ({"x": f'\n[{{"name":"DB_PASSWORD","value":"{_WORD}"}}]'}, 0),
        ({"x": ' {"adminPassword":"Hunter"}'}, 0),
        ({"x": [{"Name": "DB_PASSWORD", "Value": _WORD}]}, 0),
        ({"parameters": {"sqlPass": {"value": _WORD}, "token": {"value": _WORD}}}, 0),
        ({"queries": {"code": _WORD, "sig": _WORD, "api-version": "2020-01-01"}}, 1),
        ({"authentication": {"type": "Raw", "value": _WORD}}, 1),
        ({"authentication": {"type": "ClientCertificate", "pfx": _WORD, "password": _WORD}}, 1),
    ],
)
def test_what_is_a_secret_in_a_document(document: Any, left: int) -> None:
    cleaned = Cleaning().json(document)
    assert _WORD not in str(cleaned)
    assert "Hunter" not in str(cleaned)
    values = [text for text in _texts(cleaned) if MARKER not in text and text != "DB_PASSWORD"]
    assert len(values) == left


@pytest.mark.parametrize(
    "document",
    [
        {"optionalClaims": {"idToken": [{"name": "email"}], "accessToken": [{"name": "upn"}]}},
        {"environment": {"id": "/subscriptions/1/resourceGroups/x/providers/Microsoft.App/managedEnvironments/e"}},
        {"parameters": {"adminPassword": {"type": "securestring", "metadata": {"description": "of the first user"}}}},
        {"authentication": {"type": "ManagedServiceIdentity", "audience": "https://management.azure.com"}},
        {"password": {"type": "AzureKeyVaultSecret", "secretName": "db", "store": {"referenceName": "vault"}}},
    ],
)
def test_what_tells_of_secrets_and_holds_none(document: Any) -> None:
    assert Cleaning().json(document) == document


@pytest.mark.parametrize(
    "properties",
    [
        {"displayName": "Client secret:", "tag.pw hint": f"password: {_WORD}"},
        {"list": ["token:", f"token: {_WORD}"]},
        {"a": 'secret="/subscriptions/1', "b": f"password={_WORD}", "c": 'y"'},
        {"notes": ["aB3dE5gH7jK9mN1pQ3sT5vW7"]},
    ],
)
def test_a_text_does_not_hide_its_neighbours_secret(properties: dict[str, Any]) -> None:
    passed = str(SecretsGate().pass_through("azure_vm", properties))
    assert _WORD not in passed
    assert MARKER in passed


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [value]
