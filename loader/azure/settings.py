"""Where Azure is: the endpoints of a cloud, and how hard azgraph may press it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from loader.azure.transport.retry import RetryPolicy
from loader.errors import UsageError


@dataclass(frozen=True, slots=True)
class Cloud:
    """The endpoints of one Azure cloud: sign-in host, Azure Resource Manager, Microsoft Graph."""

    authority: str
    arm: str
    graph: str


# https://learn.microsoft.com/graph/deployments and https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
CLOUDS = {
    "public": Cloud("login.microsoftonline.com", "https://management.azure.com", "https://graph.microsoft.com"),
    "usgovernment": Cloud(
        "login.microsoftonline.us", "https://management.usgovcloudapi.net", "https://graph.microsoft.us"
    ),
    "china": Cloud(
        "login.chinacloudapi.cn", "https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"
    ),
}


@dataclass(frozen=True, slots=True)
class AzureSettings:
    """What a live session needs to know. The credential itself comes from the `AZURE_*` variables.

    ca_file: certificate authorities to trust instead of the built-in ones. in_flight, per_host: requests at a time.
    processes: how many draw on the tenant's buckets.
    by_hand: a person signs in, which takes as long as it takes. said: as `SignIn.said`.
    """

    cloud: Cloud = CLOUDS["public"]
    ca_file: Path | None = None
    in_flight: int = 20
    per_host: int = 16
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    by_hand: bool = False
    processes: int = 1
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def known_authority(self) -> bool:
        """Whether the sign-in host is one of Microsoft's; others cannot be checked by instance discovery."""
        return self.cloud.authority in {cloud.authority for cloud in CLOUDS.values()}

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, cloud: str | None = None
    ) -> AzureSettings:
        """Settings from the environment; `cloud` (from a flag or a file) wins over `AZGRAPH_CLOUD`.

        AZURE_AUTHORITY_HOST alone chooses the cloud it belongs to. AZGRAPH_ARM_URL and AZGRAPH_GRAPH_URL replace single
        endpoints (Azure Stack, a proxy, the DoD Graph). SSL_CERT_FILE names certificate authorities to trust.
        """
        variables = os.environ if environment is None else environment
        authority = _host(variables.get("AZURE_AUTHORITY_HOST", ""))
        base = _cloud(cloud or variables.get("AZGRAPH_CLOUD") or "", authority)
        ca_file = variables.get("SSL_CERT_FILE")
        if ca_file and not Path(ca_file).is_file():
            raise UsageError(f"SSL_CERT_FILE names {ca_file}, which is not a file. Correct or unset it.")
        return cls(
            cloud=Cloud(
                authority or base.authority,
                _endpoint(variables, "AZGRAPH_ARM_URL", base.arm),
                _endpoint(variables, "AZGRAPH_GRAPH_URL", base.graph),
            ),
            ca_file=Path(ca_file) if ca_file else None,
        )


def _cloud(name: str, authority: str) -> Cloud:
    if name:
        if name.lower() not in CLOUDS:
            raise UsageError(f"There is no cloud {name!r}. Use one of {', '.join(CLOUDS)}.")
        return CLOUDS[name.lower()]
    return next((cloud for cloud in CLOUDS.values() if cloud.authority == authority), CLOUDS["public"])


def _host(authority: str) -> str:
    """Users write the authority with and without scheme and slash."""
    return authority.removeprefix("https://").strip("/").lower()


def _endpoint(variables: Mapping[str, str], name: str, default: str) -> str:
    url = variables.get(name, default).rstrip("/")
    if urlsplit(url).scheme != "https" or not urlsplit(url).netloc:
        raise UsageError(f"{name} must be an https address such as {default}; tokens are not sent over plain http.")
    return url
