"""What Entra's refusals of a sign-in mean, and what the person who meets one does.

The codes are those of https://learn.microsoft.com/entra/identity-platform/reference-error-codes that a person can cause
or mend. Microsoft may split or renumber them, so a code decides about words only, never about what is done next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Refusal:
    """One cause. topic: its heading in docs/troubleshooting.md; says: a clause; do: sentences that end it.

    command: the one command that mends it or tells what to mend it with; empty where no command does.
    """

    topic: str
    codes: tuple[int, ...]
    says: str
    do: str
    command: str = ""

    @property
    def anchor(self) -> str:
        """The heading's address in the page."""
        return self.topic.lower().replace(" ", "-")


REFUSALS = (
    Refusal(
        "Wrong client secret",
        (7000215,),
        "the client secret is not one of this application",
        "Put the secret's value (not its id, which looks like a GUID) into AZURE_CLIENT_SECRET.",
        "az ad app credential reset --id $AZURE_CLIENT_ID --append --query password --output tsv",
    ),
    Refusal(
        "Expired client secret",
        (7000222,),
        "the client secret has expired, or is not valid yet",
        "Make a new one (App registrations, Certificates & secrets) and put its value into AZURE_CLIENT_SECRET.",
        "az ad app credential reset --id $AZURE_CLIENT_ID --append --query password --output tsv",
    ),
    Refusal(
        "No secret or certificate",
        (7000216, 7000218, 90014, 900144),
        "no secret or certificate was sent",
        "Set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.",
    ),
    Refusal(
        "Wrong certificate",
        (700027, 50012, 700030),
        "the certificate is not one of this application, or has expired",
        "Upload the certificate (without its private key) under App registrations, Certificates & secrets, and let "
        "AZURE_CLIENT_CERTIFICATE_PATH name the file that holds it with its private key.",
    ),
    Refusal(
        "Wrong clock",
        (700024, 500133),
        "the proof that was sent is not valid now",
        "Set this machine's clock right.",
        "sudo timedatectl set-ntp true",
    ),
    Refusal(
        "Unknown application",
        (700016, 7000229),
        "there is no such application in this tenant",
        "Compare AZURE_CLIENT_ID with the application's (client) id, not its object id, and AZURE_TENANT_ID with its "
        "tenant. An application of another tenant must first be consented to in this one.",
        'az ad app list --display-name azgraph --query "[].{name: displayName, client: appId}" --output table',
    ),
    Refusal(
        "Disabled application",
        (7000112, 700011, 500014, 7000111),
        "the application is disabled in this tenant",
        "Let an administrator enable it (Enterprise applications, Properties, Enabled for users to sign in).",
        "az ad sp update --id $AZURE_CLIENT_ID --set accountEnabled=true",
    ),
    Refusal(
        "Unknown tenant",
        (90002, 900021, 900023, 50128, 50059, 90019),
        "there is no such tenant in this cloud",
        "Correct AZURE_TENANT_ID; a tenant of another cloud needs AZGRAPH_CLOUD=usgovernment or china.",
        'az account list --query "[].{tenant: tenantId, name: name}" --output table',
    ),
    Refusal(
        "Another cloud",
        (90038, 900382, 900432, 900439, 90051, 500011),
        "the tenant belongs to another cloud, or that cloud's Azure is not set up in it",
        "Set AZGRAPH_CLOUD to public, usgovernment or china, whichever the tenant is in.",
        "export AZGRAPH_CLOUD=usgovernment",
    ),
    Refusal(
        "No federated credential fits",
        (70021, 700211, 700212, 700213, 700214, 700223, 7002381),
        "no federated credential of the application fits the token that the workload showed",
        "Compare issuer, subject and audience of the credential (App registrations, Certificates & secrets, Federated "
        "credentials) with the workload's; they are compared letter by letter.",
    ),
    Refusal(
        "Wrong user name or password",
        (50034, 50126, 50056, 50064, 50014, 50197),
        "the user name or the password is wrong, or the user is not in this tenant",
        "Sign in anew: az login --tenant, with the tenant that is to be loaded.",
    ),
    Refusal(
        "User of another tenant",
        (50020, 90072, 16000, 16003, 500208),
        "the user belongs to another tenant",
        "Invite the user as a guest, or sign in with another account: az login --tenant.",
    ),
    Refusal(
        "Locked or disabled user",
        (50053, 50057, 50135),
        "the user is disabled, locked, or must set a new password because of a risk",
        "Let an administrator look at the user's sign-in log, and unlock or enable the user.",
    ),
    Refusal(
        "Expired password",
        (50055, 50144),
        "the user's password has expired",
        "Set a new one, then az login.",
    ),
    Refusal(
        "Sign in again",
        (50076, 50078, 50079, 50072, 50074, 50158, 50173, 50132, 50133, 50089, 700082, 700084, 70043, 70044, 70008),
        "the sign-in has ended, or a second factor is asked for",
        "Run az login again. A loader that runs unattended needs an application or a managed identity.",
    ),
    Refusal(
        "Blocked by conditional access",
        (53000, 53001, 53003, 53004, 53011, 530032, 530034, 50131, 50097, 50005, 500212, 500213),
        "a conditional access or cross-tenant policy of the tenant does not let this sign-in pass",
        "Look it up in the tenant's sign-in log, which names the policy; let this application or address pass.",
    ),
    Refusal(
        "Blocked by the network",
        (50002, 500021, 500022),
        "this network lets sign-ins to named tenants pass only",
        "Let the network's administrators add the tenant to the tenant restrictions of the proxy.",
    ),
    Refusal(
        "Not assigned or consented",
        (50105, 65001, 65004, 90008, 90094, 90095, 90099, 650056, 650057),
        "the user or the application was not given this access",
        "Let an administrator grant admin consent (App registrations, API permissions), or assign the user.",
        "az ad app permission admin-consent --id $AZURE_CLIENT_ID",
    ),
    Refusal(
        "Entra is busy",
        (50033, 50196, 90006, 90012, 90024, 90033, 90055, 90090, 90091, 50000, 50087),
        "Entra could not serve the sign-in just now",
        "Run azgraph once more in some minutes.",
    ),
)
_BY_CODE = {code: refusal for refusal in REFUSALS for code in refusal.codes}


def refusal_in(text: str) -> Refusal | None:
    """The cause that a text of Entra's, or a sentence of `sentence`, names by its code; None where it names none."""
    codes = (int(code) for code in re.findall(r"AADSTS(\d+)", text))
    return next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)


def sentence(text: str, host: str, said: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """What to tell of a refusal whose text is `text`; None where it names no code of Entra's.

    said: what stands in the place of which variable, where a configuration says it.
    The text itself is not told: it may quote a secret.
    """
    codes = [int(code) for code in re.findall(r"AADSTS(\d+)", text)]
    if not codes:
        return None
    code = next((one for one in codes if one in _BY_CODE), codes[0])
    refusal = _BY_CODE.get(code)
    if refusal is None:
        return (
            f"Azure refused the sign-in at {host} (AADSTS{code}). What that means stands at "
            f"https://login.microsoftonline.com/error?code={code}; the tenant's sign-in log has more."
        )
    do = refusal.do
    for variable, place in said.items():
        do = do.replace(variable, place)
    return (
        f"Azure refused the sign-in at {host} (AADSTS{code}): {refusal.says}. {do} "
        f"See docs/troubleshooting.md#{refusal.anchor}."
    )
