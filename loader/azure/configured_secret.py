"""The one secret that azgraph reads from a key vault: its own, where the configuration names it there.

Nothing of it reaches a recording, the graph or a log: it goes from here into the credential.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from azure.core.exceptions import AzureError as CoreError
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from loader.azure.credential import credential
from loader.azure.settings import AzureSettings
from loader.azure.sign_in import SignIn
from loader.errors import UnreachableError

_PAGE = "See docs/configuration.md#secrets."


async def read_secret(address: str, settings: AzureSettings, machine: SignIn) -> str:
    """The value of a secret at `https://….vault.azure.net/secrets/NAME[/VERSION]`.

    machine: who reads it; the machine's own identity. Raises UnreachableError that says what is missing.
    """
    from azure.keyvault.secrets.aio import SecretClient

    host = urlsplit(address).netloc
    name, _, version = urlsplit(address).path.removeprefix("/secrets/").partition("/")
    options = {"connection_verify": str(settings.ca_file)} if settings.ca_file else {}
    try:
        async with (
            credential(settings, sign_in=machine) as signed,
            SecretClient(f"https://{host}", signed, **options) as client,
        ):
            found = await client.get_secret(name, version or None)
    except ClientAuthenticationError as error:
        raise UnreachableError(
            f"The secret {name} of {host} could not be read: this machine has no identity that may sign in. Give it a "
            f"managed or workload identity, or run `az login`. {_PAGE}"
        ) from error
    except HttpResponseError as error:
        raise UnreachableError(
            f"The secret {name} of {host} could not be read (status {error.status_code}). The machine's identity needs "
            f"Key Vault Secrets User on it, and the vault's firewall must let it in. {_PAGE}"
        ) from error
    except CoreError as error:
        raise UnreachableError(
            f"The key vault {host} could not be reached ({type(error).__name__}). Check the network. {_PAGE}"
        ) from error
    if not found.value:
        raise UnreachableError(f"The secret {name} of {host} is empty. Put the client secret into it. {_PAGE}")
    return found.value
