"""Refusals become a status and a sentence that says what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError

from loader.azure import sessions
from loader.azure.errors import AzureError, code_and_message, outcome_of, refusal
from loader.azure.transport.wire import ConnectionBrokenError, Exchange, NotReadingError, NotRecordedError
from loader.model import Arm, At, Call, Graph, Quiet, Status, Vault
from tests.azure.contoso import GRAPH, LIST_VNETS, VNETS, names

SQL = Arm(
    client="azure.mgmt.sql.aio:SqlManagementClient", operation="servers.list", permission="Microsoft.Sql/servers/read"
)
USERS = Graph(builder="users", permission="User.Read.All")
KEYS = Vault(
    client="azure.keyvault.keys.aio:KeyClient",
    operation="list_properties_of_keys",
    endpoint=At("properties.vaultUri"),
    permission="Key Vault Reader",
    parent="azure_keyvault_service",
)


def said(code: str, message: str = "No.", inner: str = "") -> str:
    error: dict[str, Any] = {"code": code, "message": message}
    if inner:
        error["innererror"] = {"code": inner}
    return json.dumps({"error": error})


@pytest.mark.parametrize(
    ("call", "http", "body", "status", "words"),
    [
        (SQL, 401, said("InvalidAuthenticationToken"), Status.FORBIDDEN, "check the credential"),
        (SQL, 403, said("AuthorizationFailed"), Status.FORBIDDEN, "Microsoft.Sql/servers/read"),
        (USERS, 403, said("Authorization_RequestDenied"), Status.FORBIDDEN, "application permission User.Read.All"),
        (USERS, 401, said("Authorization_IdentityNotFound"), Status.FORBIDDEN, "User.Read.All"),
        (USERS, 403, said("Authentication_RequestFromNonPremiumTenantOrB2CTenant"), Status.UNAVAILABLE, "licence"),
        (USERS, 400, said("BadRequest", "Request not applicable to target tenant."), Status.UNAVAILABLE, "licence"),
        (
            KEYS,
            401,
            said("Unauthorized", "AKV10000: Request is missing a token."),
            Status.FORBIDDEN,
            "Key Vault Reader",
        ),
        (KEYS, 403, said("Forbidden", inner="ForbiddenByFirewall"), Status.FORBIDDEN, "firewall"),
        (KEYS, 403, said("Forbidden", inner="ForbiddenByPolicy"), Status.FORBIDDEN, "access policy"),
        (KEYS, 403, said("Forbidden", inner="ForbiddenByRbac"), Status.FORBIDDEN, "Key Vault Reader on the vault"),
        (SQL, 404, said("ResourceNotFound"), Status.UNAVAILABLE, "does not know"),
        (SQL, 404, said("SubscriptionNotFound"), Status.UNAVAILABLE, "subscription does not exist"),
        (SQL, 400, said("NoRegisteredProviderFound"), Status.UNAVAILABLE, "not registered"),
        (SQL, 409, said("MissingSubscriptionRegistration"), Status.UNAVAILABLE, "not registered"),
        (SQL, 403, said("DisallowedOperation"), Status.UNAVAILABLE, "not registered"),
        (SQL, 410, "", Status.UNAVAILABLE, "retired"),
        (SQL, 429, said("TooManyRequests"), Status.FAILED, "throttled"),
        (SQL, 500, "<html>", Status.FAILED, "Azure failed with 500"),
        (SQL, 400, said("BadRequest", "The filter is wrong."), Status.FAILED, "BadRequest: The filter is wrong"),
    ],
)
def test_refusals(call: Call, http: int, body: str, status: Status, words: str) -> None:
    error = refusal(http, body, call)
    assert error.status is status
    assert words in error.reason
    assert error.http_status == http
    assert error.outcome.reason == error.reason


@pytest.mark.parametrize(
    ("raised", "status", "words"),
    [
        (NotRecordedError("GET x"), Status.UNAVAILABLE, "holds no answer"),
        (ConnectionBrokenError("ReadError"), Status.FAILED, "connection broke"),
        (NotReadingError("POST x would change something in Azure."), Status.FAILED, "fault of azgraph"),
        (ClientAuthenticationError("No credential."), Status.FORBIDDEN, "sign-in"),
        (ServiceRequestError("no route"), Status.FAILED, "could not be reached"),
        (json.JSONDecodeError("x", "y", 0), Status.FAILED, "not whole"),
        (AttributeError("no such operation"), Status.FAILED, "fault of azgraph"),
        (HttpResponseError("odd"), Status.FAILED, "could not be called"),
    ],
)
def test_exceptions(raised: Exception, status: Status, words: str) -> None:
    outcome = outcome_of(raised, SQL)
    assert outcome.status is status
    assert words in outcome.reason
    assert not outcome.whole


def test_what_an_sdk_wraps_is_found() -> None:
    wrapped = RuntimeError("wrapped by an SDK")
    wrapped.__cause__ = NotRecordedError("GET x")
    assert outcome_of(wrapped, SQL) == outcome_of(NotRecordedError("GET x"), SQL)


def unsupported(code: str, asked: str, *versions: str) -> str:
    """As Azure Resource Manager words it."""
    return said(
        code,
        f"The resource type could not be found in the namespace 'Microsoft.Sql' for api version '{asked}'. "
        f"The supported api-versions are '{','.join(versions)}'.",
    )


@pytest.mark.parametrize(
    ("http", "body", "quiet"),
    [
        (409, said("MissingSubscriptionRegistration"), Quiet.NOT_OFFERED),
        (409, said("missingsubscriptionregistration"), Quiet.NOT_OFFERED),
        (400, said("SubscriptionNotRegistered"), Quiet.NOT_OFFERED),
        (404, said("ResourceProviderNotRegistered"), Quiet.NOT_OFFERED),
        (403, said("FeatureNotRegistered"), Quiet.NOT_OFFERED),
        (403, said("DisallowedProvider"), Quiet.NOT_OFFERED),
        (400, said("NoRegisteredProviderFound"), Quiet.NOT_OFFERED),
        (400, unsupported("NoRegisteredProviderFound", "2021-01-01", "2020-01-01", "2021-01-01"), Quiet.NOT_OFFERED),
        (404, said("InvalidResourceType"), Quiet.RETIRED),
        (404, said("InvalidResourceNamespace"), Quiet.RETIRED),
        (410, "", Quiet.RETIRED),
        (410, said("Gone"), Quiet.RETIRED),
        (403, said("ReadOnlyDisabledSubscription"), Quiet.DISABLED),
        (409, said("DisabledSubscription"), Quiet.DISABLED),
        (403, said("SubscriptionNotEnabled"), Quiet.DISABLED),
        (403, said("Authentication_RequestFromNonPremiumTenantOrB2CTenant"), Quiet.NOT_LICENSED),
        (400, said("BadRequest", "The tenant needs an Azure AD Premium P2 license."), Quiet.NOT_LICENSED),
        (403, said("Forbidden", "Your tenant is not licensed for this feature."), Quiet.NOT_LICENSED),
    ],
)
def test_an_end_that_is_nobodys_fault_is_quiet(http: int, body: str, quiet: Quiet) -> None:
    outcome = refusal(http, body, SQL).outcome
    assert (outcome.status, outcome.quiet) == (Status.UNAVAILABLE, quiet)


@pytest.mark.parametrize(
    ("http", "body"),
    [
        (400, said("InvalidApiVersionParameter", "The api-version '1' is invalid. The supported versions are '2'.")),
        (400, said("MissingApiVersionParameter")),
        (400, said("UnsupportedApiVersion")),
        (400, unsupported("NoRegisteredProviderFound", "1999-01-01", "2020-01-01", "2021-01-01")),
        (404, unsupported("InvalidResourceType", "1999-01-01", "2020-01-01")),
        (403, said("Authorization_RequestDenied", "Insufficient privileges; premium tenants may grant them.")),
        (403, said("AuthorizationFailed", "The client has no license to read it.")),
        (403, said("AccessDenied", "No license for you.")),
        (500, said("InternalServerError", "The license service is away.")),
        (429, said("TooManyRequests", "Premium tenants may ask more often.")),
        (400, said("FeatureNotSupportedForAccount", "Blob is not supported for premium file accounts.")),
        (403, said("OperationNotAllowed", "This operation is not allowed in the Premium tier.")),
        (404, said("SubscriptionNotFound")),
        (404, said("ResourceNotFound")),
        (409, said("Conflict")),
    ],
)
def test_what_a_second_run_or_somebody_can_mend_is_not(http: int, body: str) -> None:
    outcome = refusal(http, body, SQL).outcome
    assert outcome.quiet is None
    assert not outcome.accounted


def test_microsoft_graph_asks_for_premium_tenants() -> None:
    told = said("Forbidden", "Your tenant does not have a Premium P1 subscription.")
    assert refusal(403, told, USERS).outcome.quiet is Quiet.NOT_LICENSED


@pytest.mark.parametrize("code", ["Directory_ExpiredPageToken", "ExpiredSkipToken", "ContinuationTokenExpired"])
def test_a_place_in_a_list_that_ran_out_is_no_other_refusal(code: str) -> None:
    assert refusal(400, said(code), USERS).expired_page
    assert not refusal(401, said("ExpiredAuthenticationToken"), USERS).expired_page


def test_only_azures_own_404_is_an_answer() -> None:
    assert refusal(404, said("ResourceNotFound"), SQL).not_found
    assert not refusal(404, said("SubscriptionNotFound"), SQL).not_found
    assert not refusal(403, said("AuthorizationFailed"), SQL).not_found


def test_messages_are_cut_and_carry_no_secret() -> None:
    key = "A" * 86 + "=="
    message = f"Bad connection AccountName=x;AccountKey={key};EndpointSuffix=y " + "z" * 500
    reason = refusal(400, said("BadRequest", message), SQL).reason
    assert key not in reason
    assert "AccountKey=REDACTED" in reason
    assert len(reason) < 400


@pytest.mark.parametrize(("call", "url"), [(LIST_VNETS, VNETS), (USERS, f"{GRAPH}/users")], ids=["arm", "graph"])
async def test_recorded_refusals_come_through_the_sdks(call: Call, url: str) -> None:
    refused = Exchange.of_json(url, json.loads(said("AuthorizationFailed")), status=403)
    async with sessions.exchanges([refused]) as session:
        with pytest.raises(AzureError) as caught:
            await names(session, call)
    assert (caught.value.status, caught.value.code, caught.value.http_status) == (
        Status.FORBIDDEN,
        "AuthorizationFailed",
        403,
    )
    assert call.permission in caught.value.reason


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '{"error": ' * 50_000, b"\xff\xfe", "7", '{"error": [1]}'],
    ids=["lists", "objects", "bytes", "number", "list"],
)
def test_a_refusal_whose_body_cannot_be_read_is_told_by_its_status(body: str | bytes) -> None:
    error = refusal(403, body, SQL)
    assert (error.status, error.quiet) == (Status.FORBIDDEN, None)
    assert SQL.permission in error.reason


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[" * 200_000, ""),
        ('{"error": ' * 200_000, ""),
        (b"\xff", ""),
        ("", ""),
        ("5", ""),
        ("[]", ""),
        ('{"error": []}', "[]"),
    ],
)
def test_a_body_that_is_no_error_of_azure_tells_no_code(body: str | bytes, code: str) -> None:
    assert code_and_message(body) == (code, "")
