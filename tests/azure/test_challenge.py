"""What a header of 401 asks for, whatever else it offers beside a bearer token."""

from __future__ import annotations

import pytest

from loader.azure.challenge import Challenge, challenge_in

VAULT = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"'
OF_VAULT = Challenge("https://vault.azure.net/.default", "t", "")
# {"a":{}}, which a service wants a token to state.
CLAIMS = 'Bearer realm="", error="insufficient_claims", claims="eyJhIjp7fX0="'
OF_CLAIMS = Challenge("", "", '{"a":{}}')


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("", None),
        ("Bearer", None),
        ('Basic realm="x"', None),
        ("Negotiate", None),
        ('Basic realm="say \\"Bearer resource=https://evil.example\\""', None),
        ('Basic realm="x, Bearer resource=https://evil.example"', None),
        (VAULT, OF_VAULT),
        (VAULT.replace(", ", " "), OF_VAULT),
        (VAULT.replace('"', "").replace("Bearer", "bearer"), OF_VAULT),
        (f'Basic realm="x", {VAULT}', OF_VAULT),
        (f"Negotiate, NTLM, {VAULT}", OF_VAULT),
        (f"Negotiate oYG2MIGz==, {VAULT}", OF_VAULT),
        (f'{VAULT}, PoP realm="", resource="https://evil.example"', OF_VAULT),
        (f'PoP realm="", nonce="a,b", {CLAIMS}', OF_CLAIMS),
        (f'Bearer realm="", {CLAIMS}', OF_CLAIMS),
        (CLAIMS.replace("eyJhIjp7fX0=", "%%%"), Challenge("", "", "")),
        (CLAIMS.replace("eyJhIjp7fX0=", "/////w=="), Challenge("", "", "")),
        (CLAIMS.replace("eyJhIjp7fX0=", "W10="), Challenge("", "", "")),
    ],
)
def test_the_challenge_for_a_bearer_token_is_found(told: str, asked: Challenge | None) -> None:
    assert challenge_in({"www-authenticate": told}) == asked
