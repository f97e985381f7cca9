"""One sitting with Azure, live or replayed: executes declared calls and counts what they cost."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

from azure.core.credentials_async import AsyncTokenCredential

from loader.azure.answers import Answer, Reading
from loader.azure.arm import ArmRunner
from loader.azure.credential import check_sign_in
from loader.azure.errors import AzureError, operation_of, to_azure_error
from loader.azure.graph import GraphRunner
from loader.azure.resource_graph import ResourceGraphRunner
from loader.azure.settings import AzureSettings
from loader.azure.token import claims_of_token, tenant_of_token
from loader.azure.transport.batching import Batches
from loader.azure.transport.gates import Throttling
from loader.azure.transport.replay import ReplaySender
from loader.azure.transport.traffic import Traffic
from loader.errors import UnreachableError
from loader.model import AnyCall, Arm, Graph, Json, Outcome, ResourceGraph, Status

# A replay in which no answer names the tenant: the entities need one all the same, always the same.
UNKNOWN_TENANT = "unknown-tenant"

_SUBSCRIPTIONS = Arm(
    client="azure.mgmt.resource.subscriptions.aio:SubscriptionClient",
    operation="subscriptions.list",
    permission="Microsoft.Resources/subscriptions/read",
    tenant=True,
)
_ORGANIZATION = Graph(builder="organization", permission="Organization.Read.All")


class AzureSession:
    """Made by `loader.azure.sessions`; used as an async context manager, which signs in and lists subscriptions."""

    def __init__(
        self,
        traffic: Traffic,
        credential: AsyncTokenCredential,
        settings: AzureSettings,
        replay: ReplaySender | None = None,
        batches: Batches | None = None,
    ) -> None:
        self._traffic = traffic
        self._credential = credential
        self._settings = settings
        self._replay = replay
        self._batches = batches
        self._arm = ArmRunner(traffic, credential, settings.cloud.arm)
        self._resource_graph = ResourceGraphRunner(self._arm.send, settings.cloud.arm)
        self._graph = GraphRunner(traffic, credential, settings.cloud.graph)
        self._subscriptions: list[Json] = []
        # Whether the list of subscriptions was read whole: only then can one that is missing be gone.
        self.subscriptions_outcome = Outcome()
        self._tenant_id = UNKNOWN_TENANT
        self._began = datetime.now(UTC)

    @property
    def calls(self) -> int:
        """Requests so far, retries included, as the services count them: each one of a batch for itself."""
        return self._traffic.calls

    @property
    def sent(self) -> int:
        """HTTP requests that they took: several calls of Microsoft Graph may go in one."""
        return self.calls - (self._batches.saved if self._batches is not None else 0)

    @property
    def throttled(self) -> int:
        """Answers of status 429 so far."""
        return self._traffic.throttled

    @property
    def retried(self) -> int:
        """Requests that were sent again so far."""
        return self._traffic.retried

    @property
    def throttling(self) -> list[Throttling]:
        """The buckets of Azure's that made this session wait, the dearest first."""
        return self._traffic.buckets

    @property
    def waiting(self) -> dict[str, float]:
        """The buckets that let nothing through now, with the seconds that this lasts."""
        return self._traffic.waiting

    @property
    def tenant_id(self) -> str:
        """The tenant's id in lower case; `UNKNOWN_TENANT` in a replay that does not tell it."""
        return self._tenant_id

    @property
    def answers_at(self) -> datetime | None:
        """When Azure gave the answers: now, or when the latest of a replay was recorded; None where nothing tells."""
        return self._began if self._replay is None else self._replay.store.recorded_at()

    @property
    def answers_from(self) -> datetime | None:
        """When Azure gave the first of the answers; None where nothing tells."""
        return self._began if self._replay is None else self._replay.store.recorded_from()

    @property
    def replayed(self) -> bool:
        """Whether the answers are recorded ones, so that what was not asked then cannot be asked now."""
        return self._replay is not None

    @property
    def not_recorded(self) -> list[str]:
        """What a replay was asked in vain, as "GET host/path", once each; always empty in a live session."""
        return self._replay.not_recorded if self._replay is not None else []

    @property
    def clock_ahead(self) -> float:
        """By how many seconds this machine's clock is ahead of Azure's, as its latest answer told; 0 where none did."""
        return self._traffic.clock_ahead

    async def graph_claims(self) -> Json:
        """What the token for Microsoft Graph says: `roles` of an application, `scp` of a user; nothing in a replay."""
        token = await self._credential.get_token(f"{self._settings.cloud.graph}/.default")
        return claims_of_token(token.token)

    def subscriptions(self) -> list[Json]:
        """The visible subscriptions as Azure's list has them, sorted by id.

        In a replay also those that only appear in recorded URLs; of those at least `id` and `subscriptionId` are known.
        """
        return list(self._subscriptions)

    async def pages(
        self, call: AnyCall, *, subscription: str | None, parent: Json | None, one: bool | None = None
    ) -> AsyncGenerator[list[Json]]:
        """The wire items of each page of `call`.

        subscription: the id of the one it is about. parent: the answer whose child the call fetches. one: what is due
        is one object, given as one page of one item (of none, where Azure answers that there is nothing), and not a
        list; as the call declares it, where nothing is said.
        Raises `AzureError` for everything short of the list's end, and for every answer that is not what is due; pages
        yielded before it stand. A list whose page token runs out is begun again once, so items may come twice.
        """
        context: Json = {"@tenant": self._tenant_id, "@subscription": subscription, **(parent or {})}
        declared = isinstance(call, Arm | Graph) and call.one
        begun_again = False
        while True:
            some = isinstance(call, Graph) and call.some
            reading = Reading(operation_of(call), one=declared if one is None else one, some=some)
            try:
                async with aclosing(self._answers(call, subscription, context)) as answers:
                    async for answer in answers:
                        yield reading.take(answer)
                reading.close()
            except Exception as error:
                may_begin_again = reading.pages and not begun_again
                if may_begin_again and to_azure_error(error, call).expired_page:
                    begun_again = True
                    continue
                # An error holds this frame, and with it all that waits for the answer. To hold it here, or to make it
                # its own cause, would be a circle, which Python finds late.
                if isinstance(error, AzureError):
                    raise
                raise to_azure_error(error, call) from error
            return

    def _answers(self, call: AnyCall, subscription: str | None, context: Json) -> AsyncGenerator[Answer]:
        if isinstance(call, Graph):
            return self._graph.answers(call, context)
        if isinstance(call, ResourceGraph):
            return self._resource_graph.answers(call)
        return self._arm.answers(call, subscription, context)

    async def __aenter__(self) -> AzureSession:
        try:
            if self._replay is None:
                await check_sign_in(self._credential, self._settings)
                # Before anything is asked, so that whoever is refused is known.
                self._tenant_id = await self._tenant_of_token() or UNKNOWN_TENANT
            self._subscriptions = await self._visible_subscriptions()
            self._tenant_id = (await self._find_tenant()).lower()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._close()

    async def _close(self) -> None:
        await self._traffic.close()
        await self._credential.close()

    async def _visible_subscriptions(self) -> list[Json]:
        found: dict[str, Json] = {}
        try:
            async for page in self.pages(_SUBSCRIPTIONS, subscription=None, parent=None):
                found.update({_subscription_id(one): one for one in page})
        except AzureError as error:
            if self._replay is None:
                raise UnreachableError(f"The subscriptions could not be listed. {error.reason}") from error
            self.subscriptions_outcome = error.outcome
        if self._replay is not None:
            for identifier in self._replay.store.subscription_ids():
                found.setdefault(identifier, self._replay.store.subscription(identifier))
        if found.pop("", None) is not None:
            told = f"{operation_of(_SUBSCRIPTIONS)}: one of its items has no id; the others were loaded. Run again."
            self.subscriptions_outcome = Outcome(Status.FAILED, told)
        return [found[identifier] for identifier in sorted(found)]

    async def _tenant_of_token(self) -> str | None:
        token = await self._credential.get_token(f"{self._settings.cloud.arm}/.default")
        named = tenant_of_token(token.token)
        return None if named is None else named.lower()

    async def _find_tenant(self) -> str:
        """The tenant that was signed in to. A subscription is no witness: another tenant may have delegated it."""
        if self._replay is not None:
            return self._replay.store.tenant_id() or UNKNOWN_TENANT
        if self._tenant_id != UNKNOWN_TENANT:
            return self._tenant_id
        for subscription in self._subscriptions:
            if subscription.get("tenantId") and not subscription.get("managedByTenants"):
                return str(subscription["tenantId"])
        try:
            async for page in self.pages(_ORGANIZATION, subscription=None, parent=None):
                if page and page[0].get("id"):
                    return str(page[0]["id"])
        except AzureError as error:
            raise UnreachableError(
                f"No subscription is visible and the tenant's id could not be read. {error.reason}"
            ) from error
        return UNKNOWN_TENANT


def _subscription_id(subscription: Json) -> str:
    """What a subscription goes by, in lower case; empty where that is no text."""
    told = subscription.get("subscriptionId")
    return told.strip().lower() if isinstance(told, str) else ""
