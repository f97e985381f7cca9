"""Access packages (Entra entitlement management): what people may ask for, under which policy, and who has it.

A package gives roles in groups and applications to whom it is assigned, mostly for a time. Who decided on a request is
not read: Graph tells it in one call for each request only, and answers 404 to most of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from loader.model import (
    ANY_PRINCIPAL,
    At,
    Detail,
    EntityType,
    Graph,
    Json,
    Link,
    Property,
    Service,
    Target,
    date,
    flag,
    incoming,
    links,
    outgoing,
    text,
)
from loader.services.shared.directory_links import in_tenant
from loader.services.shared.wire import part, parts

_DOCS = "https://learn.microsoft.com/graph/api"
_PERMISSION = "EntitlementManagement.Read.All"
_PACKAGE = "azure_access_packages_services"
_POLICY = "azure_access_packages_policy"
_SUBJECTS = {"user": "azure_user", "servicePrincipal": "azure_service_principal"}
# Sites of SharePoint are the third kind of resource; azgraph has none.
_RESOURCES = {"aadgroup": "azure_user_group", "aadapplication": "azure_service_principal"}


def _list(name: str, *expand: str) -> Graph:
    return Graph(builder=f"identity_governance.entitlement_management.{name}", permission=_PERMISSION, expand=expand)


_MADE: tuple[Property, ...] = (
    text("description", "description", "what it is for"),
    date("createdOn", "createdDateTime", "when it was made"),
    date("modifiedOn", "modifiedDateTime", "when it was last changed"),
)


def _expires(where: str) -> tuple[Property, ...]:
    """When access ends, by the pattern at that path."""
    return (
        text("expirationType", f"{where}.type", "noExpiration, afterDuration, …"),
        date("expirationEndsOn", f"{where}.endDateTime", "on which day, if on one"),
        text("expirationDuration", f"{where}.duration", "after how long (ISO 8601)"),
    )


CATALOG = EntityType(
    type="azure_access_packages_catalog",
    ids=("opaque",),
    resource="Access Package Catalog",
    classes=("Resource",),
    documentation=f"{_DOCS}/entitlementmanagement-list-catalogs",
    fetch=_list("catalogs", "accessPackages"),
    properties=(
        *_MADE,
        text("catalogType", "catalogType", "userManaged, or serviceDefault for the one that is always there"),
        text("state", "state", "published, or unpublished: nobody can ask for what is in it"),
        flag("isExternallyVisible", "isExternallyVisible", "people of other organizations may see it"),
    ),
    relationships=(in_tenant(), outgoing("HAS", _PACKAGE, "accessPackages[].id", "the packages in it")),
)


def granted(answer: Json) -> Iterable[Link]:
    """The groups and applications that a package gives roles in, with the role's name."""
    for one in parts(answer, "$resources", "resourceRoleScopes"):
        scope = part(one, "scope")
        kind = _RESOURCES.get(str(scope.get("originSystem")).lower())
        if kind and scope.get("originId"):
            role = str(part(one, "role").get("displayName") or "")
            target = Target(str(scope["originId"]).lower(), kind, {"id": str(scope["originId"])})
            yield Link("CONTAINS", target, key=role, properties={"role": role})


PACKAGE = EntityType(
    type=_PACKAGE,
    ids=("opaque",),
    resource="Access Package",
    classes=("Service",),
    documentation=f"{_DOCS}/entitlementmanagement-list-accesspackages",
    fetch=_list("access_packages"),
    details=(
        Detail(
            name="resources",
            call=Graph(
                builder="identity_governance.entitlement_management.access_packages.by_access_package_id",
                permission=_PERMISSION,
                args=(At("id"),),
                expand=("resourceRoleScopes($expand=role,scope)",),
            ),
        ),
    ),
    properties=(*_MADE, flag("isHidden", "isHidden", "only who has its address can ask for it")),
    relationships=(
        links("CONTAINS", tuple(_RESOURCES.values()), granted, "what it gives a role in", needs=("resources",)),
    ),
)


def may_ask(answer: Json) -> Iterable[Link]:
    """The users and groups that a policy names; other organizations are none of the tenant's objects."""
    for one in parts(answer, "specificAllowedTargets"):
        for field, kind in (("userId", "azure_user"), ("groupId", "azure_user_group")):
            if one.get(field):
                yield Link("ALLOWS", Target(str(one[field]).lower(), kind, {"id": str(one[field])}))


