"""What Azure's refusals mean for a step, and the sentence that tells people what to do about them."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from azure.core.exceptions import (
    AzureError as CoreError,
)
from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from loader.azure.transport.wire import ConnectionBrokenError, NotReadingError, NotRecordedError, UnusableAnswerError
from loader.model import AnyCall, Graph, Json, Outcome, Quiet, ResourceGraph, Status, Vault
from loader.secrets import scrub_text

_E = TypeVar("_E", bound=BaseException)

# Azure Resource Manager's own codes: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
_UNREGISTERED = frozenset({
    "missingsubscriptionregistration", "resourceprovidernotregistered", "subscriptionnotregistered",
})  # fmt: skip
# That a subscription may not use something now does not say that there is nothing of it: offers are changed and run
# out. The second names the providers that the offer permits, as if others had nothing:
# https://github.com/JulianHayward/Azure-MG-Sub-Governance-Reporting/issues/110
_WITHHELD = frozenset({"disallowedoperation", "disallowedprovider", "featurenotregistered"})
# These say either that there is no such service (any more), or that it does not know the version we ask in.
_NO_SUCH_SERVICE = frozenset({"noregisteredproviderfound", "invalidresourcetype", "invalidresourcenamespace"})
_ASKED_VERSION = re.compile(r"(?i)api[- ]version '([^']+)'")
_KNOWN_VERSIONS = re.compile(r"(?i)supported api-versions are '([^']*)'")
# Types that Azure has ended for good, by the permission to read them. It names the version asked in and no other, just
# as it would where only that version has ended: https://learn.microsoft.com/azure/role-based-access-control/classic-administrators
_ENDED_TYPES = frozenset({"microsoft.authorization/classicadministrators/read"})
# A status of 410 alone may be about a version of the API, or about one resource.
_ENDED = re.compile(r"(?i)\b(?:(?:has|have) been|is|are|was|were)(?: \w+)? (?:retired|discontinued|decommissioned)\b")
_SERVICE = re.compile(r"(?i)\b(?:services?|features?|products?|offerings?|resource (?:type|provider)s?|Azure|Entra)\b")
_VERSION = re.compile(r"(?i)version|\bAPIs?\b|endpoint|\boperations?\b")
_NO_SUBSCRIPTION = frozenset({"subscriptionnotfound", "invalidsubscriptionid"})
_DISABLED = frozenset({"readonlydisabledsubscription", "disabledsubscription", "subscriptionnotenabled"})
# The second is said by Azure Resource Manager too, of the schedules of role assignments:
# https://github.com/JulianHayward/Azure-MG-Sub-Governance-Reporting/issues/114
_LICENCE_CODES = frozenset({"authentication_requestfromnonpremiumtenantorb2ctenant", "aadpremiumlicenserequired"})
# As Microsoft Graph words it. Elsewhere licences and tiers are also in the names of resources and of permissions.
_LICENCE = re.compile(
    r"(?i)request not applicable to target tenant"
    r"|\btenant (?:does(?: not|n['’]t)|is(?: not|n['’]t)|needs?)\b[^.]{0,80}\b(?:licen[sc]ed?|premium)\b"
)
# A refusal for want of a permission may speak of licences too; it stays what it is.
_NO_RIGHT = frozenset({"authorization_requestdenied", "authorizationfailed", "accessdenied"})
# These say so whatever their status is.
_MISSING_RIGHT = re.compile(r"(?i)^(?:PermissionScopeNotGranted$|ForbiddenBy)")
# A list whose page token has run out can be read from its beginning: https://learn.microsoft.com/graph/paging
_EXPIRED_PAGE = re.compile(
    r"(?i)^Directory_ExpiredPageToken$|expired.*(page|skip|continuation).?token|(page|skip|continuation).?token.*expired"
)
_FIREWALL = re.compile(r"(?i)ForbiddenByFirewall|ForbiddenByConnection|client address is not authorized|"
                       r"public network access is disabled")  # fmt: skip


class AzureError(Exception):
    """A call that gave no whole answer.

    status: how the step (or this scope of it) ends. reason: one sentence that says what to do and names the permission.
    code: Azure's own error code, empty where there is none. http_status: None where no answer came.
    not_found: Azure itself said that the thing asked for does not exist; some details take that as an answer.
    quiet: why it is no failure, where it is none.
    """

    def __init__(
        self,
        status: Status,
        reason: str,
        *,
        code: str = "",
        http_status: int | None = None,
        not_found: bool = False,
        quiet: Quiet | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.code = code
        self.http_status = http_status
        self.not_found = not_found
        self.quiet = quiet

    @property
    def outcome(self) -> Outcome:
        """The outcome of the step that made the call."""
        return Outcome(self.status, self.reason, self.quiet)

    @property
    def unrecorded(self) -> bool:
        """Whether a recording was made without the call."""
        return self.status is Status.UNAVAILABLE and self.http_status is None

    @property
    def expired_page(self) -> bool:
        """Whether only the place in the list has run out, so that the list can be read from its beginning."""
        return bool(_EXPIRED_PAGE.search(self.code))


def outcome_of(exception: BaseException, call: AnyCall) -> Outcome:
    """How a step ends whose call raised `exception`."""
    return to_azure_error(exception, call).outcome


def to_azure_error(exception: BaseException, call: AnyCall) -> AzureError:
    """The `AzureError` for whatever an SDK or a transport raised."""
    known = _in_chain(exception, AzureError)
    if known is not None:
        return known
    what = operation_of(call)
    if _in_chain(exception, NotRecordedError) is not None:
        return AzureError(Status.UNAVAILABLE, f"The recording holds no answer to {what}; record again to have it.")
    blocked = _in_chain(exception, NotReadingError)
    if blocked is not None:
        return AzureError(Status.FAILED, f"{what}: {blocked} Report this as a fault of azgraph.")
    unusable = _in_chain(exception, UnusableAnswerError)
    if unusable is not None:
        return AzureError(Status.FAILED, f"{what}: {unusable}")
    broken = _in_chain(exception, ConnectionBrokenError)
    if broken is not None:
        why = f" ({broken.why})" if broken.why else ""
        again = "" if broken.final else ", also when tried again"
        return AzureError(
            Status.FAILED, f"The connection broke while {what} was read{again}{why}. Run azgraph once more."
        )
    refused = _in_chain(exception, HttpResponseError)
    if refused is not None and refused.status_code and not isinstance(refused, DecodeError):
        return refusal(refused.status_code, _body_of(refused), call)
    return _without_answer(exception, what)


def _without_answer(exception: BaseException, what: str) -> AzureError:
    if _in_chain(exception, ClientAuthenticationError) is not None:
        # CredentialUnavailableError is one of these.
        return AzureError(
            Status.FORBIDDEN,
            f"The sign-in gave no token for {what}; check the credential (azgraph docs: authentication).",
        )
    if isinstance(exception, ServiceRequestError | ServiceResponseError):
        return AzureError(Status.FAILED, f"Azure could not be reached for {what}. Check the network and run again.")
    if isinstance(exception, DecodeError | ValueError):
        return AzureError(Status.FAILED, f"The answer to {what} was not whole or not JSON. Run azgraph once more.")
    kind = "the SDK" if isinstance(exception, CoreError | TypeError | AttributeError) else type(exception).__name__
    detail = short_message(str(exception))
    return AzureError(
        Status.FAILED, f"{what} could not be called ({kind}: {detail}). Report this as a fault of azgraph."
    )


def refusal(status: int, body: str | bytes, call: AnyCall) -> AzureError:
    """The error for an answer with an HTTP status that is not success."""
    code, message = code_and_message(body)
    what, said = operation_of(call), _said(code, message)

    def error(kind: Status, sentence: str, *, not_found: bool = False, quiet: Quiet | None = None) -> AzureError:
        return AzureError(kind, sentence, code=code, http_status=status, not_found=not_found, quiet=quiet)

    if status in _REFUSING and _MISSING_RIGHT.search(code):
        return error(Status.FORBIDDEN, _forbidden(call, what, code, message))
    quiet = _quiet(status, code, message, call)
    if quiet is not None:
        return error(Status.UNAVAILABLE, f"{what}{_QUIET_WORDS[quiet].format(said=said)}", quiet=quiet)
    if code.lower() in _NO_SUCH_SERVICE:
        return error(
            Status.FAILED,
            f"{what}: Azure does not know the version we ask in{said}. Report this as a fault of azgraph.",
        )
    if code.lower() in _NO_SUBSCRIPTION:
        return error(Status.UNAVAILABLE, f"{what}: the subscription does not exist or is not enabled{said}.")
    if status == 401:
        return error(Status.FORBIDDEN, _unauthorized(call, what, said))
    if status == 403:
        return error(Status.FORBIDDEN, _forbidden(call, what, code, message))
    if status == 404:
        return error(Status.UNAVAILABLE, f"{what}: Azure does not know this resource or service{said}.", not_found=True)
    if status == 429:
        return error(
            Status.FAILED,
            f"{what}: Azure throttled the requests, and the retries were used up. Run azgraph again later.",
        )
    if status >= 500:
        return error(
            Status.FAILED, f"{what}: Azure failed with {status}{said}, also when tried again. Run azgraph once more."
        )
    return error(Status.FAILED, f"{what}: Azure refused the request with {status}{said}.")


_REFUSING = (400, 401, 403)
_QUIET_WORDS = {
    Quiet.NOT_OFFERED: ": the subscription has not registered this resource provider{said}, so it is not in use.",
    Quiet.NOT_LICENSED: " needs a licence that this tenant does not have{said}.",
    Quiet.RETIRED: ": Azure has retired this service{said}.",
    Quiet.WITHHELD: ": Azure does not let this subscription use it{said}; what is stored of it was kept.",
    Quiet.DISABLED: ": the subscription is disabled{said}; what is stored of it was kept.",
}


def _quiet(status: int, code: str, message: str, call: AnyCall) -> Quiet | None:
    """Why a refusal is no failure; None where it is one."""
    known = code.lower()
    if known in _UNREGISTERED:
        return Quiet.NOT_OFFERED
    if known in _WITHHELD:
        return Quiet.WITHHELD
    if known in _DISABLED:
        return Quiet.DISABLED
    if known in _NO_SUCH_SERVICE:
        return _no_such_service(known, message, call)
    licence = known in _LICENCE_CODES or (isinstance(call, Graph) and _LICENCE.search(message))
    if status in _REFUSING and known not in _NO_RIGHT and licence:
        return Quiet.NOT_LICENSED
    ended = _ENDED.search(message) and _SERVICE.search(message) and not _VERSION.search(f"{code} {message}")
    return Quiet.RETIRED if status == 410 and ended else None


def _no_such_service(known: str, message: str, call: AnyCall) -> Quiet | None:
    """Why Azure knows no such service: only where the version we ask in is none of the reasons."""
    asked, versions = _ASKED_VERSION.search(message), _KNOWN_VERSIONS.search(message)
    if asked and versions:
        supported = asked[1] in re.split(r"[,\s]+", versions[1])
    elif known == "invalidresourcenamespace":
        # It is about the provider as a whole, of which no version is told.
        supported = not asked
    else:
        supported = not versions and call.permission.lower() in _ENDED_TYPES
    if not supported:
        return None
    return Quiet.NOT_OFFERED if known == "noregisteredproviderfound" else Quiet.RETIRED


def _unauthorized(call: AnyCall, what: str, said: str) -> str:
    if isinstance(call, Vault):
        return f"{what}: the vault did not accept the sign-in{said}; grant {call.permission} on the vault."
    return f"{what}: Azure did not accept the sign-in{said}; check the credential and grant it {call.permission}."


def _forbidden(call: AnyCall, what: str, code: str, message: str) -> str:
    said = _said(code, "")
    if isinstance(call, Vault) and _FIREWALL.search(f"{code} {message}"):
        return f"{what}: the vault's firewall does not let this address in{said}; run azgraph from an allowed network."
    if isinstance(call, Vault):
        way = " with an access policy" if "ForbiddenByPolicy" in f"{code} {message}" else ""
        return f"{what} was refused{said}; grant {call.permission} on the vault{way}."
    if isinstance(call, Graph):
        return f"{what} was refused{said}; grant the application permission {call.permission} with admin consent."
    return f"{what} was refused{said}; assign a role that has {call.permission} (Reader has most)."


def operation_of(call: AnyCall) -> str:
    """The call as people can find it in the documentation: "SqlManagementClient.databases.list_by_server"."""
    if isinstance(call, Graph):
        return f"Microsoft Graph {call.builder.replace('.', '/')}"
    if isinstance(call, ResourceGraph):
        return f"Azure Resource Graph {call.table}"
    return f"{call.client.rpartition(':')[2]}.{call.operation}"


def code_and_message(body: str | bytes | Json) -> tuple[str, str]:
    """Azure's error code (the inner one where it tells more) and message; empty where the body is no error of Azure.

    The code is scrubbed, the message is not. A text in the place of the error is a message, for anything may be in it.
    """
    document = _parsed(body) if isinstance(body, str | bytes) else body
    told = by_small_names(document)
    error = told.get("error", told)
    if not isinstance(error, dict):
        return "", str(error or "")
    error = by_small_names(error)
    inner = error.get("innererror")
    code, message = str(error.get("code") or error.get("statuscode") or ""), str(error.get("message") or "")
    deeper = str(inner.get("code") or "") if isinstance(inner, dict) else ""
    # Some services behind Microsoft Graph are quoted whole: {"code": "UnknownError", "message": "{\"errorCode\": …}"}.
    quoted = _parsed(message) if message.lstrip().startswith("{") else None
    own = by_small_names(quoted)
    if own.get("errorcode"):
        code, message = str(own["errorcode"]), str(own.get("message") or "")
    return scrub_text(deeper if deeper.startswith("ForbiddenBy") else code), message


def by_small_names(told: Any) -> Json:
    """An object with its names in lower case, for services differ in them; empty for what is none."""
    return {str(name).lower(): value for name, value in told.items()} if isinstance(told, dict) else {}


def _parsed(body: str | bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def short_message(message: str) -> str:
    """The first sentence of a message, scrubbed of secrets and cut at 160 characters."""
    first = re.split(r"(?<=[.!?])\s|[\r\n]", message.strip(), maxsplit=1)[0]
    return scrub_text(first)[:160].rstrip(".")


def _said(code: str, message: str) -> str:
    parts = [part for part in (re.sub(r"[^\w.-]", "", code)[:80], short_message(message) if message else "") if part]
    return f" ({': '.join(parts)})" if parts else ""


def _body_of(error: HttpResponseError) -> str:
    try:
        return error.response.text() if error.response is not None else ""
    except Exception:  # noqa: BLE001 - whatever the response is, the status alone must still give an outcome
        return ""


def _in_chain(exception: BaseException | None, kind: type[_E]) -> _E | None:
    seen: set[int] = set()
    while exception is not None and id(exception) not in seen:
        if isinstance(exception, kind):
            return exception
        seen.add(id(exception))
        exception = exception.__cause__ or exception.__context__
    return None
