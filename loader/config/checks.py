"""What no single value tells: mistakes between values of a configuration.

It looks at what is written, so that they are told beside the mistakes in single values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loader.config.interval import DISABLED
from loader.config.notify_checks import Found, Place, notify_mistakes, secrets_of_channels

# Somebody must sit before these, which nobody does beside a schedule.
INTERACTIVE = ("device_code", "browser")
# Of the flat file of earlier versions: what stands under `neo4j` today.
FLAT = {"neo4j_uri": "uri", "neo4j_user": "user", "neo4j_database": "database", "neo4j_password_file": "password_file"}
# What each way of signing in needs besides what the environment may have, and what it has no use for.
_USELESS = {
    "client_secret": ("certificate", "token_file"),
    "certificate": ("secret", "token_file"),
    "managed_identity": ("secret", "certificate", "token_file"),
    "workload_identity": ("secret", "certificate"),
    "azure_cli": ("secret", "certificate", "token_file"),
    "device_code": ("secret", "certificate", "token_file"),
    "browser": ("secret", "certificate", "token_file"),
}


def across(data: Any) -> list[Found]:
    """Each mistake with its place."""
    instances = _instances(data)
    return [
        *_flat_and_nested(data),
        *_names(instances),
        *_directories(instances),
        *(found for at, one in instances for found in _sign_in(at, one)),
        *_sources(data),
        *notify_mistakes(data),
    ]


def secrets_in(data: Any) -> Iterator[tuple[Place, dict[str, Any]]]:
    """What is written where the file says where a secret stands (`{env: …}`), with its place."""
    for at, one in _instances(data):
        certificate = one.get("certificate")
        for place, secret in (
            (("secret",), one.get("secret")),
            (("certificate", "password"), certificate.get("password") if isinstance(certificate, dict) else None),
        ):
            if isinstance(secret, dict):
                yield ("instances", at, *place), secret
    yield from secrets_of_channels(data)


def _instances(data: Any) -> list[tuple[int, dict[str, Any]]]:
    listed = data.get("instances") if isinstance(data, dict) else None
    return [(at, one) for at, one in enumerate(listed) if isinstance(one, dict)] if isinstance(listed, list) else []


def _flat_and_nested(data: Any) -> Iterator[Found]:
    nested = data.get("neo4j")
    for flat, name in FLAT.items():
        if flat in data and isinstance(nested, dict) and name in nested:
            yield (flat,), f"this says what neo4j.{name} says too; take one of them out"
    if "account_name_tag" in data and data.get("instances"):
        yield ("account_name_tag",), "with instances, write `tag_account_name: true` into each that shall have the tag"


def _names(instances: list[tuple[int, Any]]) -> Iterator[Found]:
    seen: dict[str, int] = {}
    for at, one in instances:
        name = one.get("name")
        if isinstance(name, str) and seen.setdefault(name.casefold(), at) != at:
            yield ("instances", at, "name"), f"another instance is called {name!r} too; give each a name of its own"


def _directories(instances: list[tuple[int, Any]]) -> Iterator[Found]:
    by_tenant: dict[str, list[tuple[int, Any]]] = {}
    for at, one in instances:
        by_tenant.setdefault(str(one.get("tenant") or "").lower(), []).append((at, one))
    for tenant, sharing in by_tenant.items():
        on = [(at, one) for at, one in sharing if one.get("ingest_directory", True) is True]
        named = f"tenant {tenant}" if tenant else "the tenant of AZURE_TENANT_ID"
        for at, _one in on[1:]:
            place = ("instances", at, "ingest_directory")
            yield (
                place,
                (
                    f"{on[0][1].get('name')!r} loads the directory of {named} already, and one instance does "
                    "that for a tenant; write `ingest_directory: false` here"
                ),
            )


def _sign_in(at: int, one: Any) -> Iterator[Found]:
    how, interval = one.get("sign_in", "default"), str(one.get("interval", DISABLED))
    if how in INTERACTIVE and interval.upper() != DISABLED:
        yield (
            ("instances", at, "sign_in"),
            (
                f"{how} asks a person, and nobody sits before a schedule; take another way to sign in, or write "
                f"`interval: {DISABLED}`"
            ),
        )
    for useless in _USELESS.get(how, ()) if isinstance(how, str) else ():
        if one.get(useless) is not None:
            yield ("instances", at, useless), f"sign_in: {how} has no use for this; take it out"
    if how == "default" and one.get("secret") is not None and one.get("certificate") is not None:
        yield ("instances", at, "certificate"), "there is a secret too; write which one is meant as `sign_in: …`"


def _sources(data: Any) -> Iterator[Found]:
    """A secret has exactly one place."""
    for place, secret in secrets_in(data):
        if sum(secret.get(name) is not None for name in ("env", "file", "key_vault")) != 1:
            yield place, "exactly one of env, file and key_vault says where the secret is"
