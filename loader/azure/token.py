"""What an access token says of itself: read, not verified. Azure verifies it; we want to know whose it is."""

from __future__ import annotations

import base64
import json

from loader.model import Json


def tenant_of_token(token: str) -> str | None:
    """The tenant (`tid`) that the token was made out for; None where the token is no JWT or does not say."""
    named = claims_of_token(token).get("tid")
    return str(named) if named else None


def claims_of_token(token: str) -> Json:
    """The claims of a token; none where it is no JWT.

    https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
    """
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}
