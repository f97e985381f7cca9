"""Small tenants made at random, as plain facts: what both the evaluator and the one that holds it to account read."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

# Capability → its actions; an action on data is marked so.
CAPABILITIES = {
    "run-code": (
        ("Microsoft.Compute/virtualMachines/runCommand/action", False),
        ("Microsoft.Compute/virtualMachines/extensions/write", False),
    ),
    "read-secrets": (("Microsoft.KeyVault/vaults/secrets/getSecret/action", True),),
    "give-roles": (("Microsoft.Authorization/roleAssignments/write", False),),
    "list-keys": (
        ("Microsoft.Storage/storageAccounts/listKeys/action", False),
        ("Microsoft.Storage/storageAccounts/regenerateKey/action", False),
    ),
}
_PATTERNS = (
    "*",
    "*/action",
    "*/write",
    "Microsoft.Compute/*",
    "microsoft.compute/virtualmachines/*/action",
    "Microsoft.*/virtualMachines/extensions/*",
    "Microsoft.Authorization/*/Write",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Storage/*/regenerateKey/*",
    "Microsoft.Storage/storageAccounts/read",
    "*/read",
)
_DATA_PATTERNS = ("*", "Microsoft.KeyVault/*", "Microsoft.KeyVault/vaults/secrets/*", "*/keys/*")
_TYPES = ("Microsoft.Compute/virtualMachines", "Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts")

BlockFacts = dict[str, list[str]]


@dataclass
class Assigned:
    """A role assignment. blocks: those of its role, under the role's id."""

    id: str
    who: str
    at: str
    role: str
    condition: str = ""
    eligible: bool = False


@dataclass
class Denied:
    """A deny assignment."""

    id: str
    at: str
    blocks: list[BlockFacts]
    principals: list[str]
    excluded: list[str]
    everyone: bool
    children: bool
    condition: str = ""


@dataclass
class Tenant:
    """parent: each place's; the tenant itself has none. members: (member, group); may_join: those that are eligible."""

    tenant: str
    parent: dict[str, str] = field(default_factory=dict)
    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    members: list[tuple[str, str]] = field(default_factory=list)
    may_join: list[tuple[str, str]] = field(default_factory=list)
    roles: dict[str, list[BlockFacts]] = field(default_factory=dict)
    assigned: list[Assigned] = field(default_factory=list)
    denied: list[Denied] = field(default_factory=list)


def _blocks(random: Random, most: int = 2) -> list[BlockFacts]:
    return [
        {
            "actions": random.sample(_PATTERNS, random.randint(0, 3)),
            "notActions": random.sample(_PATTERNS[1:], random.choice((0, 0, 1, 2))),
            "dataActions": random.sample(_DATA_PATTERNS, random.choice((0, 1, 1))),
            "notDataActions": random.sample(_DATA_PATTERNS[1:], random.choice((0, 0, 0, 1))),
        }
        for _ in range(random.randint(1, most))
    ]


def _places(random: Random, made: Tenant, prefix: str) -> None:
    above = made.tenant
    management = []
    for number in range(random.randint(1, 3)):
        group = f"/providers/microsoft.management/managementgroups/{prefix}-mg-{number}"
        made.parent[group] = above if number == 0 else random.choice(management)
        management.append(group)
    for number in range(random.randint(1, 2)):
        subscription = f"/subscriptions/{prefix}-sub-{number}"
        made.parent[subscription] = random.choice(management)
        for at in range(random.randint(1, 2)):
            group = f"{subscription}/resourcegroups/rg-{at}"
            made.parent[group] = subscription
            for index in range(random.randint(1, 2)):
                resource = f"{group}/providers/{random.choice(_TYPES).lower()}/r-{index}"
                made.parent[resource] = group


def random_tenant(seed: int) -> Tenant:
    """The same for the same seed; all its keys begin with a prefix of its own."""
    random = Random(seed)
    prefix = f"t{seed}"
    made = Tenant(tenant=f"{prefix}-tenant")
    _places(random, made, prefix)
    made.users = [f"{prefix}-user-{number}" for number in range(random.randint(2, 5))]
    made.groups = [f"{prefix}-group-{number}" for number in range(random.randint(1, 4))]
    principals = made.users + made.groups
    # Groups may be in each other and in themselves: Entra refuses few cycles, and no walk may depend on that.
    made.members = sorted(
        {(random.choice(principals), random.choice(made.groups)) for _ in range(random.randint(1, 8))}
    )
    may = {(random.choice(principals), random.choice(made.groups)) for _ in range(random.choice((0, 0, 1, 2, 3)))}
    made.may_join = sorted(may - set(made.members))
    made.roles = {f"{prefix}-role-{number}": _blocks(random) for number in range(random.randint(1, 3))}
    everywhere = [made.tenant, *made.parent]
    for number in range(random.randint(1, 6)):
        made.assigned.append(
            Assigned(
                id=f"{prefix}-assignment-{number}",
                who=random.choice(principals),
                at=random.choice(everywhere),
                role=random.choice(list(made.roles)),
                condition=random.choice(("", "", "", "@Resource[x] StringEquals 'y'")),
                eligible=random.random() < 0.2,
            )
        )
    for number in range(random.choice((0, 0, 1, 1, 2))):
        made.denied.append(
            Denied(
                id=f"{prefix}-deny-{number}",
                at=random.choice(list(made.parent)),
                blocks=_blocks(random, 1),
                principals=random.sample(principals, random.randint(0, 2)),
                excluded=random.sample(principals, random.choice((0, 0, 1, 1, 2))),
                everyone=random.random() < 0.5,
                children=random.random() < 0.8,
                condition=random.choice(("", "", "", "", "when it rains")),
            )
        )
    return made
