"""Reading how an answer of 401 asks to be signed in to: its `WWW-Authenticate` header."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a host asks for. scope: what the token is for, empty where it is not named. tenant: who is to issue it.

    claims: what the token must state as well, base64; empty where nothing is asked.
    """

    scope: str
    tenant: str
    claims: str

    @property
    def stated(self) -> str:
        """The claims in clear. Raises ValueError for what is no base64."""
        return base64.urlsafe_b64decode(self.claims + "=" * (-len(self.claims) % 4)).decode()


def challenge_in(headers: Mapping[str, str]) -> Challenge | None:
    """The challenge in the headers of an answer (their names in lower case); None where it asks for no bearer token.

    https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
    """
    told = headers.get("www-authenticate", "").strip()
    if not told.lower().startswith("bearer "):
        return None
    named = {name.lower(): value for name, value in re.findall(r'(\w+)\s*=\s*"?([^",]*)"?', told[7:])}
    resource = named.get("resource")
    authority = urlsplit(named.get("authorization_uri") or named.get("authorization") or "").path.strip("/")
    return Challenge(
        scope=named.get("scope") or (f"{resource}/.default" if resource else ""),
        tenant=authority.partition("/")[0],
        claims=named.get("claims", ""),
    )
