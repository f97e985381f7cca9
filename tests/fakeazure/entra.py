"""Entra, played: tenants with their applications, judged as Entra judges them, and refused in its words.

Ids, names and times are invented; the words, codes and forms are Entra's:
https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loader.azure.transport.replay import ReplayStore
from loader.azure.transport.wire import Exchange

Refused = tuple[int, str]


def entra(code: int, error: str, text: str) -> str:
    """The body of a refused sign-in."""
    trace = "\r\nTrace ID: 6f6c4645-0202-4486-b625-fa957dfc4700\r\nCorrelation ID: 5fc87507-4086-4e77-b415-cee677eb232e"
    return json.dumps(
        {
            "error": error,
            "error_description": f"AADSTS{code}: {text}{trace}\r\nTimestamp: 2026-05-06 06:03:00Z",
            "error_codes": [code],
            "timestamp": "2026-05-06 06:03:00Z",
            "trace_id": "6f6c4645-0202-4486-b625-fa957dfc4700",
            "correlation_id": "5fc87507-4086-4e77-b415-cee677eb232e",
            "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        }
    )


# https://github.com/OfficeDev/microsoft-365-agents-toolkit/issues/8621
def wrong_secret(client: str) -> Refused:
    text = (
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
        f"not the client secret ID, for a secret added to app '{client}'."
    )
    return 401, entra(7000215, "invalid_client", text)


# https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-aadsts7000222-expired-client-secret-keys
def expired_secret(client: str) -> Refused:
    text = (
        f"The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys "
        "for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: "
        "https://aka.ms/certCreds."
    )
    return 401, entra(7000222, "invalid_client", text)


# https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-AADSTS90002-tenant-not-found
def no_tenant(tenant: str) -> Refused:
    text = (
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the "
        "correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant."
    )
    return 400, entra(90002, "invalid_request", text)


# https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-AADSTS700016-app-not-found-in-directory
def no_application(client: str) -> Refused:
    text = (
        f"Application with identifier '{client}' was not found in the directory 'Contoso'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in the "
        "tenant. You may have sent your authentication request to the wrong tenant."
    )
    return 400, entra(700016, "unauthorized_client", text)


# https://github.com/Azure/azure-cli/issues/31700 for the words
def conditional_access() -> Refused:
    text = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
    return 400, entra(53003, "invalid_grant", text)


# https://learn.microsoft.com/entra/identity-platform/certificate-credentials
def wrong_time() -> Refused:
    text = (
        "Client assertion is not within its valid time range. Current time: 2026-05-06T06:03:00.1Z, assertion valid "
        "from 2026-05-06T07:03:00.0Z, expiry time of assertion 2026-05-06T07:13:00.0Z. Review the documentation at "
        "https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
    )
    return 401, entra(700024, "invalid_client", text)


# https://github.com/webprofusion/certify/issues/553
def other_cloud() -> Refused:
    return 400, entra(900382, "invalid_request", "Confidential Client is not supported in Cross Cloud request.")


@dataclass
class Application:
    """secrets: those that were ever made, with whether they are still valid. claims: what its tokens say of it."""

    client: str
    secrets: dict[str, bool] = field(default_factory=dict)
    blocked: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict)


class PlayedTenant:
    """A tenant: its answers, and the applications in it by their ids. sovereign: it is of another cloud.

    clock_behind: by how many seconds its clock is behind this machine's.
    """

    def __init__(self, identifier: str, exchanges: Iterable[Exchange], *applications: Application) -> None:
        self.identifier = identifier
        self.applications = {one.client: one for one in applications}
        self.sovereign, self.clock_behind = False, 0.0
        self.serve(exchanges)

    def serve(self, exchanges: Iterable[Exchange]) -> None:
        """From now on answers are these."""
        self.store = ReplayStore(exchanges)

    def refusal(self, form: Mapping[str, Any]) -> Refused | None:
        """What Entra says to this request for a token; None where it gives one."""
        client = str(form.get("client_id"))
        application = self.applications.get(client)
        if self.sovereign:
            return other_cloud()
        if application is None:
            return no_application(client)
        if assertion := form.get("client_assertion"):
            told = _claims(str(assertion))
            now = time.time() - self.clock_behind
            if not float(told.get("nbf", 0)) - 300 <= now <= float(told.get("exp", 0)) + 300:
                return wrong_time()
        else:
            secret = str(form.get("client_secret"))
            if secret not in application.secrets:
                return wrong_secret(client)
            if not application.secrets[secret]:
                return expired_secret(client)
        return conditional_access() if application.blocked else None


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return told
