"""What a run is about: what the command line names, among what the configuration leaves in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loader.azure.session import UNKNOWN_TENANT, AzureSession
from loader.errors import UsageError
from loader.model import EntityType
from loader.sync.choosing import Choice, choose
from loader.sync.options import Options
from loader.sync.standing import Standing, Subscriptions, subscriptions, types_left_out


@dataclass(frozen=True, slots=True)
class About:
    """What a run is about. choice: of what the command line names, among what the configuration leaves in; configured:
    the subscriptions of the configuration; off: the types that it has off, each with the reason.
    """

    choice: Choice
    configured: Subscriptions
    off: Mapping[str, str]

    @property
    def types(self) -> dict[str, EntityType]:
        """Those to load, by name."""
        return {name: one for name, one in self.choice.types.items() if name not in self.off}


async def chosen(session: AzureSession, options: Options) -> About:
    """What a run of these options is about. Raises UsageError for names that do not exist, and where the sign-in is of
    another tenant than the configured one; UnreachableError where the choice hangs on what cannot be read.
    """
    refuse_other_tenant(session, options.standing)
    configured = await subscriptions(session, session.subscriptions(), options.standing)
    choice = choose(configured.loaded, only=options.only, skip=options.skip, subscriptions=options.subscriptions)
    return About(choice, configured, types_left_out(choice.types, options.standing))


def refuse_other_tenant(session: AzureSession, standing: Standing) -> None:
    """An instance's tenant is what its entities are kept apart by: raises UsageError where another is signed in to."""
    if standing.tenant is not None and session.tenant_id not in (standing.tenant.lower(), UNKNOWN_TENANT):
        raise UsageError(
            f"Instance {standing.instance!r} is of tenant {standing.tenant}, but the sign-in is of tenant "
            f"{session.tenant_id}. Correct `tenant` in the configuration, or sign in to the other tenant."
        )
