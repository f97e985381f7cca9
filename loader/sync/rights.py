"""What the identity may read in a subscription: a list that may be read in part only is answered without a word of it.

Who has a role on some resource groups only, or has lost the one on the subscription, gets shorter or empty lists under
status 200. Azure tells the caller's rights at a scope:
https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group (and the same at a subscription)
"""

from __future__ import annotations

import re
from dataclasses import replace

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


# The blocks of permissions that the identity has on a subscription; how asking for them ended, where Azure did not
# tell; None where a recording was made without the question.
Granted = list[Json] | Outcome | None


async def rights_in(session: Asking, subscription: str) -> Granted:
    """What the identity may do in a subscription. subscription: its id."""
    asked = {"@permissions": f"subscriptions/{subscription}/providers/Microsoft.Authorization/permissions"}
    try:
        pages = session.pages(PERMISSIONS, subscription=subscription, parent=asked)
        return [block async for page in pages for block in page]
    except AzureError as error:
        return None if error.unrecorded else error.outcome


def read_in_part(entity_type: EntityType, rights: Granted) -> Outcome | None:
    """The outcome of a subscription's list that the identity may read in part only, or nobody knows; None where it may
    read all of it.
    """
    fetch = entity_type.fetch
    if rights is None or not isinstance(fetch, Arm):
        return None
    if fetch.permission == EVERY_READ and not parents_of(entity_type):
        if isinstance(rights, Outcome):
            return replace(_unknown(rights), quiet=Quiet.OPTIONAL)
        return None if _reads_all(rights) else Outcome(Status.FORBIDDEN, _IN_PART, Quiet.OPTIONAL)
    if fetch.tenant or set(parents_of(entity_type)) - {SUBSCRIPTION}:
        return None
    if isinstance(rights, Outcome):
        return _unknown(rights)
    # Some calls need an action beside the right to read; without that one Azure refuses them aloud.
    wanted = [action for action in _ACTION.findall(fetch.permission) if action.lower().endswith("/read")]
    if all(allows(rights, action) for action in wanted):
        return None
    return Outcome(
        Status.FORBIDDEN,
        f"Azure answers only what single resource groups or resources allow to see; assign a role with "
        f"{fetch.permission} (Reader has it) on the subscription.",
    )


def _unknown(asked: Outcome) -> Outcome:
    """Whoever may see single resource groups only is answered a shorter list without a word of it."""
    why = "Azure answers only what the identity may read, and did not tell how much of the subscription that is."
    return replace(asked, reason=f"{why} {asked.reason}")


def _reads_all(rights: list[Json]) -> bool:
    """Whether a block of permissions allows every read, and takes none of them away again."""
    return any(
        allows([one], EVERY_READ)
        and not any(str(action).lower().endswith(("/read", "/*", "*")) for action in one.get("notActions") or ())
        for one in rights
    )
