"""Reading how an answer of 401 asks to be signed in to: its `WWW-Authenticate` header."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

# A name and its value, in quotes or bare. What stands before it, after a comma or at the beginning, is the scheme of
# which it is the first; commas between them are not everywhere.
_PARAMETER = re.compile(
    r'(?:(?:^|,)\s*(?P<scheme>[A-Za-z][\w-]*)\s+)?(?P<name>[\w-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^",]*))'
)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a host asks for. scope: what the token is for, empty where it is not named. tenant: who is to issue it.

    claims: what the token must state as well, as JSON; empty where nothing is asked.
    """

    scope: str
    tenant: str
    claims: str


def challenge_in(headers: Mapping[str, str]) -> Challenge | None:
    """The challenge in the headers of an answer (their names in lower case); None where it asks for no bearer token.

    Of several that ask for one, the one that demands claims. Other schemes may stand before it and after it:
    https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1,
    https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
    """
    found = [_challenge(named) for named in _bearers(headers.get("www-authenticate", ""))]
    return max(found, key=lambda one: (bool(one.claims), bool(one.scope)), default=None)


def _bearers(told: str) -> list[dict[str, str]]:
    """The parameters of each challenge for a bearer token, by their names in lower case."""
    found: list[dict[str, str]] = []
    scheme = ""
    for match in _PARAMETER.finditer(told):
        if match["scheme"]:
            scheme = match["scheme"].lower()
            if scheme == "bearer":
                found.append({})
        if scheme == "bearer":
            value = match["bare"].strip() if match["quoted"] is None else match["quoted"]
            found[-1][match["name"].lower()] = value
    return found


def _challenge(named: Mapping[str, str]) -> Challenge:
    resource = named.get("resource")
    authority = urlsplit(named.get("authorization_uri") or named.get("authorization") or "").path.strip("/")
    return Challenge(
        scope=named.get("scope") or (f"{resource}/.default" if resource else ""),
        tenant=authority.partition("/")[0],
        claims=_in_clear(named.get("claims", "")),
    )


def _in_clear(claims: str) -> str:
    """Claims out of base64; empty where they are none, so that nothing but a refusal is left of the answer.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge#claims-challenge-header-format
    """
    try:
        stated = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).decode()
        return stated if isinstance(json.loads(stated), dict) else ""
    except (ValueError, RecursionError):
        return ""
