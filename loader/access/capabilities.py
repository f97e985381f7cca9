"""What people call that which a role or a permission lets its holder do, found from the actions that it allows."""

from __future__ import annotations

from collections.abc import Iterable

from loader.access.azure_capabilities import AZURE
from loader.access.built_in_roles import BUILT_IN
from loader.access.capability import Capability as Capability
from loader.access.directory_capabilities import DIRECTORY
from loader.access.matching import Block, allows
from loader.access.resetting import EVERYBODYS, RESETS

CAPABILITIES = (*AZURE, *DIRECTORY)
_EVERYBODY, _CERTAIN, _NON_ADMINISTRATORS = "everybody", "certain administrators", "non-administrators"
_PARTNER_TIER1_SUPPORT = "4ba39ca4-527c-499a-b93d-d9b492c50246"


def capabilities_of(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The ids of the capabilities that a role of Azure gives somewhere, sorted."""
    listed = tuple(blocks)
    return tuple(
        sorted(
            one.id
            for one in CAPABILITIES
            if any(allows(listed, action, data=data) for action, data in one.azure_actions)
        )
    )


def directory_capabilities_of(actions: Iterable[str], template: str) -> tuple[str, ...]:
    """The ids of the capabilities that a role of the directory gives, by its resource actions, sorted.

    template: the role's id in all tenants, which tells what a built-in role gives that names none of its actions. What
    a resource action covers is Entra's to say: `allEntities` stands for any kind of thing, `allProperties` for any of
    its parts, `allTasks` for anything done to it.
    """
    allowed = {one.lower() for one in actions}
    if not allowed:
        return BUILT_IN.get(template.lower(), ())
    patterns = Block(actions=tuple(_as_pattern(one) for one in allowed))
    found = {one.id for one in CAPABILITIES if any(allows((patterns,), a, data=False) for a in one.directory_actions)}
    if template.lower() in {*EVERYBODYS, *RESETS, _PARTNER_TIER1_SUPPORT}:
        found.add("reset-password")
    return tuple(sorted(found))


def _as_pattern(action: str) -> str:
    """A resource action as a pattern of the actions it stands for."""
    namespace, _, rest = action.partition("/")
    entity, _, tasks = rest.partition("/")
    entity = "*" if entity == "allentities" else entity
    tasks = "*" if tasks in ("allproperties/alltasks", "alltasks") else tasks
    return "/".join(one for one in (namespace, entity, tasks) if one)


def resets_passwords_of(actions: Iterable[str], template: str) -> str | None:
    """Whose passwords a role of the directory may reset: "everybody", "certain administrators" (and all who are none),
    "non-administrators"; None for nobody's. A custom role resets those of users who hold no role."""
    if "reset-password" not in directory_capabilities_of(actions, template):
        return None
    known = template.lower()
    return _EVERYBODY if known in EVERYBODYS else _CERTAIN if known in RESETS else _NON_ADMINISTRATORS


def application_capabilities_of(permission: str) -> tuple[str, ...]:
    """The ids of the capabilities that an application permission of Microsoft Graph gives, by its id, sorted."""
    return tuple(sorted(one.id for one in CAPABILITIES if permission.lower() in one.application_permissions))
