"""Forms: what is a secret wherever it stands, and what only looks so."""

from __future__ import annotations

import json
import string
import time
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.secrets import MARKER, Cleaning, Finding, holding, holds_secret, scrub_text
from loader.secrets.entropy import looks_random
from loader.secrets.names import names_secret, names_secret_setting, names_secret_tag, names_secret_text
from loader.secrets.scrubbing import FORMS
from tests.secrets.planting import formed

HARMLESS = (
    "Password: required for all users",
    "Reset password=no",
    "Basic authentication is off",
    "Basic kılavuzlar",
    "https://portal.azure.com/#@contoso.example/resource/subscriptions/11111111-2222-3333-4444-555555555555",
    "https://login.microsoftonline.com/error?code=50011",
    "https://management.azure.com/x?api-version=2024-01-01&$skiptoken=eyJhIjoxfQ&%24filter=a%20eq%20'b'",
    "mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDExampleExampleExample contoso",
    "/subscriptions/1/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v/secrets/password",
    "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/a/)",
    "password=$(DB_PASSWORD) token=${TOKEN} secret=<your secret> apikey={{key}}",
    "Secure transfer to storage accounts should be enabled",
    "The user must change the password: see the policy.",
    "0f343b0931126a20f133d67c2b018a3b1a2c3d4e",
    "W/\"datetime'2024-01-01T00%3A00%3A00.0000000Z'\"",
    "MicrosoftWindowsServer:WindowsServer:2022-datacenter-azure-edition:latest",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "ada@contoso.example",
    "SCRAM-SHA-256; tokens of GitHub are trusted",
)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrub_text(text) == text
    assert Cleaning().json({"tags": {"note": text}, "properties": {"description": text}}) == {
        "tags": {"note": text},
        "properties": {"description": text},
    }


@pytest.mark.parametrize("name", formed(0))
@settings(max_examples=15, deadline=None)
@given(
    before=st.text(alphabet=string.ascii_letters + " .,;:\n\"'([{é", max_size=20),
    after=st.text(alphabet=string.ascii_letters + " .,;:\n\"')]}é", max_size=20),
    number=st.integers(0, 9999),
)
def test_a_secret_is_found_in_any_text(name: str, before: str, after: str, number: int) -> None:
    """A blank parts it from what stands around it, as in logs and errors; what it was is told, never its value."""
    secret, needle = formed(number)[name]
    found: list[Finding] = []
    # A text that begins as JSON and is none, or with a quote that never ends, is a text all the same.
    cleaned = Cleaning(found=found.append).text(f"{before} {secret} {after}", "there")
    assert needle not in cleaned
    assert MARKER in cleaned
    assert found
    assert all(needle not in repr(one) + one.hint for one in found)


