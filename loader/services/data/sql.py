"""Azure SQL servers with their databases, firewall rules and Entra administrators."""

from __future__ import annotations

from loader.model import (
    ANY_PRINCIPAL,
    Arm,
    Derivation,
    Detail,
    EntityType,
    Json,
    Property,
    Segment,
    Service,
    Target,
    date,
    flag,
    incoming,
    number,
    outgoing,
    quiet,
    text,
    texts,
    whole,
)
from loader.services.identity.authorization import PRINCIPALS
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.firewall_rules import IPV6_RULE, LETS_IN, LETS_IN_IPV6, RULE, guarded_by_rules
from loader.services.shared.identities import (
    identity_properties,
    user_assigned_only,
    uses_identities,
    uses_user_assigned,
)
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.wire import explained, part, plain

_CLIENT = "azure.mgmt.sql.aio:SqlManagementClient"
_DOCS = "https://learn.microsoft.com/rest/api/sql"
_SERVER = (Segment("resourceGroups"), Segment("servers"))
_DATABASE = (*_SERVER, Segment("databases"))


def _server_setting(name: str, operation: str, resource: str, setting: str = "") -> Detail:
    args = (*_SERVER, setting) if setting else _SERVER
    permission = f"Microsoft.Sql/servers/{resource}/read"
    return Detail(
        name=name, absent=True, call=Arm(client=_CLIENT, operation=operation, permission=permission, args=args)
    )


# Azure answers the storage account's access key beside these settings; it is not among what is read here.
_AUDITING: tuple[Property, ...] = (
    flag("auditingEnabled", "$auditing.properties.state", "auditing is on"),
    flag("loggingEnabled", "$auditing.properties.state", "auditing is on"),
    text("auditLogDestination", "$auditing.properties.storageEndpoint", "the storage account it writes to"),
    texts("auditActionsAndGroups", "$auditing.properties.auditActionsAndGroups", "what is audited"),
    whole("auditLogRetentionDays", "$auditing.properties.retentionDays", "how long it is kept; 0 is for ever"),
    flag("auditLogMonitorEnabled", "$auditing.properties.isAzureMonitorTargetEnabled", "it goes to Azure Monitor"),
)


def alerts_on_all_threats(answer: Json) -> bool | None:
    """Whether threat alerts are on and none is switched off. None where nothing is known of them."""
    policy = part(answer, "$securityAlerts", "properties")
    if not policy:
        return None
    return str(policy.get("state")).lower() == "enabled" and not any(plain(policy, "disabledAlerts"))


_REACHABLE, _ON_THE_INTERNET = guarded_by_rules(page=f"{_DOCS}/servers/create-or-update")

