"""Refusals as Microsoft Graph, Azure Resource Manager and Key Vault really give them, each with its source; those of
Entra stand with its play.

Ids, names and times are invented; the words, codes and forms are not.
"""

from __future__ import annotations

import json

from tests.fakeazure.entra import (
    conditional_access,
    expired_secret,
    no_application,
    no_tenant,
    other_cloud,
    wrong_secret,
    wrong_time,
)
from tests.fakeazure.server import CLIENT, TENANT

# Topic, HTTP status, body.
SIGN_INS = {
    "the secret's id in place of its value": ("Wrong client secret", *wrong_secret(CLIENT)),
    "an expired secret": ("Expired client secret", *expired_secret(CLIENT)),
    "a tenant that there is not": ("Unknown tenant", *no_tenant(TENANT)),
    "another tenant's application": ("Unknown application", *no_application(CLIENT)),
    "conditional access": ("Blocked by conditional access", *conditional_access()),
    "a clock that is off": ("Wrong clock", *wrong_time()),
    "the public cloud's endpoint for a sovereign tenant": ("Another cloud", *other_cloud()),
}

# https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/graph/resolve-auth-errors
GRAPH_DENIED = json.dumps(
    {
        "error": {
            "code": "Authorization_RequestDenied",
            "message": "Insufficient privileges to complete the operation.",
            "innerError": {
                "date": "2026-05-06T06:03:00",
                "request-id": "9ab57d0c-0000-4c2e-8b1f-000000000001",
                "client-request-id": "9ab57d0c-0000-4c2e-8b1f-000000000002",
            },
        }
    }
)


def arm_denied(action: str, scope: str) -> str:
    """https://learn.microsoft.com/azure/role-based-access-control/troubleshooting"""
    message = (
        f"The client '{CLIENT}' with object id '0b8c5f10-0000-4000-8000-000000000003' does not have authorization to "
        f"perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, "
        "please refresh your credentials."
    )
    return json.dumps({"error": {"code": "AuthorizationFailed", "message": message}})


_CALLER = f"appid={CLIENT};oid=0b8c5f10-0000-4000-8000-000000000003;iss=https://sts.windows.net/{TENANT}/"


def vault_denied(inner: str, message: str) -> str:
    """https://learn.microsoft.com/azure/key-vault/general/rest-error-codes"""
    error = {"code": "Forbidden", "message": message, "innererror": {"code": inner}}
    return json.dumps({"error": error})


# https://github.com/MicrosoftDocs/azure-devops-docs/issues/8581
VAULT_FIREWALL = vault_denied(
    "ForbiddenByFirewall",
    "Client address is not authorized and caller is not a trusted service.\r\nClient address: 203.0.113.7\r\nCaller: "
    f"{_CALLER}\r\nVault: kv-contoso-prod;location=westeurope",
)
VAULT_RBAC = vault_denied(
    "ForbiddenByRbac",
    "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role "
    "definitions were changed recently, please observe propagation time.\r\n"
    f"Caller: {_CALLER}\r\nAction: 'Microsoft.KeyVault/vaults/keys/read'\r\nAssignment: (not found)",
)
VAULT_POLICY = vault_denied(
    "ForbiddenByPolicy",
    f"The user, group or application '{_CALLER}' does not have keys list permission on key vault "
    "'kv-contoso-prod;location=westeurope'. For help resolving this issue, please see "
    "https://go.microsoft.com/fwlink/?linkid=2125287",
)
