"""Signing in: the `AZURE_*` variables first, otherwise whatever `DefaultAzureCredential` finds."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Mapping
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError as CoreError
from azure.core.exceptions import ClientAuthenticationError

from loader.azure.people import WITH_PEOPLE, asking_people
from loader.azure.refusals import sentence
from loader.azure.settings import AzureSettings
from loader.azure.sign_in import Method, SignIn, tenant_of
from loader.errors import AzgraphError, UnreachableError, UsageError
from loader.reaching import UNTRUSTED, is_distrust, proxy_host, why_unreached

# Seconds. A person waits before the screen; `az` and a managed identity may take ten of them.
_SILENCE, _FIRST_SIGN_IN = 5, 30
# Who is asked in a browser has to find a password and a telephone.
_BY_A_PERSON = 900
# Of azure-identity: by itself it tries a dead proxy for half a minute.
_RETRIES = {"retry_total": 3, "retry_connect": 2, "retry_backoff_factor": 0.4}

logger = logging.getLogger(__name__)


class ReplayCredential:
    """The credential of a replay: a fixed token that is worth nothing anywhere."""

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        return AccessToken("replay", int(time.time()) + 86_400)

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> ReplayCredential:
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Nothing is open."""


def credential(
    settings: AzureSettings, environment: Mapping[str, str] | None = None, sign_in: SignIn | None = None
) -> AsyncTokenCredential:
    """The credential that the environment describes, or `sign_in` where it is given. Nothing is asked of Azure yet.

    AZURE_TENANT_ID, AZURE_CLIENT_ID and either AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH (with
    AZURE_CLIENT_CERTIFICATE_PASSWORD) sign an application in. Without a secret or certificate it is
    `DefaultAzureCredential`: workload identity, managed identity, Azure CLI and so on.
    """
    from azure.identity import aio

    how = sign_in or SignIn.from_environment(os.environ if environment is None else environment)
    options: dict[str, Any] = {"authority": f"https://{settings.cloud.authority}", **_RETRIES}
    if not settings.known_authority:
        # Instance discovery asks Microsoft whether a sign-in host is its own, which a private cloud's is not.
        options["disable_instance_discovery"] = True
    if settings.ca_file:
        options["connection_verify"] = str(settings.ca_file)
    if how.method in WITH_PEOPLE:
        return asking_people(how, options)
    if how.method is Method.AZURE_CLI:
        return aio.AzureCliCredential(tenant_id=how.tenant or "")
    if how.method is Method.MANAGED_IDENTITY:
        local = {name: value for name, value in options.items() if name in _RETRIES}
        return aio.ManagedIdentityCredential(client_id=how.client_id, **local)
    if how.method is Method.WORKLOAD_IDENTITY:
        tenant, client = tenant_of(how), how.needed("client_id")
        file = how.needed("token_file")
        return aio.WorkloadIdentityCredential(tenant_id=tenant, client_id=client, token_file_path=str(file), **options)
    if how.method is Method.CLIENT_SECRET:
        return aio.ClientSecretCredential(tenant_of(how), how.needed("client_id"), how.needed("secret"), **options)
    if how.method is Method.CERTIFICATE:
        return _certificate(how, options)
    return aio.DefaultAzureCredential(**_who(how), **options)


def _who(how: SignIn) -> dict[str, Any]:
    """What a configuration says of tenant and application goes to all that the machine may offer."""
    who: dict[str, Any] = {}
    if how.tenant and how.configured:
        who["workload_identity_tenant_id"] = how.tenant
    if how.client_id and how.configured:
        who |= {f"{kind}_client_id": how.client_id for kind in ("managed_identity", "workload_identity")}
    return who


def _certificate(how: SignIn, options: Mapping[str, Any]) -> AsyncTokenCredential:
    from azure.identity.aio import CertificateCredential

    tenant, client, path = tenant_of(how), how.needed("client_id"), how.needed("certificate")
    named = how.name_of("certificate")
    try:
        return CertificateCredential(tenant, client, path, password=how.certificate_password, **options)
    except OSError as error:
        raise UsageError(
            f"{named} names {path}, which cannot be read ({error.strerror or error}). Correct it."
        ) from error
    except ValueError as error:
        # The message may quote the certificate file's content, so it is not told.
        raise UsageError(
            f"The certificate at {named} ({path}) cannot be used. It must be a PEM or "
            f"PKCS #12 file with its RSA private key, and {how.name_of('certificate_password')} its password, if it "
            "has one."
        ) from error


async def check_sign_in(signed: AsyncTokenCredential, settings: AzureSettings) -> None:
    """Gets a first token, so that a wrong credential ends the command at once and not in every step."""
    host = settings.cloud.authority
    seconds = _BY_A_PERSON if settings.by_hand else _FIRST_SIGN_IN
    try:
        await _with_a_word(signed.get_token(f"{settings.cloud.arm}/.default"), host, seconds)
    except TimeoutError as error:
        proxy = proxy_host()
        through = f" through the proxy {proxy}" if proxy else ""
        raise UnreachableError(
            f"The sign-in host {host} did not answer{through} in {seconds} seconds. Check the network, "
            "HTTPS_PROXY and NO_PROXY. See docs/troubleshooting.md#the-network."
        ) from error
    except ClientAuthenticationError as error:
        raise _unreachable(error, host, settings.said) from error
    except CoreError as error:
        why = why_unreached(error) or "check the network and the proxy"
        raise UnreachableError(
            f"The sign-in host {host} could not be reached: {why}. See docs/troubleshooting.md#the-network."
        ) from error


async def _with_a_word(token: Awaitable[AccessToken], host: str, seconds: float) -> None:
    """Waits for the token, and says so where that takes long."""
    asked = asyncio.ensure_future(token)
    try:
        done, _ = await asyncio.wait({asked}, timeout=_SILENCE)
        if not done:
            logger.warning("Waiting for the sign-in at %s …", host)
        await asyncio.wait_for(asked, seconds - _SILENCE)
    finally:
        asked.cancel()


def _unreachable(error: ClientAuthenticationError, host: str, said: Mapping[str, str]) -> AzgraphError:
    from azure.identity import CredentialUnavailableError

    told = None if isinstance(error, CredentialUnavailableError) else sentence(str(error), host, said)
    if told is not None:
        return UnreachableError(told)
    if is_distrust(error):
        return UnreachableError(
            f"The sign-in host {host} could not be reached: {UNTRUSTED}. See docs/troubleshooting.md#the-network."
        )
    return UnreachableError(
        "No Azure credential was found. Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or sign in "
        "with `az login`. See docs/authentication.md."
    )
