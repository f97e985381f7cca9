"""Refusals as Entra, Microsoft Graph, Azure Resource Manager and Key Vault really give them, each with its source.

Ids, names and times are invented; the words, codes and forms are not.
"""

from __future__ import annotations

import json

from tests.fakeazure.server import CLIENT, TENANT


def entra(code: int, error: str, text: str) -> str:
    """The body of a refused sign-in: https://learn.microsoft.com/entra/identity-platform/reference-error-codes"""
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


# Topic, HTTP status, body. The page of all codes is the one named above; where the whole body was seen stands beside.
SIGN_INS = {
    # https://github.com/OfficeDev/microsoft-365-agents-toolkit/issues/8621
    "the secret's id in place of its value": (
        "Wrong client secret",
        401,
        entra(
            7000215,
            "invalid_client",
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
            f"not the client secret ID, for a secret added to app '{CLIENT}'.",
        ),
    ),
    # https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-aadsts7000222-expired-client-secret-keys
    "an expired secret": (
        "Expired client secret",
        401,
        entra(
            7000222,
            "invalid_client",
            f"The provided client secret keys for app '{CLIENT}' are expired. Visit the Azure portal to create new "
            "keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added "
            "security: https://aka.ms/certCreds.",
        ),
    ),
    # https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-AADSTS90002-tenant-not-found
    "a tenant that there is not": (
        "Unknown tenant",
        400,
        entra(
            90002,
            "invalid_request",
            f"Tenant '{TENANT}' not found. Check to make sure you have the correct tenant ID and are signing into the "
            "correct cloud. Check with your subscription administrator, this may happen if there are no active "
            "subscriptions for the tenant.",
        ),
    ),
    # https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-AADSTS700016-app-not-found-in-directory
    "another tenant's application": (
        "Unknown application",
        400,
        entra(
            700016,
            "unauthorized_client",
            f"Application with identifier '{CLIENT}' was not found in the directory 'Contoso'. This can happen if the "
            "application has not been installed by the administrator of the tenant or consented to by any user in the "
            "tenant. You may have sent your authentication request to the wrong tenant.",
        ),
    ),
    # https://github.com/Azure/azure-cli/issues/31700 for the words
    "conditional access": (
        "Blocked by conditional access",
        400,
        entra(
            53003,
            "invalid_grant",
            "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
        ),
    ),
    # https://learn.microsoft.com/entra/identity-platform/certificate-credentials
    "a clock that is off": (
        "Wrong clock",
        401,
        entra(
            700024,
            "invalid_client",
            "Client assertion is not within its valid time range. Current time: 2026-05-06T06:03:00.1Z, assertion "
            "valid from 2026-05-06T07:03:00.0Z, expiry time of assertion 2026-05-06T07:13:00.0Z. Review the "
            "documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        ),
    ),
    # https://github.com/webprofusion/certify/issues/553
    "the public cloud's endpoint for a sovereign tenant": (
        "Another cloud",
        400,
        entra(900382, "invalid_request", "Confidential Client is not supported in Cross Cloud request."),
    ),
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
