"""Secrets planted in the demo tenant's answers: at every declared place, and of every form where none is declared."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from loader.azure.transport.wire import Exchange
from loader.model import Embedded, EntityType, Graph, Json, Vault
from loader.services import entity_types, type_of

# A function app is a web app in Azure, and has the same places; its slots likewise.
SEEN_AS_OTHERS = ("azure_function_app", "azure_function_app_slot")
# What a detail's call asks for, as the end of its type's address.
_DETAILS = {
    "web": "/config/web",
    "auditing": "/auditingsettings/default",
    "securityAlerts": "/securityalertpolicies/default",
    "vulnerabilityAssessment": "/vulnerabilityassessments/default",
    "gateway": "",
}


def _bytes(number: int, size: int) -> bytes:
    return bytes((number * 31 + at * 17) % 256 for at in range(size))


def formed(number: int) -> dict[str, tuple[str, str]]:
    """Texts with a secret in each, by the form, and the part of the text that must be found nowhere.

    Put together here, so that no scanner takes this file for a leak.
    """
    mark = f"Pl4nt{number:04d}zQ"
    long_key = b64encode(mark.encode() + _bytes(number, 64 - len(mark))).decode()
    short_key = b64encode(mark.encode() + _bytes(number, 32 - len(mark))).decode()
    word = f"{mark}x7K2m9R4t6"
    jwt = f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjb250b3NvIn0.{word}"
    letters = mark.replace("_", "x")
    return {
        "connection string": (f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={long_key};Suffix=x", long_key),
        "service bus": (f"Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={short_key}", short_key),
        "sql": (f"Server=tcp:x;User ID=sa;Password={mark} with blank;Encrypt=True", mark),
        "account key": (long_key, long_key),
        "sas": (f"https://x.blob.core.windows.net/c?sv=2024&sp=r&sig={word}%3D&se=2030", word),
        "jwt": (jwt, word),
        "bearer": (f"Authorization: Bearer {word}", word),
        "basic": (f"Authorization: Basic {b64encode(f'user:{mark}'.encode()).decode()}",
                  b64encode(f"user:{mark}".encode()).decode()),
        "pem": (f"-----BEGIN RSA PRIVATE KEY-----\n{mark}\n-----END RSA PRIVATE KEY-----", mark),
        "client secret": (f"abc8Q~{word}".ljust(40, "x"), word),
        "github": (f"ghp_{letters}0123456789abcdefghijkl", letters),
        "slack": (f"xoxb-123456789012-{letters}", letters),
        "slack hook": (f"https://hooks.slack.com/services/T0/B0/{word}", word),
        "teams hook": (f"https://contoso.webhook.office.com/webhookb2/{word}@x/IncomingWebhook/y", word),
        "stripe": (f"sk_live_{letters}abcdef", letters),
        "aws": (f"aws_secret_access_key={(letters + 'a' * 40)[:40]}", letters),
        "google": (f"AIza{(letters + 'b' * 35)[:35]}", letters),
        "openai": (f"sk-proj-{letters}0123456789abcd", letters),
        "web password": (f"https://deploy:{mark}@repo.contoso.example/shop.git", mark),
        "redis password": (f"redis://:{mark}@cache.contoso.example:6380/0", mark),
        "code": (f"https://func.contoso.example/api/run?code={word}==&x=1", word),
        "access token": (f"The call failed: access_token={mark}", mark),
        "fragment": (f"https://app.contoso.example/cb#id_token={word}", word),
        "nested address": (f"https://x.example/?next=https%3A%2F%2Fy.example%2F%3Fcode%3D{word}", word),
        "argument": (f"run.sh --token {mark} --verbose", mark),
        "curl": (f"curl -u admin:{mark} https://x.example", mark),
        "json": (json.dumps({"user": "a", "password": mark}), mark),
        "escaped json": (json.dumps(json.dumps({"password": mark})), mark),
        "assignment": (f"export DB_PASSWORD='{mark}' && start", mark),
        "yaml": (f"password: {mark}", mark),
        "app insights": (f"InstrumentationKey=11111111-2222-3333-4444-{number:012d};IngestionEndpoint=https://x/",
                         f"11111111-2222-3333-4444-{number:012d}"),
    }  # fmt: skip


@dataclass
class Planted:
    """The answers with secrets in them. needles: what must be found nowhere, by where it was planted."""

    exchanges: list[Exchange]
    needles: dict[str, str] = field(default_factory=dict)


def planted(exchanges: Iterable[Exchange]) -> Planted:
    """The answers with a secret at every declared place, and one of every form in tags and descriptions."""
    answers = [(exchange, json.loads(exchange.body)) for exchange in exchanges]
    needles = _at_declared_places(answers) | _in_free_places(answers)
    return Planted([replace(exchange, body=json.dumps(body)) for exchange, body in answers], needles)


def _at_declared_places(answers: list[tuple[Exchange, Any]]) -> dict[str, str]:
    needles: dict[str, str] = {}
    for one in entity_types().values():
        for path in one.secrets if one.type not in SEEN_AS_OTHERS else ():
            needle = f"pl4nt{len(needles):04d}zq"
            home, whole = _at_home(one, path)
            for exchange, body in answers:
                for item in [item for item in _items(body) if _is_of(home, whole, exchange, item)][:2]:
                    _put(item, _steps(whole), needle)
                    needles[f"{one.type}: {path}"] = needle
    return needles


def _at_home(one: EntityType, path: str) -> tuple[EntityType, str]:
    while isinstance(one.fetch, Embedded):
        path = f"{one.fetch.at}.{path}"
        one = entity_types()[one.fetch.parent]
    return one, path


def _steps(path: str) -> list[str]:
    steps = path.split(".")
    return steps[1:] if steps[0].startswith("$") else steps


def _is_of(one: EntityType, path: str, exchange: Exchange, item: Json) -> bool:
    address = exchange.url.split("?")[0].lower()
    if isinstance(one.fetch, Graph):
        return "graph.microsoft.com" in address and address.endswith("/" + one.fetch.builder.replace("_", "").lower())
    if isinstance(one.fetch, Vault):
        return ".vault.azure.net" in address and address.endswith(f"/{one.fetch.operation.rpartition('_')[2]}")
    if path.startswith("$"):
        detail = _DETAILS[path.split(".")[0][1:]]
        return address.endswith(detail) and type_of(address.removesuffix(detail).partition(".com")[2]) == one.type
    if one.type == "azure_policy_state":
        return address.endswith("/queryresults")
    return type_of(str(item.get("id", "")).lower()) == one.type


def _put(value: Any, steps: list[str], needle: str) -> None:
    """Puts the needle at a path; what is missing on the way is made."""
    name, rest = steps[0], steps[1:]
    name, listed = name.removesuffix("[]"), name.endswith("[]")
    name = "planted" if name == "*" else name
    if not rest:
        value[name] = [needle] if listed else needle
        return
    if listed:
        if not isinstance(value.get(name), list) or not value[name]:
            value[name] = [{"name": "planted"}]
        for item in value[name]:
            _put(item, rest, needle)
        return
    if name == "planted" and isinstance(value.get(name), list):
        return
    if not isinstance(value.get(name), dict):
        value[name] = {}
    _put(value[name], rest, needle)


def _in_free_places(answers: list[tuple[Exchange, Any]]) -> dict[str, str]:
    """Every form once in a tag and once in a description, each in another resource."""
    resources = [
        item
        for exchange, body in answers
        for item in _items(body)
        if exchange.status == 200 and str(item.get("id", "")).startswith("/subscriptions/") and "tags" in item
    ]
    needles: dict[str, str] = {}
    for number, name in enumerate(formed(0)):
        text, needles[f"tag: {name}"] = formed(number)[name]
        item = resources[number]
        item["tags"] = {**(item.get("tags") or {}), f"note{number}": text}
        text, needles[f"description: {name}"] = formed(number + 500)[name]
        item = resources[(number + len(formed(0)) // 2) % len(resources)]
        item["properties"] = {**(item.get("properties") or {}), "description": text, "notes": [text]}
    return needles


def _items(body: Any) -> list[Json]:
    listed = body.get("value") if isinstance(body, dict) else None
    if isinstance(listed, list):
        return [item for item in listed if isinstance(item, dict)]
    return [body] if isinstance(body, dict) and "error" not in body else []