SQL_SERVER = EntityType(
    type="azure_sql_server",
    resource="SQL Server",
    classes=("Database", "DataStore", "Host"),
    arm_type="Microsoft.Sql/servers",
    inventory="Microsoft.Sql/servers",
    documentation=f"{_DOCS}/servers/list",
    fetch=Arm(client=_CLIENT, operation="servers.list", permission="Microsoft.Sql/servers/read"),
    details=(
        _server_setting("auditing", "server_blob_auditing_policies.get", "auditingSettings"),
        _server_setting("encryptionProtector", "encryption_protectors.get", "encryptionProtector", "current"),
        _server_setting("securityAlerts", "server_security_alert_policies.get", "securityAlertPolicies", "Default"),
        _server_setting(
            "vulnerabilityAssessment", "server_vulnerability_assessments.get", "vulnerabilityAssessments", "default"
        ),
        # The express configuration is a setting of its own, which the classic one says nothing of.
        _server_setting(
            "expressAssessment", "sql_vulnerability_assessments_settings.get", "sqlVulnerabilityAssessments", "default"
        ),
        _server_setting(
            "entraOnly", "server_azure_ad_only_authentications.get", "azureADOnlyAuthentications", "Default"
        ),
    ),
    secrets=(
        "properties.administratorLoginPassword",
        "$auditing.properties.storageAccountAccessKey",
        "$securityAlerts.properties.storageAccountAccessKey",
        "$vulnerabilityAssessment.properties.storageAccountAccessKey",
        "$vulnerabilityAssessment.properties.storageContainerSasKey",
    ),
    properties=(
        text("fqdn", "properties.fullyQualifiedDomainName", "where it answers"),
        text("hostname", "properties.fullyQualifiedDomainName | name", "where it answers"),
        text("kind", "kind", "v12.0"),
        text("version", "properties.version", "12.0"),
        text("state", "properties.state", "Ready, …"),
        text("administratorLogin", "properties.administratorLogin", "its SQL administrator's name"),
        flag("publiclyAccessible", "properties.publicNetworkAccess", "its public address answers"),
        text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled, Disabled or SecuredByPerimeter"),
        *_REACHABLE,
        flag(
            "ipv6Enabled",
            "properties.isIPv6Enabled",
            "it answers over IPv6; else rules of IPv6 do nothing",
        ),
        text("minimalTlsVersion", "properties.minimalTlsVersion", "1.0, 1.1, 1.2, 1.3 or None"),
        flag(
            "restrictOutboundNetworkAccess",
            "properties.restrictOutboundNetworkAccess",
            "it may only call out where allowed",
        ),
        approved_private_endpoints(),
        *identity_properties(),
        flag(
            "entraOnlyAuthentication",
            "$entraOnly.properties.azureADOnlyAuthentication | properties.administrators.azureADOnlyAuthentication",
            "SQL logins are refused, only Entra accounts sign in",
        ),
        *_AUDITING,
        text("encryptionProtector.serverKeyName", "$encryptionProtector.properties.serverKeyName", "its key"),
        text(
            "encryptionProtector.serverKeyType",
            "$encryptionProtector.properties.serverKeyType",
            "who keeps that key",
            values=("ServiceManaged", "AzureKeyVault"),
        ),
        flag(
            "encryptionProtector.autoRotationEnabled", "$encryptionProtector.properties.autoRotationEnabled", "renewed"
        ),
        flag("alertingEnabled", "$securityAlerts.properties.state", "threat alerts are on"),
        flag("alertAdmins", "$securityAlerts.properties.emailAccountAdmins", "they go to the subscription's owners"),
        texts("alertEmails", "$securityAlerts.properties.emailAddresses", "and to these"),
        texts("alertsDisabled", "$securityAlerts.properties.disabledAlerts", "threats that raise none"),
        flag("alertOnAllThreats", alerts_on_all_threats, "no kind of threat is left out", needs=("securityAlerts",)),
        text("vaStoragePath", "$vulnerabilityAssessment.properties.storageContainerPath", "where scans are kept"),
        flag(
            "vaRecurringScansEnabled",
            "$vulnerabilityAssessment.properties.recurringScans.isEnabled",
            "scans every week",
        ),
        flag(
            "vaEmailSubscriptionAdmins",
            "$vulnerabilityAssessment.properties.recurringScans.emailSubscriptionAdmins",
            "reports go to the subscription's owners",
        ),
        texts("vaEmails", "$vulnerabilityAssessment.properties.recurringScans.emails", "and to these"),
        text(
            "vaExpress",
            "$expressAssessment.properties.state",
            "the express configuration of scans, which are then always on, are kept by Azure and mail nobody",
            values=("Enabled", "Disabled"),
        ),
    ),
    relationships=(in_resource_group(), _ON_THE_INTERNET, uses_identities()),
)


def _children(operation: str, resource: str) -> Arm:
    return Arm(
        client=_CLIENT,
        operation=operation,
        permission=f"Microsoft.Sql/servers/{resource}/read",
        args=_SERVER,
        parent="azure_sql_server",
    )


_OF_SERVER = incoming("HAS", "azure_sql_server", "@parent.id", "the server it is on")


def is_user_database(database: Json) -> bool:
    """Not `master`, which Azure keeps for itself and which cannot be encrypted or audited on its own."""
    return str(database.get("name") or "").lower() != "master"


def _database_setting(name: str, operation: str, resource: str, setting: str = "") -> Detail:
    args = (*_DATABASE, setting) if setting else _DATABASE
    permission = f"Microsoft.Sql/servers/databases/{resource}/read"
    call = Arm(client=_CLIENT, operation=operation, permission=permission, args=args, when=is_user_database)
    return Detail(name=name, absent=True, call=call)


