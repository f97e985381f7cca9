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
CLASSIC_ADMINISTRATORS = Arm(
    client="azure.mgmt.authorization.aio:AuthorizationManagementClient",
    operation="classic_administrators.list",
    permission="Microsoft.Authorization/classicAdministrators/read",
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
        (SQL, 409, said("MissingSubscriptionRegistration"), Status.UNAVAILABLE, "not registered"),
        (SQL, 403, said("DisallowedOperation"), Status.UNAVAILABLE, "does not let this subscription use it"),
        (SQL, 410, said("Gone", "The service has been retired."), Status.UNAVAILABLE, "retired"),
        (SQL, 410, "", Status.FAILED, "refused the request with 410"),
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
        (403, said("FeatureNotRegistered"), Quiet.WITHHELD),
        (403, said("DisallowedOperation"), Quiet.WITHHELD),
        (
            400,
            said("DisallowedProvider", "It is not permitted for namespace 'Microsoft.Sql'."),
            Quiet.WITHHELD,
        ),
        (400, unsupported("NoRegisteredProviderFound", "2021-01-01", "2020-01-01", "2021-01-01"), Quiet.NOT_OFFERED),
        (404, said("InvalidResourceNamespace", "The resource namespace 'Microsoft.Sql' is invalid."), Quiet.RETIRED),
        (410, said("Gone", "Azure Media Services has been retired. See https://aka.ms/ams."), Quiet.RETIRED),
        (410, said("Gone", "This feature was discontinued."), Quiet.RETIRED),
        (403, said("ReadOnlyDisabledSubscription"), Quiet.DISABLED),
        (409, said("DisabledSubscription"), Quiet.DISABLED),
        (403, said("SubscriptionNotEnabled"), Quiet.DISABLED),
        (403, said("Authentication_RequestFromNonPremiumTenantOrB2CTenant"), Quiet.NOT_LICENSED),
        (400, said("AadPremiumLicenseRequired", "The tenant needs an AAD Premium 2 license."), Quiet.NOT_LICENSED),
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
        (400, said("BadRequest", "The storage account licensestore is not of this kind.")),
        (400, said("BadRequest", "The tenant needs an Azure AD Premium P2 license.")),
        (400, said("NoRegisteredProviderFound")),
        (400, said("NoRegisteredProviderFound", "No provider found for API version '2021-01-01' for type 'servers'.")),
        (404, said("InvalidResourceType")),
        (404, said("InvalidResourceType", "It could not be found in 'Microsoft.Sql' for api version '2021-01-01'.")),
        (404, said("InvalidResourceNamespace", "'Microsoft.Sql' is invalid for api version '2021-01-01'.")),
        (410, ""),
        (410, "<html>Azure</html>"),
        (410, said("Gone")),
        (410, said("Gone", "The requested resource is no longer available at the server.")),
        (410, said("Gone", "The api-version '2015-01-01' of this Azure service has been retired.")),
        (410, said("ApiVersionRetired", "This service has been retired.")),
        (410, said("Gone", "This service will be retired.")),
        (404, said("NotFound", "The service has been retired.")),
    ],
)
def test_what_a_second_run_or_somebody_can_mend_is_not(http: int, body: str) -> None:
    outcome = refusal(http, body, SQL).outcome
    assert outcome.quiet is None
    assert not outcome.accounted


@pytest.mark.parametrize(
    ("http", "code", "message"),
    [
        (403, "Forbidden", "Your tenant does not have a Premium P1 subscription."),
        (403, "Forbidden", "Your tenant is not licensed for this feature."),
        (403, "Forbidden", "Neither tenant is B2C or tenant doesn't have premium license"),
        (400, "BadRequest", "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."),
        (400, "BadRequest", "Request not applicable to target tenant."),
        (400, "UnknownError", json.dumps({"errorCode": "AadPremiumLicenseRequired", "message": "No."})),
    ],
)
def test_microsoft_graph_asks_for_licences(http: int, code: str, message: str) -> None:
    assert refusal(http, said(code, message), USERS).outcome.quiet is Quiet.NOT_LICENSED


