"""A token for another service of Azure than those that are loaded: asked for once, and kept by nobody."""

from __future__ import annotations

import asyncio

from azure.core.exceptions import AzureError as CoreError
from azure.core.exceptions import ClientAuthenticationError

from loader.azure.credential import credential
from loader.azure.settings import AzureSettings
from loader.azure.sign_in import SignIn
from loader.errors import UnreachableError

_SECONDS = 60


def token_for(scope: str, settings: AzureSettings, how: SignIn) -> str:
    """An access token for a scope such as `https://monitor.azure.com//.default`.

    Raises UsageError, and UnreachableError that quotes nothing of what Azure said.
    """
    try:
        return asyncio.run(asyncio.wait_for(_token(scope, settings, how), _SECONDS))
    except ClientAuthenticationError as error:
        raise UnreachableError(
            f"The sign-in at {settings.cloud.authority} gave no token for {scope}. Check who signs in; see "
            "docs/authentication.md."
        ) from error
    except (CoreError, TimeoutError) as error:
        raise UnreachableError(
            f"The sign-in host {settings.cloud.authority} could not be reached. Check the network and the proxy."
        ) from error


async def _token(scope: str, settings: AzureSettings, how: SignIn) -> str:
    async with credential(settings, sign_in=how) as signed:
        return (await signed.get_token(scope)).token
