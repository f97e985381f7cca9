"""docs/access.md: what roles and permissions let their holders do, as a table, after a hand-written introduction."""

from __future__ import annotations

from collections.abc import Iterable

from loader.access.capabilities import AZURE, CAPABILITIES, Capability
from loader.access.directory_capabilities import PERMISSIONS
from tools import NOTICE
from tools.attack_edges import section

_NAMES = {identity: name for name, identity in PERMISSIONS.items()}
_INTRODUCTION = """\
A role is a list of actions with wildcards; nobody thinks in those. azgraph says of each role what it lets its holder
do, in words: `capabilities` on `azure_role_definition` (Microsoft's and your own), `azure_ad_role_definition` and
`azure_app_role_assignment`. `azgraph access` asks these ([Effective access](effective-access.md)).

```cypher
MATCH (role:azure_role_definition) WHERE 'give-roles' IN role.capabilities RETURN role.roleName, role.roleType
```

- Roles of Azure: actions less `notActions`, data actions less `notDataActions`, within each block of permissions;
  blocks are united, so what one takes out another may give. `*` stands for anything, in any place; casing does not
  count ([Azure's documentation](https://learn.microsoft.com/azure/role-based-access-control/role-definitions)). One
  action of those in the table gives the capability; where, says the assignment.
- Roles of the directory: their resource actions; `allEntities`, `allProperties` and `allTasks` stand for all there are.
  Blocks with a condition hold for what is one's own and do not count. `resetsPasswordsOf` says whose passwords a role
  may reset: `everybody`, `certain administrators` (and who is none), `non-administrators` ([who can reset
  passwords](https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions)).
- Application permissions: those of Microsoft Graph, by their ids. Another API's permission with the same id gives
  nothing.

Not here: what certain data means to you, and what a service lets its own users do (logins of a database, roles inside
a cluster).
"""


def _row(one: Capability) -> str:
    directory = [*one.directory_actions, *(_NAMES[identity] for identity in one.application_permissions)]
    given_by = [*one.actions, *(f"{action} (data)" for action in one.data_actions), *directory]
    told = "<br>".join(f"`{action}`" for action in given_by)
    return f"| `{one.id}` | {one.title} | {told} | [page]({one.page}) |"


def _table(capabilities: Iterable[Capability]) -> str:
    head = "| capability | what it is | any one of these gives it | documentation |\n|---|---|---|---|\n"
    return head + "\n".join(_row(one) for one in capabilities)


def page() -> str:
    """The page."""
    directory = [one for one in CAPABILITIES if one not in AZURE]
    return (
        f"# What roles let their holders do\n\n{NOTICE}\n\n{_INTRODUCTION}\n"
        f"## Roles of Azure\n\n{_table(AZURE)}\n\n"
        f"## Roles of the directory, permissions of Microsoft Graph\n\n{_table(directory)}\n\n"
        f"{section()}"
    )
