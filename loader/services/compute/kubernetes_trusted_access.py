"""What Azure's own services may be let do in clusters (trusted access): roles made by Microsoft, the same everywhere.

Azure lists them by region; only regions that have clusters are asked, each once a run.
"""

from __future__ import annotations

from loader.mapping import normal_location
from loader.model import Arm, At, EntityType, Json, Service, text, texts
from loader.services.shared.wire import parts, plain


def role_key(role: str) -> str:
    """The key of a role by the name that bindings give it: Microsoft.DataProtection/backupVaults/backup-operator."""
    return f"/providers/Microsoft.ContainerService/trustedAccessRoles/{role.strip('/')}"


def _key(answer: Json) -> str | None:
    service, name = answer.get("sourceResourceType"), answer.get("name")
    told = all(one and isinstance(one, str) for one in (service, name))
    return role_key(f"{service}/{name}") if told else None


def _region(cluster: Json) -> list[str]:
    location = cluster.get("location")
    return [normal_location(location)] if isinstance(location, str) else []


def _verbs(answer: Json) -> list[str]:
    """`rules[]`: each of its `verbs` with each of its `resources`"""
    return [
        f"{verb} {resource}"
        for rule in parts(answer, "rules")
        for verb in plain(rule, "verbs")
        for resource in plain(rule, "resources") or plain(rule, "nonResourceURLs")
    ]


TRUSTED_ACCESS_ROLE = EntityType(
    type="azure_kube_trusted_access_role",
    resource="Kubernetes Trusted Access Role",
    classes=("AccessRole",),
    documentation="https://learn.microsoft.com/rest/api/aks/trusted-access-roles/list",
    fetch=Arm(
        client="azure.mgmt.containerservice.aio:ContainerServiceClient",
        operation="trusted_access_roles.list",
        # Azure's list of operations has no action for it, so no custom role can name one; Reader's wildcard covers it.
        permission="*/read",
        args=(At("@each"),),
        parent="azure_kubernetes_cluster",
        each=_region,
    ),
    key=_key,
    properties=(
        text("sourceResourceType", "sourceResourceType", "the service that it is for"),
        texts("actions", _verbs, 'what it allows, as "get pods"'),
        texts("apiGroups", "rules[].apiGroups[]", "the API groups these are of; the empty one is the core's"),
    ),
)

SERVICE = Service(name="Kubernetes trusted access", entity_types=(TRUSTED_ACCESS_ROLE,))
