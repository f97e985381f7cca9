"""Two tenants for one watch: Contoso, and Fabrikam, which has bought no premium licence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from loader.azure.transport.wire import Exchange
from loader.demo import exchanges
from tests.e2e.support import SANDBOX, path_of
from tests.fakeazure import Application, FakeAzure, PlayedTenant

CONTOSO, FABRIKAM = "c0705000-7e4a-47c0-9c1d-2b6f0e8a1001", "fab0c000-7e4a-47c0-9c1d-2b6f0e8a1001"
CLIENTS = {"contoso": "3d5b7f90-aaaa-4bbb-8ccc-ddddeeee0001", "fabrikam": "3d5b7f90-aaaa-4bbb-8ccc-ddddeeee0002"}
SECRETS = {
    "contoso": "aBc8Q~planted-secret-of-contoso-00000000",
    "fabrikam": "xYz8Q~planted-secret-of-fabrikam-0000000",
}
NEXT_SECRET = "nEw8Q~planted-secret-of-fabrikam-1111111"
TYPES = (
    "azure_user",
    "azure_user_sign_in_activity",
    "azure_user_registration_details",
    "azure_vm",
    "azure_vnet",
    "azure_resource_group",
    "azure_storage_account",
)
_WATCH = 'watch: {listen: "127.0.0.1:0", jitter: 0}\n'
# https://learn.microsoft.com/graph/api/user-list and /graph/api/authenticationmethodsroot-list-userregistrationdetails
_NOT_PREMIUM = json.dumps(
    {
        "error": {
            "code": "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "message": "Neither tenant is B2C or tenant doesn't have premium license",
        }
    }
)
_PREMIUM = re.compile(r"signInActivity|userRegistrationDetails", re.IGNORECASE)
# https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found
_DISABLED = json.dumps(
    {
        "error": {
            "code": "ReadOnlyDisabledSubscription",
            "message": f"The subscription '{SANDBOX}' is disabled and therefore marked as read only. You cannot "
            "perform any write actions on this subscription until it is re-enabled.",
        }
    }
)


def contoso(*, sandbox_disabled: bool = False) -> list[Exchange]:
    """Contoso's answers. sandbox_disabled: nobody paid for that subscription any more."""
    answers = exchanges(1)
    if not sandbox_disabled:
        return answers

    within = f"/subscriptions/{SANDBOX}/"
    refused = [replace(one, status=409, body=_DISABLED) if within in path_of(one) else one for one in answers]
    return [replace(one, body=_disabled(one.body)) if path_of(one) == "/subscriptions" else one for one in refused]


def _disabled(body: str | bytes) -> str:
    told = json.loads(body)
    next(one for one in told["value"] if one["subscriptionId"] == SANDBOX)["state"] = "Disabled"
    return json.dumps(told)


def fabrikam() -> list[Exchange]:
    """The same company under another name and other ids, without Entra ID P1."""
    return [_fabrikam(one) for one in exchanges(1)]


def _fabrikam(one: Exchange) -> Exchange:
    body = one.body if isinstance(one.body, str) else one.body.decode()
    url = _renamed(one.url)
    if _PREMIUM.search(url):
        return replace(one, url=url, status=403, body=_NOT_PREMIUM)
    return replace(one, url=url, body=_renamed(body))


def _renamed(text: str) -> str:
    return text.replace("c0705000", "fab0c000").replace("contoso", "fabrikam").replace("Contoso", "Fabrikam")


def played() -> dict[str, PlayedTenant]:
    """Both tenants, each with an application of its own."""
    return {
        name: PlayedTenant(identifier, answers, Application(CLIENTS[name], {SECRETS[name]: True}))
        for name, identifier, answers in (("contoso", CONTOSO, contoso()), ("fabrikam", FABRIKAM, fabrikam()))
    }


def configuration(
    *, intervals: tuple[str, str] = ("30m", "30m"), secret: str = "fabrikam.secret", more: str = ""
) -> str:
    """The configuration of both instances."""
    contoso_text = _instance("contoso", CONTOSO, intervals[0], "contoso.secret")
    return f"instances:\n{contoso_text}{_instance('fabrikam', FABRIKAM, intervals[1], secret)}{_WATCH}{more}"


def one_instance(more: str = "") -> str:
    """The configuration of Contoso alone."""
    return f"instances:\n{_instance('contoso', CONTOSO, '1w', 'contoso.secret')}{_WATCH}{more}"


def _instance(name: str, tenant: str, interval: str, secret: str) -> str:
    return f"""\
  - name: {name}
    interval: {interval}
    tenant: {tenant}
    client_id: {CLIENTS[name]}
    secret: {{file: {secret}}}
    tag_account_name: true
    types: {{only: [{", ".join(TYPES)}]}}
"""


def write_secrets(folder: Path, secrets: Iterable[tuple[str, str]]) -> None:
    """Files of secrets that only their owner reads."""
    for name, value in secrets:
        file = folder / f"{name}.secret"
        file.write_text(f"{value}\n")
        file.chmod(0o600)


def environment(azure: FakeAzure) -> dict[str, str]:
    """What leads the command to the played Azure, without who signs in: that is the configuration's."""
    who = ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID")
    return {name: value for name, value in azure.proxied_environment.items() if name not in who}
