"""The page about refused sign-ins and hosts that cannot be reached, from what azgraph says of them."""

from __future__ import annotations

from loader.azure.refusals import REFUSALS
from tools import NOTICE

_NETWORK = """
## The network

azgraph names the host that it could not reach, and what it met:

- **The certificate is not trusted**: a proxy of your company opens TLS. Put the certificate of its authority into a PEM
  file and name it in `SSL_CERT_FILE`; sign-in, Azure and the download of Neo4j all go by it.
- **The proxy did not pass the request on**: correct `HTTPS_PROXY`, or name the host in `NO_PROXY`. User and password of
  a proxy are never told.
- **The name is not known**, **refused**, **no answer in time**: the hosts that must be reachable are the sign-in host
  (`login.microsoftonline.com`), `management.azure.com`, `graph.microsoft.com` and, for keys and secrets, those of your
  key vaults (`*.vault.azure.net`); other clouds have others ([authentication](authentication.md)).
"""


def page() -> str:
    """Each cause of a refused sign-in with its codes and what to do; then the network."""
    lines = [
        "# Troubleshooting\n",
        NOTICE,
        "What is said when Azure cannot be signed in to or reached, and what to do. Missing permissions are no trouble",
        "of sign-in: they end single steps, and the summary names them ([permissions](permissions.md)). What azgraph",
        "does with answers that fail stands in [trust](trust.md).",
        "\n## Refused sign-ins\n",
        "The codes are [Entra's](https://learn.microsoft.com/entra/identity-platform/reference-error-codes); one that",
        "is not listed is looked up at `https://login.microsoftonline.com/error`.",
    ]
    for one in REFUSALS:
        codes = ", ".join(f"AADSTS{code}" for code in one.codes)
        lines.append(f"\n### {one.topic}\n\n{one.says[0].upper()}{one.says[1:]} ({codes}). {one.do}")
    return "\n".join([*lines, _NETWORK])