_LEAVES = st.text(max_size=30) | st.integers() | st.booleans() | st.none() | st.sampled_from(list(formed(3).values()))
_NAMES = st.sampled_from(["id", "name", "value", "tags", "password", "env", "properties", "x"])


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        _LEAVES.map(lambda leaf: leaf[0] if isinstance(leaf, tuple) else leaf),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
        max_leaves=12,
    )
)
def test_cleaning_keeps_the_shape_and_is_done_once(document: object) -> None:
    cleaned = Cleaning().json(document)
    found: list[Finding] = []
    assert Cleaning(found=found.append).json(cleaned) == cleaned
    assert found == []
    assert _shape(cleaned) == _shape(document)
    json.dumps(cleaned)


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {name: _shape(item) for name, item in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else None


def test_every_form_has_an_example_or_is_tried_below() -> None:
    """A form whose signs do not let its own secrets through would never be tried."""
    for form in FORMS:
        assert form.signs
        assert all(sign == sign.lower() for sign in (*form.signs, *form.also))


@pytest.mark.parametrize(
    "secret",
    [
        "AIoT".join(("a1B2" * 8 + "c", "Abcdefg"[:1] + "ABCDE=")),
        "x" * 42 + "AzSe" + "A" + "bcdef",
        "a1B2" * 13 + "JQQJ99" + "ABCD1234efgh5678ij" + "wxyz",
        "dapi" + "0123456789abcdef" * 2,
        "glpat-" + "a1" * 12,
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "SG." + "a1B2" * 5 + "." + "c3D4" * 6,
        "npm_" + "a1B2c3" * 6,
        "hvs." + "a1B2c3" * 6,
        "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 1\nabcdef",
        "z" * 76 + "AZDO" + "abcd",
        "q7k2m5x3vbn6jh4gfd2sazp7ouwyertx3c5l6imk2q4b7nvhj5wd"[:52],
        "x+/" * 14 + "y=",
    ],
)
def test_tokens_of_known_makers(secret: str) -> None:
    for text in (secret, f"use {secret} here", f"at={secret}"):
        assert secret not in scrub_text(text)


def test_names() -> None:
    for name in ("adminPassword", "Client-Secret", "primaryKey2", "webhookUrl", "sasUri", "issuerSecret"):
        assert names_secret(name), name
    harmless = "disablePassword secretUri keyVaultSecretId lastPasswordChangeDateTime skipToken publicKey"
    for name in harmless.split():
        assert not names_secret_text(name), name
    for name in ("TOKEN", "DB_PASS", "DATABASE_URL", "hidden-link: /app-insights-conn-string", "SMTP_AUTH", "GH_PAT"):
        assert names_secret_setting(name), name
    for name in [
        "bypass",
        "compass",
        "Owner",
        "author",
        "monkey",
        "hidden-title",
        "CostCenter",
        "path",
        "MAX_TOKENS",
        "token-rotation",
    ]:
        assert not names_secret_tag(name), name
    assert names_secret_tag("password-prod")
    assert not names_secret_setting("BannedPasswordList")


def test_entropy() -> None:
    assert looks_random("aB3dE5gH7jK9mN1pQ3sT5vW7")
    for word in (
        "acs-k8s-agent-C02B7042-0",
        "MicrosoftWindowsServer2022DatacenterAzureEdition",
        "contosoProductionEnvironment2024",
        "A" * 40,
    ):
        assert not looks_random(word)
    drawn = {"tags": {"note": "aB3dE5gH7jK9mN1pQ3sT5vW7"}, "description": "use aB3dE5gH7jK9mN1pQ3sT5vW7 there"}
    assert Cleaning().json(drawn) == {"tags": {"note": MARKER}, "description": f"use {MARKER} there"}
    hidden = b64encode(b"export DB_PASSWORD=hunter2").decode()
    assert Cleaning().json({"tags": {"note": hidden}}) == {"tags": {"note": MARKER}}


@pytest.mark.parametrize(
    "unit",
    ["token=a ", "://x:@", "eyJ-eyJ.", "password=", "sig=", "-----BEGIN PRIVATE KEY-----", "--token=", "a" * 8, '"x":'],
)
def test_hostile_texts_take_no_longer_than_others(unit: str) -> None:
    """Azure's answers hold what people wrote: a text must not be able to stop a sync."""
    begun = time.process_time()
    scrub_text(unit * (60_000 // len(unit)))
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("body", "cleaned"),
    [
        ({"properties": {"commandLine": "hop jump"}}, {"properties": {"commandLine": MARKER}}),
        ({"x": [{"name": "DB_PASSWORD", "value": "short"}]}, {"x": [{"name": "DB_PASSWORD", "value": MARKER}]}),
    ],
    ids=["a program's text", "a pair of name and value"],
)
def test_each_rule_takes_out_what_no_other_sees(body: object, cleaned: object) -> None:
    assert Cleaning().json(body) == cleaned


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.sampled_from([*HARMLESS, *(text for text, _ in formed(1).values()), "", "-", "rg-x"])),
    around=st.text(alphabet=string.ascii_letters + " -\n=", max_size=3),
)
def test_a_look_at_several_texts_finds_what_one_at_each_finds(texts: list[str], around: str) -> None:
    texts = [f"{around}{text}" for text in texts]
    assert holding(texts) == {at for at, text in enumerate(texts) if holds_secret(text)}
