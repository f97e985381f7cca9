"""App Service: plans, web and function apps, and their slots. Settings are read where no secret is answered with them.

Not read, since they answer secrets: app settings, connection strings, publishing profiles, authentication v1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loader.model import (
    Argument,
    Arm,
    Detail,
    EntityType,
    Json,
    Property,
    Segment,
    Service,
    date,
    flag,
    incoming,
    outgoing,
    quiet,
    text,
    texts,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.firewall_ranges import lets_in
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import connections_list
from loader.services.shared.reachable import EVERYBODY, reachable
from loader.services.shared.wire import explained, part, parts
from loader.services.web.access_restrictions import (
    APP_ACCESS,
    access_restrictions,
    says_no_access,
    scm_restrictions,
    unless_private,
)
from loader.services.web.runtimes import RUNTIME

_CLIENT = "azure.mgmt.web.aio:WebSiteManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/appservice"
_LEARN = "https://learn.microsoft.com/azure/app-service"


def _kinds(answer: Json) -> list[str]:
    """`functionapp,linux` as a list; an app without a kind is a plain web app."""
    return [word.strip() for word in str(answer.get("kind") or "").split(",") if word.strip()]


PLAN = EntityType(
    type="azure_app_service_plan",
    resource="App Service Plan",
    classes=("Configuration",),
    arm_type="Microsoft.Web/serverfarms",
    inventory="Microsoft.Web/serverfarms",
    documentation=f"{_DOCS}/app-service-plans/list",
    fetch=Arm(client=_CLIENT, operation="app_service_plans.list", permission="Microsoft.Web/serverfarms/Read"),
    properties=(
        texts("kind", _kinds, "app, linux, functionapp, elastic, …"),
        text("sku.name", "sku.name", "B1, P1v3, Y1, …"),
        text("sku.tier", "sku.tier", "Free, Basic, PremiumV3, Dynamic, …"),
        text("sku.size", "sku.size", "its size within the tier"),
        text("sku.family", "sku.family", "its hardware"),
        whole("sku.capacity", "sku.capacity", "how many instances"),
        text("status", "properties.status", "Ready, Pending or Creating"),
        flag("zoneRedundant", "properties.zoneRedundant", "it outlives the loss of a zone"),
        flag("isLinux", "properties.reserved", "its instances run Linux"),
        quiet(whole("numberOfSites", "properties.numberOfSites", "how many apps run on it")),
        text("hostingEnvironmentId", "properties.hostingEnvironmentProfile.id", "the isolated environment it is in"),
    ),
    relationships=(in_resource_group(),),
)


def is_function_app(site: Json) -> bool:
    """Whether the site runs functions; logic apps of the standard kind do too, since Azure runs them so."""
    return "functionapp" in (kind.lower() for kind in _kinds(site))


def is_web_app(site: Json) -> bool:
    """Every other site: a kind that is not known yet is an app until told otherwise."""
    return not is_function_app(site)


def _publishing(channel: str) -> Callable[[Json], object]:
    """Whether `ftp` or `scm` takes a user name and a password."""

    def allowed(answer: Json) -> object:
        for policy in parts(answer, "$publishing", "value"):
            if str(policy.get("name")).lower() == channel:
                return part(policy, "properties").get("allow")
        return None

    return explained(f"`properties.allow` of the policy `{channel}` in `$publishing`", allowed)


def _references(detail: str) -> Callable[[Json], list[object]]:
    """The names of settings that point into a key vault, of one list of references. Their values are never read."""
    return explained(
        f"`${detail}.value[].name`", lambda one: [ref.get("name") for ref in parts(one, f"${detail}", "value")]
    )


def _vaults(answer: Json) -> list[object]:
    """`$vaultReferences.value[].properties.vaultName`"""
    return [part(one, "properties").get("vaultName") for one in parts(answer, "$vaultReferences", "value")]


def _open_to_all(answer: Json) -> bool | None:
    """`$web.properties.ipSecurityRestrictions` let the Internet in, whatever public access says"""
    where = access_restrictions(answer).where if part(answer, "$web") else None
    return None if where is None else where == EVERYBODY


def _within_network(answer: Json) -> str:
    """An app of an App Service Environment with an internal address, whose apps are all below a domain of their own.

    https://learn.microsoft.com/azure/app-service/environment/creation: with an address on the Internet that domain is
    {environment}.p.azurewebsites.net, else {environment}.appserviceenvironment.net (.us, .cn).
    """
    host = str(part(answer, "properties").get("defaultHostName") or "")
    inside = ".appserviceenvironment." in host.lower()
    return "its App Service Environment answers within its network only" if inside else ""


_WEB = "$web.properties"
_AUTH = "$auth.properties"
_MAIN_SITE = unless_private(access_restrictions)
_REACH_NEEDS = ("web", "privateEndpointConnections")
_SITE: tuple[Property, ...] = (
    texts("kind", _kinds, "app, functionapp, linux, container, workflowapp, …"),
    text("state", "properties.state", "Running or Stopped", values=("Running", "Stopped")),
    text("defaultHostName", "properties.defaultHostName", "where it answers"),
    texts("hostNames", "properties.hostNames", "all names it answers to"),
    flag("httpsOnly", "properties.httpsOnly", "HTTP is sent on to HTTPS"),
    flag("clientCertEnabled", "properties.clientCertEnabled", "callers show a certificate"),
    text(
        "clientCertMode",
        "properties.clientCertMode",
        "whether callers must show one",
        values=("Required", "Optional", "OptionalInteractiveUser"),
    ),
    text("clientCertExclusionPaths", "properties.clientCertExclusionPaths", "paths at which they need not"),
    text("publicNetworkAccess", APP_ACCESS, "Enabled …"),
    *reachable(
        page=f"{_LEARN}/overview-access-restrictions",
        access=APP_ACCESS,
        inside=_within_network,
        firewall=_MAIN_SITE,
        needs=_REACH_NEEDS,
    ),
    *reachable(
        page=f"{_LEARN}/app-service-ip-restrictions",
        access=APP_ACCESS,
        inside=_within_network,
        firewall=unless_private(scm_restrictions),
        needs=_REACH_NEEDS,
        door="scm.",
    ),
    flag("scmUsesMainRestrictions", f"{_WEB}.scmIpSecurityRestrictionsUseMain", "the app's restrictions count there"),
    text("virtualNetworkSubnetId", "properties.virtualNetworkSubnetId", "the subnet it calls out from"),
    # Today's API has `outboundVnetRouting`, that of 2020 the flag.
    flag(
        "vnetRouteAllEnabled",
        f"properties.outboundVnetRouting.allTraffic | properties.vnetRouteAllEnabled | {_WEB}.vnetRouteAllEnabled",
        "with all it calls",
    ),
    flag("endToEndEncryptionEnabled", "properties.endToEndEncryptionEnabled", "TLS up to the worker"),
    text("keyVaultReferenceIdentity", "properties.keyVaultReferenceIdentity", "who fetches its vault references"),
    quiet(date("lastModifiedOn", "properties.lastModifiedTimeUtc", "when it was last changed")),
    text("principalId", "identity.principalId", "its own managed identity"),
    *identity_properties(),
    text("minTlsVersion", f"{_WEB}.minTlsVersion", "oldest TLS it takes", values=("1.0", "1.1", "1.2", "1.3")),
    text("scmMinTlsVersion", f"{_WEB}.scmMinTlsVersion", "the same for its deployment site"),
    flag("http20Enabled", f"{_WEB}.http20Enabled", "it speaks HTTP/2"),
    text("ftpsState", f"{_WEB}.ftpsState", "whether FTP is taken", values=("AllAllowed", "FtpsOnly", "Disabled")),
    flag("remoteDebuggingEnabled", f"{_WEB}.remoteDebuggingEnabled", "a debugger can be attached from afar"),
    flag("httpLoggingEnabled", f"{_WEB}.httpLoggingEnabled", "the web server's log is kept"),
    flag("alwaysOn", f"{_WEB}.alwaysOn", "it is not unloaded when idle"),
    text("phpVersion", f"{_WEB}.phpVersion", "on Windows"),
    text("pythonVersion", f"{_WEB}.pythonVersion", "on Windows"),
    text("javaVersion", f"{_WEB}.javaVersion", "on Windows"),
    text("javaContainer", f"{_WEB}.javaContainer", "Tomcat, JBoss or Java"),
    text("nodeVersion", f"{_WEB}.nodeVersion", "on Windows"),
    text("netFrameworkVersion", f"{_WEB}.netFrameworkVersion", "on Windows"),
    text("powerShellVersion", f"{_WEB}.powerShellVersion", "on Windows"),
    text("linuxFxVersion", f"{_WEB}.linuxFxVersion", "runtime and version on Linux, or the container image"),
    text("windowsFxVersion", f"{_WEB}.windowsFxVersion", "the container image on Windows"),
    *RUNTIME,
    texts("corsAllowedOrigins", f"{_WEB}.cors.allowedOrigins", "web sites whose scripts may call it; * is all"),
    flag("openToAllAddresses", _open_to_all, "no access restriction narrows who may call", needs=("web",)),
    flag("authEnabled", f"{_AUTH}.platform.enabled", "App Service itself asks callers to sign in"),
    flag("requireAuthentication", f"{_AUTH}.globalValidation.requireAuthentication", "and refuses those who do not"),
    text("unauthenticatedClientAction", f"{_AUTH}.globalValidation.unauthenticatedClientAction", "how it does so"),
    flag("ftpBasicAuthAllowed", _publishing("ftp"), "FTP takes a user name and password", needs=("publishing",)),
    flag("scmBasicAuthAllowed", _publishing("scm"), "so does the deployment site", needs=("publishing",)),
    texts(
        "keyVaultReferences",
        _references("vaultReferences"),
        "app settings that point into a vault",
        needs=("vaultReferences",),
    ),
    texts("keyVaultNames", _vaults, "the vaults they point into", needs=("vaultReferences",)),
    texts(
        "keyVaultConnectionReferences",
        _references("connectionReferences"),
        "connection strings that point into a vault",
        needs=("connectionReferences",),
    ),
)


@dataclass(frozen=True)
class _Level:
    """What calls about sites and about their deployment slots differ in: names of operations, rights, arguments."""

    suffix: str = ""
    resource: str = "Microsoft.Web/sites"
    args: tuple[Argument, ...] = (Segment("resourceGroups"), Segment("sites"))

    def call(self, operation: str, resource: str, when: Callable[[Json], bool] | None = None) -> Arm:
        return Arm(
            client=_CLIENT,
            operation=f"web_apps.{operation}{self.suffix}",
            permission=f"{self.resource}/{resource}/Read",
            args=self.args,
            when=when,
        )

    def detail(self, name: str, operation: str, resource: str, *, many: bool = False) -> Detail:
        return Detail(name=name, call=self.call(operation, resource), many=many)

    @property
    def details(self) -> tuple[Detail, ...]:
        publishing = "basicPublishingCredentialsPolicies"
        return (
            self.detail("web", "get_configuration", "config"),
            self.detail("auth", "get_auth_settings_v2_without_secrets", "config"),
            self.detail("publishing", "list_basic_publishing_credentials_policies", publishing, many=True),
            self.detail("vaultReferences", "get_app_settings_key_vault_references", "config", many=True),
            self.detail("connectionReferences", "get_site_connection_string_key_vault_references", "config", many=True),
            connections_list(
                self.call("get_private_endpoint_connection_list", "privateEndpointConnections", says_no_access)
            ),
        )


_SITES = _Level()
_SLOTS = _Level("_slot", "Microsoft.Web/sites/slots", (*_SITES.args, Segment("slots")))
_USES = (
    outgoing("USES", "azure_app_service_plan", "properties.serverFarmId", "what it runs on"),
    outgoing("USES", "azure_subnet", "properties.virtualNetworkSubnetId", "what it calls out from"),
    uses_identities(),
    lets_in(_MAIN_SITE, access=APP_ACCESS, inside=_within_network, needs=_REACH_NEEDS),
)


# Azure answers null in most of these where nobody asks for them by name.
_CONFIG_SECRETS = (
    "appSettings[].value",
    "connectionStrings[].connectionString",
    "appCommandLine",
    "metadata[].value",
    "publishingPassword",
    "azureStorageAccounts.*.accessKey",
    "autoHealRules.actions.customAction.parameters",
)
_SITE_SECRETS = (
    *(f"properties.siteConfig.{one}" for one in _CONFIG_SECRETS),
    *(f"$web.properties.{one}" for one in _CONFIG_SECRETS),
    "properties.cloningInfo.appSettingsOverrides.*",
)


def _site(type_: str, resource: str, class_: str, keep: Callable[[Json], bool], arm_type: str | None) -> EntityType:
    return EntityType(
        type=type_,
        resource=resource,
        classes=(class_,),
        arm_type=arm_type,
        ids=("Microsoft.Web/sites",),
        inventory="Microsoft.Web/sites",
        documentation=f"{_DOCS}/web-apps/list",
        fetch=Arm(client=_CLIENT, operation="web_apps.list", permission="Microsoft.Web/sites/Read"),
        keep=keep,
        secrets=_SITE_SECRETS,
        details=_SITES.details,
        properties=_SITE,
        relationships=(in_resource_group(), *_USES),
    )


def _slots_of(site: EntityType, arm_type: str | None) -> EntityType:
    """The deployment slots of web or function apps: apps of their own, with settings and a host name of their own."""
    return EntityType(
        type=f"{site.type}_slot",
        resource=f"{site.resource} Slot",
        classes=site.classes,
        arm_type=arm_type,
        ids=("Microsoft.Web/sites/slots",),
        inventory="Microsoft.Web/sites/slots",
        documentation=f"{_DOCS}/web-apps/list-slots",
        fetch=Arm(
            client=_CLIENT,
            operation="web_apps.list_slots",
            permission="Microsoft.Web/sites/slots/Read",
            args=_SITES.args,
            parent=site.type,
        ),
        secrets=_SITE_SECRETS,
        details=_SLOTS.details,
        properties=_SITE,
        relationships=(
            in_resource_group(),
            incoming("HAS", site.type, "@parent.id", "the app it is a slot of"),
            *_USES,
        ),
    )


# One resource type in Azure, told apart by `kind`; an id alone does not tell, so it is taken for a web app's.
WEB_APP = _site("azure_web_app", "Web App", "Application", is_web_app, "Microsoft.Web/sites")
FUNCTION_APP = _site("azure_function_app", "Function App", "Function", is_function_app, None)
WEB_APP_SLOT = _slots_of(WEB_APP, "Microsoft.Web/sites/slots")
FUNCTION_APP_SLOT = _slots_of(FUNCTION_APP, None)

SERVICE = Service(name="App Service", entity_types=(PLAN, WEB_APP, FUNCTION_APP, WEB_APP_SLOT, FUNCTION_APP_SLOT))