SCOPE = "Authorization failed due to missing permission scope LicenseAssignment.Read.All,Premium.Read.All."


@pytest.mark.parametrize(
    ("call", "http", "body", "words"),
    [
        (KEYS, 403, said("Forbidden", "Caller may not read. Vault: kv-license-prod;location=x", "ForbiddenByRbac"),
         "Key Vault Reader on the vault"),
        (KEYS, 403, said("Forbidden", "Client address is not authorized. Vault: kv-license", "ForbiddenByFirewall"),
         "firewall"),
        (KEYS, 401, said("Unauthorized", "AKV10032: Invalid issuer. Vault: kv-license-prod"), "Key Vault Reader"),
        (USERS, 403, said("PermissionScopeNotGranted", SCOPE), "application permission User.Read.All"),
        (USERS, 400, said("PermissionScopeNotGranted", SCOPE), "application permission User.Read.All"),
        (USERS, 403, said("UnknownError", json.dumps({"errorCode": "PermissionScopeNotGranted", "message": SCOPE})),
         "(PermissionScopeNotGranted); grant the application permission User.Read.All"),
        (USERS, 403, said("Forbidden", SCOPE), "application permission User.Read.All"),
    ],
)  # fmt: skip
def test_a_missing_right_is_one_whatever_names_it_quotes(call: Call, http: int, body: str, words: str) -> None:
    error = refusal(http, body, call)
    assert (error.status, error.quiet) == (Status.FORBIDDEN, None)
    assert words in error.reason


def test_a_type_that_is_known_to_have_ended_is_retired_though_only_a_version_is_named() -> None:
    """https://learn.microsoft.com/azure/role-based-access-control/classic-administrators"""
    told = "The resource type could not be found in the namespace 'Microsoft.Authorization' for api version '{}'."
    body = said("InvalidResourceType", told.format("2015-07-01"))
    assert refusal(404, body, CLASSIC_ADMINISTRATORS).outcome.quiet is Quiet.RETIRED
    assert refusal(404, body, SQL).outcome.quiet is None
    listed = said("InvalidResourceType", f"{told.format('1')} The supported api-versions are '2'.")
    assert refusal(404, listed, CLASSIC_ADMINISTRATORS).outcome.quiet is None


@pytest.mark.parametrize("code", ["DisallowedOperation", "FeatureNotRegistered"])
def test_what_a_subscription_may_not_use_may_be_there_all_the_same(code: str) -> None:
    outcome = refusal(403, said(code), SQL).outcome
    assert (outcome.accounted, outcome.known_empty, outcome.settled) == (True, False, False)


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


SECRET = "aB3~" + "Q8x" * 12


@pytest.mark.parametrize(
    "body",
    [
        {"error": f"client_secret={SECRET}"},
        {"error": [f"client_secret={SECRET}"]},
        {"error": {"code": f"client_secret={SECRET}", "message": "No."}},
        {"code": f"client_secret={SECRET}", "message": "No."},
        {"error": {"code": "UnknownError", "message": json.dumps({"errorCode": f"client_secret={SECRET}"})}},
    ],
    ids=["text", "list", "code", "bare", "quoted"],
)
async def test_what_stands_in_the_place_of_a_code_is_scrubbed(body: Any) -> None:
    error = refusal(400, json.dumps(body), SQL)
    assert SECRET not in error.reason + error.code
    async with sessions.exchanges([Exchange.of_json(VNETS, body)]) as session:
        with pytest.raises(AzureError) as caught:
            await names(session)
    assert SECRET not in caught.value.reason


def test_an_error_that_is_a_text_is_told_as_a_message() -> None:
    error = refusal(400, '{"error": "The filter is wrong. Look it up."}', SQL)
    assert error.code == ""
    assert "(The filter is wrong)" in error.reason


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
        ('{"error": []}', ""),
    ],
)
def test_a_body_that_is_no_error_of_azure_tells_no_code(body: str | bytes, code: str) -> None:
    assert code_and_message(body) == (code, "")
