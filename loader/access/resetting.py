"""For whom a role of the directory may reset a password, or change how they sign in, by Entra's own table.

Source: https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions#who-can-reset-passwords
(read as MicrosoftDocs/entra-docs has it). A role that is given for an administrative unit resets those of users without
a role in it: https://learn.microsoft.com/entra/identity/role-based-access-control/manage-roles-portal
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loader.access.lasting import LASTS

_AUTHENTICATION = "c4e39bd9-1100-46d3-8c65-fb160da0071f"
_DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
_GROUPS = "fdd7a751-b60b-444a-984c-02652fe8fa1c"
_GUEST_INVITER = "95e79109-95c0-4d8e-aee3-d01accf2d47b"
_HELPDESK = "729827e3-9c14-49f7-bb1b-9608f156bbb8"
_MESSAGE_CENTER_READER = "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b"
_PASSWORD = "966707d0-3269-4727-9be2-8c3a10f19b9d"  # noqa: S105 - a role
_REPORTS_READER = "4a5d8f65-41da-4de4-8968-e035b65339cf"
_USER = "fe930be7-5e62-47db-91af-98c3a49a38b1"
_EXPERIENCE_MANAGER = "27460883-1df1-4691-b032-3b79643e5e63"
_USAGE_READER = "75934031-6c7e-415a-99d7-48dbd49e875e"

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
# Of everybody, other administrators among them.
EVERYBODYS = frozenset(
    {
        GLOBAL_ADMINISTRATOR,
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",  # Privileged Authentication Administrator
        "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8",  # Partner Tier2 Support
    }
)
_ANY_READER = frozenset({_MESSAGE_CENTER_READER, _REPORTS_READER, _EXPERIENCE_MANAGER, _USAGE_READER})
_FEWEST = frozenset({_DIRECTORY_READERS, _GUEST_INVITER, _PASSWORD})
# Of users whose roles are all among these.
RESETS: dict[str, frozenset[str]] = {
    _PASSWORD: _FEWEST,
    _HELPDESK: _FEWEST | _ANY_READER | {_HELPDESK},
    _AUTHENTICATION: _FEWEST | _ANY_READER | {_AUTHENTICATION},
    _USER: _FEWEST | _ANY_READER | {_HELPDESK, _GROUPS, _USER},
}

# Who is not just any user, of all users or of those in `$users`. An administrator who has to take a role up is none
# until then.
ADMINISTRATORS = f"""
CALL () {{
  MATCH (holder:Entity)-[can:CAN {{kind: 'directory'}}]->(place)
  WHERE NOT coalesce(can.eligible, false) AND {LASTS.format(given="can")}
  MATCH (holder)<-[:MEMBER_OF]-{{0,8}}(user:azure_user) WHERE $users IS NULL OR user._key IN $users
  OPTIONAL MATCH (role:Entity {{_key: can.role}})
  RETURN user._key AS user, toLower(coalesce(role.templateId, can.role, '')) AS role,
         coalesce(place.isMemberManagementRestricted, false) AS guarded
  UNION ALL
  MATCH (:azure_user_group {{isAssignableToRole: true}})<-[:MEMBER_OF|OWNS]-(user:azure_user)
  WHERE $users IS NULL OR user._key IN $users
  RETURN user._key AS user, null AS role, true AS guarded
}}
RETURN user, collect(DISTINCT role) AS roles, any(one IN collect(guarded) WHERE one) AS guarded
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What a user holds now. roles: by their id in all tenants, in lower case; for a custom role its own id.

    guarded: member or owner of a group that may hold roles, or has a role for a restricted administrative unit.
    """

    roles: frozenset[str] = frozenset()
    guarded: bool = False


def administrators_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Held]:
    """The users of the rows of `ADMINISTRATORS`, by key; whoever is not among them holds nothing."""
    return {row["user"]: Held(frozenset(row["roles"]), row["guarded"]) for row in rows}


def may_reset(template: str, held: Held, *, tenant_wide: bool) -> bool:
    """Whether a role resets the password of a user.

    template: the role's id in all tenants, in lower case; empty for an application's permission, which is one over
    users without a role. tenant_wide: the role is given for the whole tenant.
    """
    if template in EVERYBODYS:
        return True
    allowed = RESETS.get(template, frozenset()) if tenant_wide else frozenset()
    return not held.guarded and held.roles <= allowed
