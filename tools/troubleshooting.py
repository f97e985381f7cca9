"""The page about what may be amiss before and during a run, from what azgraph says of it."""

from __future__ import annotations

from loader.azure.refusals import REFUSALS
from loader.connect.topics import NEO4J, NETWORK, RIGHTS
from tools import NOTICE

_REACHED = """
azgraph names the host that it could not reach, and what it met. **The name is not known**, **refused**, **no answer in
time**: the hosts that must be reachable are the sign-in host (`login.microsoftonline.com`), `management.azure.com`,
`graph.microsoft.com` and, for keys and secrets, those of your key vaults (`*.vault.azure.net`); other clouds have
others ([authentication](authentication.md)).
"""


def page() -> str:
    """Each cause of a refused sign-in with its codes and what to do; then rights, the network, Neo4j."""
    lines = [
        "# Troubleshooting\n",
        NOTICE,
        "`azgraph doctor` signs in, tests every right with the cheapest real call, looks at the database, and says in",
        "plain words what is missing, what is not answered for it, and the one command that mends it. It ends with",
        "code 0 where all is there, 3 where something is missing or could not be tested, 4 where nothing can be read;",
        "`--format json` is for scripts. What it says has a section here each. What azgraph does with answers that",
        "fail stands in [trust](trust.md), and all rights in [permissions](permissions.md).",
        "\n## Refused sign-ins\n",
        "The codes are [Entra's](https://learn.microsoft.com/entra/identity-platform/reference-error-codes); one that",
        "is not listed is looked up at `https://login.microsoftonline.com/error`.",
    ]
    for one in REFUSALS:
        codes = ", ".join(f"AADSTS{code}" for code in one.codes)
        lines.append(f"\n### {one.topic}\n\n{one.says[0].upper()}{one.says[1:]} ({codes}). {one.do}")
        if one.command:
            lines.append(f"\n```sh\n{one.command}\n```")
    for title, about, topics in (
        ("Rights", "", RIGHTS), ("The network", _REACHED, NETWORK), ("Neo4j", "", NEO4J)
    ):  # fmt: skip
        lines.append(f"\n## {title}\n{about}".rstrip())
        lines += [f"\n### {one.heading}\n\n{one.seen}\n\n{one.do}" for one in topics]
    return "\n".join(lines)
