"""Signing in by hand: a code that is typed into a browser elsewhere, or a browser here.

azure-identity has these without asyncio only; they wait in a thread. What a person allowed is kept for as long as the
process lives, so that the other services of Azure are asked without another question.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.credentials_async import AsyncTokenCredential

from loader.azure.sign_in import Method, SignIn

WITH_PEOPLE = (Method.DEVICE_CODE, Method.BROWSER)


class ByHand:
    """An asynchronous credential over one of azure-identity's that asks a person; it asks one question at a time."""

    def __init__(self, asking: Any) -> None:
        self._asking = asking
        self._turn = threading.Lock()

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        token: AccessToken = await self._in_turn(lambda: self._asking.get_token(*scopes, **kwargs))
        return token

    async def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        token: AccessTokenInfo = await self._in_turn(lambda: self._asking.get_token_info(*scopes, options=options))
        return token

    async def _in_turn(self, ask: Callable[[], Any]) -> Any:
        def one_by_one() -> Any:
            with self._turn:
                return ask()

        return await asyncio.to_thread(one_by_one)

    async def close(self) -> None:
        """The credential is kept for the next question."""

    async def __aenter__(self) -> ByHand:
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Nothing is open."""


_made: dict[tuple[object, ...], ByHand] = {}


def asking_people(how: SignIn, options: Mapping[str, Any]) -> AsyncTokenCredential:
    """The credential of a person; the same one for the same sign-in, so that nobody is asked twice."""
    from azure.identity import DeviceCodeCredential, InteractiveBrowserCredential

    key = (how.method, how.tenant, how.client_id, options["authority"])
    if key not in _made:
        who = {"tenant_id": how.tenant, "client_id": how.client_id}
        given: dict[str, Any] = {**options, **{name: value for name, value in who.items() if value}}
        _made[key] = ByHand(
            InteractiveBrowserCredential(**given)
            if how.method is Method.BROWSER
            else DeviceCodeCredential(prompt_callback=_tell, **given)
        )
    return _made[key]


def _tell(address: str, code: str, expires: datetime) -> None:
    """stdout belongs to results."""
    print(f"Open {address} and type the code {code} (until {expires:%H:%M} UTC).", file=sys.stderr, flush=True)