SQL_DATABASE = EntityType(
    type="azure_sql_database",
    resource="SQL Database",
    classes=("Database", "DataStore"),
    arm_type="Microsoft.Sql/servers/databases",
    documentation=f"{_DOCS}/databases/list-by-server",
    fetch=_children("databases.list_by_server", "databases"),
    details=(
        _database_setting("encryption", "transparent_data_encryptions.get", "transparentDataEncryption", "current"),
        _database_setting("auditing", "database_blob_auditing_policies.get", "auditingSettings"),
    ),
    secrets=("$auditing.properties.storageAccountAccessKey",),
    properties=(
        text("kind", "kind", "v12.0,user, v12.0,system, …"),
        text("sku", "sku.name", "service objective"),
        text("tier", "sku.tier", "Basic, GeneralPurpose, …"),
        text("status", "properties.status", "Online, Paused, …"),
        text("databaseId", "properties.databaseId", "its own id"),
        text("collation", "properties.collation", "its sort order"),
        number("maxSizeBytes", "properties.maxSizeBytes", "its largest size"),
        flag("isSystem", explained("`name` is master", lambda one: not is_user_database(one)), "it is Azure's own"),
        # The oldest API says `status` where today's says `state`.
        flag("encrypted", "$encryption.properties.state | $encryption.properties.status", "data is encrypted at rest"),
        *_AUDITING,
        flag("isLedgerOn", "properties.isLedgerOn", "every table proves that it was not tampered with"),
        flag("zoneRedundant", "properties.zoneRedundant", "it outlives the loss of a zone"),
        text(
            "backupStorageRedundancy",
            "properties.currentBackupStorageRedundancy",
            "Geo, Zone, Local",
            values=("Geo", "GeoZone", "Local", "Zone"),
        ),
        text("secondaryLocation", "properties.defaultSecondaryLocation", "where a copy would go"),
        text("elasticPoolId", "properties.elasticPoolId", "the pool it shares"),
        date("createdOn", "properties.creationDate", "when it was made"),
        # The beginning of a window that ends now.
        quiet(date("earliestRestoreOn", "properties.earliestRestoreDate", "how far back it can be restored")),
        *user_assigned_only(),
    ),
    relationships=(_OF_SERVER, uses_user_assigned()),
)


FIREWALL_RULE = EntityType(
    type="azure_sql_server_firewall_rule",
    resource="SQL Server Firewall Rule",
    classes=("Firewall",),
    arm_type="Microsoft.Sql/servers/firewallRules",
    documentation=f"{_DOCS}/firewall-rules/list-by-server",
    fetch=_children("firewall_rules.list_by_server", "firewallRules"),
    properties=RULE,
    relationships=(_OF_SERVER, LETS_IN),
)


# Of IPv6 there is no rule that stands for "all of Azure":
# https://learn.microsoft.com/azure/azure-sql/database/firewall-configure
IPV6_FIREWALL_RULE = EntityType(
    type="azure_sql_server_ipv6_firewall_rule",
    resource="SQL Server IPv6 Firewall Rule",
    classes=("Firewall",),
    arm_type="Microsoft.Sql/servers/ipv6FirewallRules",
    documentation=f"{_DOCS}/ipv6-firewall-rules/list-by-server",
    fetch=_children("ipv6_firewall_rules.list_by_server", "ipv6FirewallRules"),
    properties=IPV6_RULE,
    relationships=(_OF_SERVER, LETS_IN_IPV6),
)


def administrator(answer: Json) -> Target | None:
    """Who administers, by object id. An application is named by its application id instead, see `APPLICATIONS`."""
    sid, kind = part(answer, "properties").get("sid"), _principal_type(answer)
    if not sid or kind == "Application":
        return None
    return Target(str(sid).lower(), PRINCIPALS.get(str(kind)), {"id": str(sid)})


def _principal_type(answer: Json) -> str | None:
    """`properties.administrators.principalType` of the server"""
    return part(answer, "@parent", "properties", "administrators").get("principalType")


ADMINISTRATOR = EntityType(
    type="azure_sql_server_active_directory_admin",
    resource="SQL Server Active Directory Admin",
    classes=("AccessRole",),
    arm_type="Microsoft.Sql/servers/administrators",
    documentation=f"{_DOCS}/server-azure-ad-administrators/list-by-server",
    fetch=_children("server_azure_ad_administrators.list_by_server", "administrators"),
    properties=(
        text("login", "properties.login", "the administrator's name"),
        text("sid", "properties.sid", "object id of a user or group, application id of an application"),
        text("tenantId", "properties.tenantId", "the tenant it is from"),
        text("administratorType", "properties.administratorType", "ActiveDirectory"),
        text("principalType", _principal_type, "User, Group or Application"),
        flag("entraOnlyAuthentication", "properties.azureADOnlyAuthentication", "SQL logins are refused"),
    ),
    relationships=(_OF_SERVER, outgoing("ASSIGNED", ANY_PRINCIPAL, administrator, "who administers the server")),
)

APPLICATIONS = Derivation(
    name="sql-administrator-applications",
    inputs=("azure_sql_server_active_directory_admin", "azure_service_principal"),
    relationships=(("azure_sql_server_active_directory_admin", "ASSIGNED", "azure_service_principal"),),
    query="""
        MATCH (admin:azure_sql_server_active_directory_admin) WHERE admin.sid IS NOT NULL
        MATCH (principal:azure_service_principal) WHERE principal.appId = toLower(admin.sid)
        RETURN admin._key AS `from`, principal._key AS `to`
    """,
)

SERVICE = Service(
    name="SQL",
    entity_types=(SQL_SERVER, SQL_DATABASE, FIREWALL_RULE, IPV6_FIREWALL_RULE, ADMINISTRATOR),
    derivations=(APPLICATIONS,),
)
