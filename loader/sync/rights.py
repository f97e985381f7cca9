"""What the identity may read in a subscription: a list that may be read in part only is answered without a word of it.

Who has a role on some resource groups only, or has lost the one on the subscription, gets shorter or empty lists under
status 200. Azure tells the caller's rights at a scope:
https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group (and the same at a subscription)
"""

from __future__ import annotations

import re

from loader.azure.errors import AzureError
from loader.model import Arm, At, EntityType, Json, Outcome, Quiet, Status
from loader.services import SUBSCRIPTION, parents_of
from loader.services.shared.actions import allows
from loader.sync.session import Asking

PERMISSIONS = Arm(
    client="azure.mgmt.resource.resources.aio:ResourceManagementClient",
    operation="resources.get_by_id",
    permission="Microsoft.Authorization/permissions/read",
    args=(At("@permissions"),),
    kwargs={"api_version": "2022-04-01"},
)


# What of all actions only the role Reader and its betters have.
EVERY_READ = "*/read"
_IN_PART = (
    "Azure answers only what the identity may read, and it may not read everything of the subscription (Reader may). "
    "What it may read was loaded."
)
_ACTION = re.compile(r"Microsoft\.\w+(?:/[\w.*]+)+")


async def rights_in(session: Asking, subscription: str) -> list[Json] | None:
    """The blocks of permissions that the identity has on a subscription; None where Azure does not tell.

    subscription: its id. A recording made without this call does not tell either.
    """
    asked = {"@permissions": f"subscriptions/{subscription}/providers/Microsoft.Authorization/permissions"}
    try:
        pages = session.pages(PERMISSIONS, subscription=subscription, parent=asked)
        return [block async for page in pages for block in page]
    except AzureError:
        return None


def read_in_part(entity_type: EntityType, rights: list[Json] | None) -> Outcome | None:
    """The outcome of a subscription's list that the identity may read in part only; None where it may read all of it,
    or where nobody tells.
    """
    fetch = entity_type.fetch
    if isinstance(fetch, Arm) and fetch.permission == EVERY_READ and not parents_of(entity_type):
        return None if rights is None or _reads_all(rights) else Outcome(Status.FORBIDDEN, _IN_PART, Quiet.OPTIONAL)
    if rights is None or not isinstance(fetch, Arm) or fetch.tenant or set(parents_of(entity_type)) - {SUBSCRIPTION}:
        return None
    # Some calls need an action beside the right to read; without that one Azure refuses them aloud.
    wanted = [action for action in _ACTION.findall(fetch.permission) if action.lower().endswith("/read")]
    if all(allows(rights, action) for action in wanted):
        return None
    return Outcome(
        Status.FORBIDDEN,
        f"Azure answers only what single resource groups or resources allow to see; assign a role with "
        f"{fetch.permission} (Reader has it) on the subscription.",
    )


def _reads_all(rights: list[Json]) -> bool:
    """Whether a block of permissions allows every read, and takes none of them away again."""
    return any(
        allows([one], EVERY_READ)
        and not any(str(action).lower().endswith(("/read", "/*", "*")) for action in one.get("notActions") or ())
        for one in rights
    )
