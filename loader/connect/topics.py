"""What may be amiss apart from the sign-in itself: a heading of docs/troubleshooting.md each, with what to do.

What Entra refuses stands in `loader/azure/refusals.py`, and why a host cannot be reached in `loader/reaching.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A heading, how one sees it in what Azure or Neo4j answers, and what to do, in sentences."""

    heading: str
    seen: str
    do: str


NO_CONSENT = Topic(
    "No admin consent",
    "Microsoft Graph answers 403 `Authorization_RequestDenied`, and the token has no such entry in `roles`, although "
    "the application's registration asks for the permission as an application permission.",
    "Let a Privileged Role Administrator consent: `az ad app permission admin-consent --id <client id>`, or "
    'App registrations, API permissions, "Grant admin consent". A consent takes some minutes to show.',
)
DELEGATED = Topic(
    "Delegated in place of application permissions",
    "The permission is there under the same name but of the type Delegated (`Scope` in the registration), or the "
    "token is a user's (`scp`). Delegated permissions count only while a user is signed in.",
    "Add the permission anew with the type Application, and let an administrator consent. `azgraph permissions "
    "--format az` does both.",
)
NO_PERMISSION = Topic(
    "Missing application permission",
    "Microsoft Graph answers 403 `Authorization_RequestDenied`: Insufficient privileges to complete the operation.",
    "Add the permission with the type Application and let an administrator consent; `azgraph doctor` prints the "
    "command.",
)
NO_ROLE = Topic(
    "No role at that scope",
    "No subscription is visible, or Azure answers 403 `AuthorizationFailed` for everything in one.",
    "Assign the role of `azgraph permissions --format role`, or Reader, on the root management group or on each "
    "subscription. A new assignment takes up to ten minutes to show.",
)
ONE_GROUP = Topic(
    "A role on one resource group only",
    "The subscription is visible, and lists under it are answered with status 200, but they hold only what single "
    "resource groups allow to see. azgraph takes such lists for `forbidden`, never for whole.",
    "Assign the role on the subscription.",
)
LACKING_ROLE = Topic(
    "A role that lacks something",
    "Azure answers 403 `AuthorizationFailed` and names the action, or leaves out of a list what may not be seen.",
    "Add the action to the custom role, or assign Reader; `Microsoft.PolicyInsights/policyStates/queryResults/action` "
    "is in no reading role but in that of `azgraph permissions`.",
)
TENANT_SETTINGS = Topic(
    "Settings of the whole tenant",
    "Azure answers 401 or 403 for diagnostic settings of Entra ID and Intune or for the policy of subscriptions, which "
    "stand above all management groups.",
    "Let an administrator with elevated access assign Reader on the provider, or do without these types.",
)
VAULT_FIREWALL = Topic(
    "The firewall of a key vault",
    "The vault answers 403 `ForbiddenByFirewall` (Client address is not authorized and caller is not a trusted "
    "service) or `ForbiddenByConnection` (Public network access is disabled).",
    "Run azgraph from a network that the vault lets in, or add this address to the vault's network rules.",
)
VAULT_ACCESS = Topic(
    "No access to a key vault",
    "The vault answers 403 `ForbiddenByRbac`, or `Forbidden` with an access policy's words.",
    "Vaults with Azure RBAC: assign Key Vault Reader. Vaults with access policies: `az keyvault set-policy` with the "
    "permission to list keys, secrets and certificates. No content of a secret is ever read.",
)
CLOCK = Topic(
    "The clock is off",
    "Answers of Azure are dated more than five minutes from this machine's time. Certificates and workload identities "
    "fail first, with AADSTS700024.",
    "Let the machine take its time from the network: `sudo timedatectl set-ntp true`.",
)
PROXY = Topic(
    "Proxy",
    "A host cannot be reached because the proxy of HTTPS_PROXY does not pass requests on, or a host is reached that no "
    "proxy should stand before.",
    "Correct `HTTPS_PROXY`, or name the host in `NO_PROXY`. User and password of a proxy are never told.",
)
PRIVATE_CA = Topic(
    "Private certificate authority",
    "The certificate is not trusted: a proxy of your company opens TLS and signs with its own authority.",
    "Put the certificate of that authority into a PEM file and name it in `SSL_CERT_FILE`; sign-in, Azure and the "
    "download of Neo4j all go by it.",
)
NEO4J_AWAY = Topic(
    "Neo4j cannot be reached",
    "The driver's connection is refused, or nobody answers at the address.",
    "`azgraph neo4j up` starts the local one; otherwise correct NEO4J_URI, and let port 7687 pass the firewall.",
)
NEO4J_USER = Topic(
    "Neo4j refuses the user",
    "`Neo.ClientError.Security.Unauthorized` at the connection, or `Neo.ClientError.Security.Forbidden` while writing.",
    "Give the right NEO4J_USER and NEO4J_PASSWORD; the user needs to read, write and make indexes (the role "
    "`architect` has all three).",
)
NEO4J_READ_ONLY = Topic(
    "Neo4j is read only",
    "`Neo.ClientError.General.ForbiddenOnReadOnlyDatabase`, or `NotALeader` of a cluster.",
    "Make the database writable, or give the address of one that is; in a cluster use `neo4j://`, which finds the "
    "leader.",
)
NEO4J_VERSION = Topic(
    "An old Neo4j",
    "The server is older than 5.26, with which azgraph is tested.",
    "Upgrade it; `azgraph neo4j up` starts one that fits.",
)
NEO4J_MEMORY = Topic(
    "Memory of Neo4j",
    "`Neo.TransientError.General.MemoryPoolOutOfMemoryError`, or a heap of less than 512 MiB.",
    "Give it more: `server.memory.heap.max_size` in its neo4j.conf, AZGRAPH_NEO4J_HEAP for the local one.",
)
NEO4J_DISK = Topic(
    "Disk of Neo4j",
    "`Neo.DatabaseError.Transaction.TransactionCommitFailed`, or less than 2 GiB are free where the local one stands.",
    "Make room, or let AZGRAPH_HOME name a folder on another disk.",
)

RIGHTS = (NO_CONSENT, DELEGATED, NO_PERMISSION, NO_ROLE, ONE_GROUP, LACKING_ROLE, TENANT_SETTINGS, VAULT_FIREWALL,
          VAULT_ACCESS)  # fmt: skip
NETWORK = (PRIVATE_CA, PROXY, CLOCK)
NEO4J = (NEO4J_AWAY, NEO4J_USER, NEO4J_READ_ONLY, NEO4J_VERSION, NEO4J_MEMORY, NEO4J_DISK)
