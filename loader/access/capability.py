"""One thing that a role lets its holder do, in words that people use."""

from __future__ import annotations

from dataclasses import dataclass

# An action, and whether it is one on data.
Action = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability. Any one of its actions or permissions gives it. page: where the documentation says so.

    application_permissions: ids of application permissions of Microsoft Graph.
    """

    id: str
    title: str
    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    directory_actions: tuple[str, ...] = ()
    application_permissions: tuple[str, ...] = ()
    page: str = ""

    @property
    def azure_actions(self) -> tuple[Action, ...]:
        """Its actions that roles of Azure allow."""
        return (*((action, False) for action in self.actions), *((action, True) for action in self.data_actions))


def below(prefix: str, *names: str) -> tuple[str, ...]:
    """Actions on one kind of resource: `prefix/name` of each name."""
    return tuple(f"{prefix}/{name}" for name in names)
