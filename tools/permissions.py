"""The page about the rights that azgraph needs: from the same place as `azgraph permissions`."""

from __future__ import annotations

from loader.connect.granting import BUILT_IN
from loader.connect.rights import OPTIONAL, Kind, Right, app_role, rights_for
from loader.services import steps
from tools import NOTICE

_GIVING = """
## Giving them

```sh
azgraph permissions --format az > grant.sh && bash grant.sh          # makes all of it, and prints what to set
bash grant.sh --remove                                               # takes all of it away again
```

The script makes an application, asks for the permissions below as application permissions, consents to them, makes a
custom role with exactly the actions below and assigns it on the root management group (or on `AZGRAPH_SCOPE`), assigns
Key Vault Reader, and adds an access policy to vaults that still have those. `--format terraform` writes the same for
`terraform apply` and `terraform destroy`; `--format bicep` for `az deployment mg create` (the script takes away what it
made); `--format role` the custom role alone; `--format json` everything as data. A managed identity is no application,
and gets the same another way ([connect](connect.md#rights-for-a-managed-identity)).

All of them are for what the [configuration](configuration.md) has on (`types`, `ingest_directory`), and the role is
for the subscriptions or the management group that it names by id; with several instances `--instance` says which. Packs
and rules that follow the runs and need what is off are told. `--type`, `--service` and `--all` say otherwise, whatever
is configured: `azgraph permissions --type azure_user` needs one permission.

`azgraph doctor` tests afterwards whether all of it is there ([troubleshooting](troubleshooting.md)).
"""


def page() -> str:
    """What to grant, by kind; how; and step by step what each is for."""
    rights = rights_for()
    lines = [
        "# Permissions\n",
        NOTICE,
        "azgraph only reads. These are the least rights for everything that it loads. A right that is missing makes",
        "its steps `forbidden`: nothing is deleted, everything else is loaded, and the checks that need it say so.",
        _GIVING,
        "## Microsoft Graph\n",
        "Application permissions, not delegated ones (those count for signed-in users only), with admin consent. The",
        "id is that of the app role, the same in every tenant.\n",
        "| permission | id | for |\n|---|---|---|",
        *(f"| `{one.name}` | `{app_role(one.name)}` | {_for(one)} |" for one in rights.graph),
        "\n## Azure\n",
        f"A custom role with {len(rights.actions)} actions (`azgraph permissions --format role`; the table at the end",
        "names each), on the root management group or on each subscription. A role on single resource groups is not",
        "enough: lists would be shorter without a word, so azgraph takes them for `forbidden`. Or, allowing more,",
        "built-in roles:\n",
        "| role | id | lacks |\n|---|---|---|",
        f"| Reader | `{BUILT_IN['Reader']}` | {', '.join(f'`{one}`' for one in rights.beyond_reader)} |",
        f"| Management Group Reader | `{BUILT_IN['Management Group Reader']}` | for Reader on subscriptions only |",
        f"| Key Vault Reader | `{BUILT_IN['Key Vault Reader']}` | |",
        "\n## Key vaults\n",
        "To list keys, secrets and certificates, never to read what a secret holds. Vaults with Azure RBAC: the data",
        f"actions {', '.join(f'`{one}`' for one in rights.data_actions)},",
        "which a role on a management group cannot have; assign Key Vault Reader there. Vaults with access policies: a",
        f"policy that allows to `list` {', '.join(f'{one}s' for one in rights.vault_policy)}.",
        "\n## The tenant's own settings\n",
        "No subscription and no management group is above these, so Reader is assigned on the provider itself, by an",
        "administrator with elevated access:\n",
        "| scope | action | for |\n|---|---|---|",
        *(f"| `/providers/{one.provider}` | `{one.name}` | {_for(one)} |" for one in rights.of(Kind.PROVIDER)),
        "\n## What may be left out, and what cannot be had\n",
        *(f"- `{one.name}` (`--optional`) {one.optional}." for one in OPTIONAL),
        *(
            f"- {_for(one)} needs Reader: Azure lists no action for it, so no custom role can name one."
            for one in rights.of(Kind.READER)
        ),
        *(
            f"- {_for(one)} needs `{one.name}`, which Microsoft documents for signed-in users only."
            for one in rights.of(Kind.USER)
        ),
        "\n## Step by step\n",
        "| step | permission |\n|---|---|",
        *(f"| `{name}` | `{permission}` |" for name, permission in sorted(steps().items())),
    ]
    return "\n".join(lines)


def _for(right: Right) -> str:
    few = ", ".join(f"`{step}`" for step in right.steps[:4])
    return f"{few} and {len(right.steps) - 4} more" if right.steps[4:] else few
