"""Signing in: the `AZURE_*` variables first, otherwise whatever `DefaultAzureCredential` finds."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError as CoreError
from azure.core.exceptions import ClientAuthenticationError

from loader.azure.settings import AzureSettings
from loader.errors import AzgraphError, UnreachableError, UsageError


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


def credential(settings: AzureSettings, environment: Mapping[str, str] | None = None) -> AsyncTokenCredential:
    """The credential that the environment describes. Nothing is asked of Azure yet.

    AZURE_TENANT_ID, AZURE_CLIENT_ID and either AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH (with
    AZURE_CLIENT_CERTIFICATE_PASSWORD) sign an application in. Without a secret or certificate it is
    `DefaultAzureCredential`: workload identity, managed identity, Azure CLI and so on.
    """
    from azure.identity.aio import CertificateCredential, ClientSecretCredential, DefaultAzureCredential

    variables = os.environ if environment is None else environment
    options: dict[str, Any] = {"authority": f"https://{settings.cloud.authority}"}
    if not settings.known_authority:
        # Instance discovery asks Microsoft whether a sign-in host is its own, which a private cloud's is not.
        options["disable_instance_discovery"] = True
    if settings.ca_file:
        options["connection_verify"] = str(settings.ca_file)
    secret = variables.get("AZURE_CLIENT_SECRET")
    certificate = variables.get("AZURE_CLIENT_CERTIFICATE_PATH")
    if not secret and not certificate:
        return DefaultAzureCredential(**options)
    tenant, client = _named(variables, "AZURE_TENANT_ID"), _named(variables, "AZURE_CLIENT_ID")
    try:
        if secret:
            return ClientSecretCredential(tenant, client, secret, **options)
        password = variables.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
        return CertificateCredential(tenant, client, certificate, password=password, **options)
    except (ValueError, OSError) as error:
        # The message may quote the certificate file's content, so only the kind of fault is told.
        raise UsageError(
            f"AZURE_TENANT_ID, AZURE_CLIENT_ID or the certificate at AZURE_CLIENT_CERTIFICATE_PATH cannot be used "
            f"({type(error).__name__}). Check them; the certificate must hold its RSA private key."
        ) from error


def _named(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name)
    if not value:
        raise UsageError(f"{name} is not set, but a client secret or certificate is. Set it, or unset those.")
    return value


async def check_sign_in(signed: AsyncTokenCredential, settings: AzureSettings) -> None:
    """Gets a first token, so that a wrong credential ends the command at once and not in every step."""
    try:
        await signed.get_token(f"{settings.cloud.arm}/.default")
    except ClientAuthenticationError as error:
        raise _unreachable(error, settings) from error
    except CoreError as error:
        raise UnreachableError(
            f"The sign-in host {settings.cloud.authority} could not be reached. Check the network and the proxy."
        ) from error


def _unreachable(error: ClientAuthenticationError, settings: AzureSettings) -> AzgraphError:
    from azure.identity import CredentialUnavailableError

    codes = re.findall(r"AADSTS\d+", str(error))
    if isinstance(error, CredentialUnavailableError) or not codes:
        return UnreachableError(
            "No Azure credential was found. Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or sign in "
            "with `az login`."
        )
    return UnreachableError(
        f"Azure refused the sign-in at {settings.cloud.authority} ({codes[0]}). Check AZURE_TENANT_ID, "
        "AZURE_CLIENT_ID and the secret or certificate: it may be wrong or expired."
    )