_REVIEWS = "reviewSettings"

POLICY = EntityType(
    type=_POLICY,
    ids=("opaque",),
    resource="Access Package Assignment Policy",
    classes=("AccessPolicy",),
    documentation=f"{_DOCS}/entitlementmanagement-list-assignmentpolicies",
    fetch=_list("assignment_policies", "accessPackage"),
    properties=(
        *_MADE,
        *_expires("expiration"),
        text("allowedTargetScope", "allowedTargetScope", "who may ask: allMemberUsers, specificDirectoryUsers, …"),
        flag("approvalRequired", "requestApprovalSettings.isApprovalRequiredForAdd", "somebody has to agree"),
        flag("selfRequest", "requestorSettings.enableTargetsToSelfAddAccess", "people ask for themselves"),
        flag("reviewed", f"{_REVIEWS}.isEnabled", "who has it is reviewed"),
        flag("selfReview", f"{_REVIEWS}.isSelfReview", "people review themselves"),
        text("reviewExpirationBehavior", f"{_REVIEWS}.expirationBehavior", "what befalls those nobody reviewed"),
        text("reviewRecurrence", f"{_REVIEWS}.schedule.recurrence.pattern.type", "how often: weekly, absoluteMonthly"),
    ),
    relationships=(
        incoming("HAS", _PACKAGE, "accessPackage.id", "the package it is about"),
        links("ALLOWS", ("azure_user", "azure_user_group"), may_ask, "who may ask, where it names them"),
    ),
)


def holder(answer: Json) -> Target | None:
    """Whom a package is assigned to, or null; a person of another organization has no object before it is theirs."""
    target = part(answer, "target")
    identity = str(target.get("objectId") or "")
    kind = _SUBJECTS.get(str(target.get("subjectType")))
    return Target(identity.lower(), kind, {"id": identity}) if identity else None


ASSIGNMENT = EntityType(
    type="azure_access_packages_service_assignment",
    ids=("opaque",),
    resource="Access Package Assignment",
    classes=("AccessRole",),
    documentation=f"{_DOCS}/entitlementmanagement-list-assignments",
    fetch=_list("assignments", "target", "accessPackage", "assignmentPolicy"),
    name="accessPackage.displayName | id",
    properties=(
        text("state", "state", "delivered, delivering, partiallyDelivered, expired, …"),
        text("status", "status", "the same in more words"),
        date("startsOn", "schedule.startDateTime", "from when"),
        *_expires("schedule.expiration"),
        date("expiredOn", "expiredDateTime", "when it ended"),
        text("holder", "target.displayName", "who has it"),
    ),
    relationships=(
        incoming("HAS", _PACKAGE, "accessPackage.id", "the package that is given"),
        outgoing("USES", _POLICY, "assignmentPolicy.id", "the policy it was given under"),
        outgoing("ASSIGNED", ANY_PRINCIPAL, holder, "to whom it is given"),
    ),
)

REQUEST = EntityType(
    type="azure_access_packages_request",
    ids=("opaque",),
    resource="Access Package Assignment Request",
    classes=("Requirement",),
    documentation=f"{_DOCS}/entitlementmanagement-list-assignmentrequests",
    fetch=_list("assignment_requests", "requestor", "accessPackage"),
    name="accessPackage.displayName | id",
    properties=(
        text("requestType", "requestType", "userAdd, adminAdd, userRemove, …"),
        text("state", "state", "submitted, pendingApproval, delivered, denied, …"),
        text("status", "status", "the same in more words"),
        date("createdOn", "createdDateTime", "when it was made"),
        date("completedOn", "completedDateTime", "when it was over"),
        text("requestor", "requestor.displayName", "who asked"),
    ),
    relationships=(
        incoming("HAS", _PACKAGE, "accessPackage.id", "the package that is asked for"),
        incoming("CREATED", "azure_user", "requestor.objectId", "who asked"),
    ),
)

SERVICE = Service(name="Access packages", entity_types=(CATALOG, PACKAGE, POLICY, ASSIGNMENT, REQUEST))
