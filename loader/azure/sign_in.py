"""Who signs in, and how: as the environment says it, or as the configuration describes an instance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from loader.errors import UsageError

# What azure-identity takes for a tenant.
_TENANT = re.compile(r"[A-Za-z0-9.-]+")
_VARIABLES = {
    "tenant": "AZURE_TENANT_ID",
    "client_id": "AZURE_CLIENT_ID",
    "secret": "AZURE_CLIENT_SECRET",
    "certificate": "AZURE_CLIENT_CERTIFICATE_PATH",
    "certificate_password": "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "token_file": "AZURE_FEDERATED_TOKEN_FILE",
}
_KEYS = {"certificate": "certificate.path", "certificate_password": "certificate.password"}


class Method(StrEnum):
    """The ways to sign in, as the configuration names them."""

    CLIENT_SECRET = "client_secret"  # noqa: S105 - a name
    CERTIFICATE = "certificate"
    MANAGED_IDENTITY = "managed_identity"
    WORKLOAD_IDENTITY = "workload_identity"
    AZURE_CLI = "azure_cli"
    DEVICE_CODE = "device_code"
    BROWSER = "browser"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a credential is made of. configured: the instance of the configuration that says so; empty for none.

    secret and certificate_password are the values themselves. said: where the configuration says what a variable would,
    in words by the variable's name.
    """

    method: Method = Method.DEFAULT
    tenant: str | None = None
    client_id: str | None = None
    secret: str | None = field(default=None, repr=False)
    certificate: str | None = None
    certificate_password: str | None = field(default=None, repr=False)
    token_file: str | None = None
    configured: str = ""
    said: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> SignIn:
        """As the variables of azure-identity say it: a secret before a certificate, else what the machine offers."""
        said: dict[str, Any] = {name: variables.get(variable) or None for name, variable in _VARIABLES.items()}
        method = (
            Method.CLIENT_SECRET if said["secret"] else Method.CERTIFICATE if said["certificate"] else Method.DEFAULT
        )
        return cls(method, **said)

    def needed(self, name: str) -> str:
        """What this way of signing in cannot do without. Raises UsageError that says where to write it."""
        value = getattr(self, name)
        if value:
            return str(value)
        if self.configured:
            raise UsageError(
                f"Instance {self.configured!r} signs in with {self.method}, which needs {self.name_of(name)}: write it "
                f"into the configuration, or set {_VARIABLES[name]}."
            )
        raise UsageError(
            f"{_VARIABLES[name]} is not set, but a client secret or certificate is. Set it, or unset those."
        )

    def name_of(self, name: str) -> str:
        """Where people wrote it: the variable, or the key of the configuration."""
        return _KEYS.get(name, name) if self.configured else _VARIABLES[name]


def tenant_of(how: SignIn) -> str:
    """The tenant. Raises UsageError where there is none, or it is none."""
    tenant = how.needed("tenant")
    if not _TENANT.fullmatch(tenant):
        raise UsageError(
            f"{how.name_of('tenant')} is {tenant!r}, which is no tenant. Give its id (a GUID) or one of its domains, "
            "such as contoso.onmicrosoft.com."
        )
    return tenant
