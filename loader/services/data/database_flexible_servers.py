"""MySQL and PostgreSQL flexible servers: databases, firewall rules, parameters that controls test, administrators."""

from __future__ import annotations

from loader.model import (
    ANY_PRINCIPAL,
    Arm,
    Detail,
    EntityType,
    Property,
    Relationship,
    Segment,
    Service,
    flag,
    incoming,
    outgoing,
    text,
    whole,
)
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.customer_keys import encrypted_with
from loader.services.shared.firewall_rules import LETS_IN, RULE, guarded_by_rules
from loader.services.shared.identities import identity_properties, uses_identities
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.reachable import in_subnet
from loader.services.shared.server_parameters import (
    DETAIL,
    list_parameter,
    logs_connections,
    parameter,
    parameter_value,
)
from loader.services.shared.wire import explained

_SERVER = (Segment("resourceGroups"), Segment("flexibleServers"))
_MYSQL = "azure.mgmt.mysqlflexibleservers.aio:MySQLManagementClient"
_POSTGRESQL = "azure.mgmt.postgresqlflexibleservers.aio:PostgreSQLManagementClient"
_MYSQL_DOCS = "https://learn.microsoft.com/rest/api/mysql/flexibleserver"
_POSTGRESQL_DOCS = "https://learn.microsoft.com/rest/api/postgresql/flexibleserver"


def _parameters(client: str, namespace: str) -> Detail:
    permission = f"{namespace}/flexibleServers/configurations/read"
    call = Arm(client=client, operation="configurations.list_by_server", permission=permission, args=_SERVER)
    return Detail(name=DETAIL, call=call, many=True)


_REACHABLE, _ON_THE_INTERNET = guarded_by_rules(
    page=f"{_MYSQL_DOCS}/servers/create",
    access="properties.network.publicNetworkAccess",
    inside=in_subnet("properties.network.delegatedSubnetResourceId"),
)

_SERVER_PROPERTIES: tuple[Property, ...] = (
    text("fqdn", "properties.fullyQualifiedDomainName", "where it answers"),
    text("hostname", "properties.fullyQualifiedDomainName | name", "where it answers"),
    text("version", "properties.version", "of the database engine"),
    text("state", "properties.state", "Ready, Stopped, Disabled, …"),
    text("sku", "sku.name", "its size"),
    text("tier", "sku.tier", "Burstable, GeneralPurpose or MemoryOptimized"),
    text("administratorLogin", "properties.administratorLogin", "its administrator's name"),
    flag("publiclyAccessible", "properties.network.publicNetworkAccess", "its public address answers"),
    text("publicNetworkAccess", "properties.network.publicNetworkAccess", "Enabled or Disabled"),
    *_REACHABLE,
    text("delegatedSubnetId", "properties.network.delegatedSubnetResourceId", "the subnet it stands in"),
    approved_private_endpoints(),
    flag(
        "secureTransport",
        explained(
            f"`properties.value` of require_secure_transport in `${DETAIL}`",
            lambda answer: parameter_value(answer, "require_secure_transport"),
        ),
        "only encrypted connections are taken",
        needs=(DETAIL,),
    ),
    text("encryption.keyUri", "properties.dataEncryption.primaryKeyURI", "the customer's key that encrypts its data"),
    text("encryption.type", "properties.dataEncryption.type", "SystemManaged or AzureKeyVault"),
    *identity_properties(),
    whole("backupRetentionDays", "properties.backup.backupRetentionDays", "how long backups are kept"),
    flag("geoRedundantBackup", "properties.backup.geoRedundantBackup", "also in another region"),
    text("highAvailability", "properties.highAvailability.mode", "Disabled, SameZone or ZoneRedundant"),
    text("availabilityZone", "properties.availabilityZone", "where it stands"),
    whole("storageGB", "properties.storage.storageSizeGB", "its disk space"),
    text("replicationRole", "properties.replicationRole", "None, Source, Primary, Replica, AsyncReplica, …"),
    text("sourceServerId", "properties.sourceServerResourceId", "the server it is a copy of"),
    parameter(flag, "requireSecureTransport", "require_secure_transport", "only encrypted connections are taken"),
)


def _in_network(dns_zone: str) -> tuple[Relationship, ...]:
    """Where a server without a public address stands and is found, and the key it is encrypted with."""
    return (
        in_resource_group(),
        _ON_THE_INTERNET,
        incoming("HAS", "azure_subnet", "properties.network.delegatedSubnetResourceId", "the subnet it stands in"),
        outgoing("USES", "azure_private_dns_zone", f"properties.network.{dns_zone}", "the zone that has its name"),
        encrypted_with("properties.dataEncryption.primaryKeyURI", "properties.dataEncryption.geoBackupKeyURI"),
        uses_identities(),
    )


MYSQL_SERVER = EntityType(
    type="azure_mysql_flexible_server",
    resource="MySQL Flexible Server",
    classes=("Database", "DataStore", "Host"),
    arm_type="Microsoft.DBforMySQL/flexibleServers",
    inventory="Microsoft.DBforMySQL/flexibleServers",
    documentation=f"{_MYSQL_DOCS}/servers/list",
    fetch=Arm(client=_MYSQL, operation="servers.list", permission="Microsoft.DBforMySQL/flexibleServers/read"),
    details=(_parameters(_MYSQL, "Microsoft.DBforMySQL"),),
    secrets=(
        "properties.administratorLoginPassword",
        "properties.importSourceProperties.sasToken",
    ),
    properties=(
        *_SERVER_PROPERTIES,
        list_parameter(
            "tlsVersion",
            "tls_version",
            "versions it takes, TLSv1.2, TLSv1.3",
            values=("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
        ),
        parameter(flag, "auditLogEnabled", "audit_log_enabled", "an audit log is written"),
        list_parameter("auditLogEvents", "audit_log_events", "what is in it, CONNECTION, DDL, …"),
        list_parameter("auditLogUsers", "audit_log_include_users", "whose doings are in it, nobody else's; none: all"),
        list_parameter("auditLogWithout", "audit_log_exclude_users", "whose doings are not in it"),
    ),
    relationships=_in_network("privateDnsZoneResourceId"),
)

POSTGRESQL_SERVER = EntityType(
    type="azure_postgresql_flexible_server",
    resource="PostgreSQL Flexible Server",
    classes=("Database", "DataStore", "Host"),
    arm_type="Microsoft.DBforPostgreSQL/flexibleServers",
    inventory="Microsoft.DBforPostgreSQL/flexibleServers",
    documentation=f"{_POSTGRESQL_DOCS}/servers/list-by-subscription",
    fetch=Arm(
        client=_POSTGRESQL,
        operation="servers.list_by_subscription",
        permission="Microsoft.DBforPostgreSQL/flexibleServers/read",
    ),
    details=(_parameters(_POSTGRESQL, "Microsoft.DBforPostgreSQL"),),
    secrets=("properties.administratorLoginPassword",),
    properties=(
        *_SERVER_PROPERTIES,
        flag("entraAuthentication", "properties.authConfig.activeDirectoryAuth", "Entra accounts may sign in"),
        flag("passwordAuthentication", "properties.authConfig.passwordAuth", "passwords of its own are accepted"),
        parameter(text, "sslMinProtocolVersion", "ssl_min_protocol_version", "the oldest TLS it takes"),
        parameter(flag, "logCheckpoints", "log_checkpoints", "checkpoints are logged"),
        flag(f"{DETAIL}.logConnections", logs_connections, "log_connections: connections are logged", needs=(DETAIL,)),
        parameter(flag, "logDisconnections", "log_disconnections", "their ends are logged"),
        parameter(flag, "connectionThrottling", "connection_throttle.enable", "failed sign-ins slow an address down"),
        parameter(flag, "logFilesKept", "logfiles.download_enable", "log files are kept at all"),
        parameter(whole, "logRetentionDays", "logfiles.retention_days", "how long log files are kept"),
    ),
    relationships=_in_network("privateDnsZoneArmResourceId"),
)


def _child(server: EntityType, client: str, operation: str, resource: str) -> Arm:
    permission = f"{server.arm_type}/{resource}/read"
    return Arm(client=client, operation=operation, permission=permission, args=_SERVER, parent=server.type)


def _on(server: EntityType) -> Relationship:
    return incoming("HAS", server.type, "@parent.id", "the server it is on")


def _database(server: EntityType, client: str, documentation: str) -> EntityType:
    return EntityType(
        type=server.type.replace("_server", "_database"),
        resource=server.resource.replace("Server", "Database"),
        classes=("Database", "DataStore"),
        arm_type=f"{server.arm_type}/databases",
        documentation=f"{documentation}/databases/list-by-server",
        fetch=_child(server, client, "databases.list_by_server", "databases"),
        properties=(
            text("charset", "properties.charset", "how it writes letters"),
            text("collation", "properties.collation", "its sort order"),
        ),
        relationships=(_on(server),),
    )


def _firewall_rule(server: EntityType, client: str, documentation: str) -> EntityType:
    return EntityType(
        type=f"{server.type}_firewall_rule",
        resource=f"{server.resource} Firewall Rule",
        classes=("Firewall",),
        arm_type=f"{server.arm_type}/firewallRules",
        documentation=f"{documentation}/firewall-rules/list-by-server",
        fetch=_child(server, client, "firewall_rules.list_by_server", "firewallRules"),
        properties=RULE,
        relationships=(_on(server), LETS_IN),
    )


def _administrator(
    server: EntityType,
    client: str,
    operation: str,
    documentation: str,
    principal: str,
    properties: tuple[Property, ...],
) -> EntityType:
    return EntityType(
        type=f"{server.type}_administrator",
        resource=f"{server.resource} Administrator",
        classes=("AccessRole",),
        arm_type=f"{server.arm_type}/administrators",
        documentation=documentation,
        fetch=_child(server, client, operation, "administrators"),
        # Azure names it with its object id.
        name=f"{properties[0].source} | name",
        properties=(*properties, text("tenantId", "properties.tenantId", "the tenant it is from")),
        relationships=(_on(server), outgoing("ASSIGNED", ANY_PRINCIPAL, principal, "who administers the server")),
    )


SERVICE = Service(
    name="Database flexible servers",
    entity_types=(
        MYSQL_SERVER,
        _database(MYSQL_SERVER, _MYSQL, _MYSQL_DOCS),
        _firewall_rule(MYSQL_SERVER, _MYSQL, _MYSQL_DOCS),
        _administrator(
            MYSQL_SERVER,
            _MYSQL,
            "azure_ad_administrators.list_by_server",
            f"{_MYSQL_DOCS}/azure-ad-administrators/list-by-server",
            "properties.sid",
            (
                text("login", "properties.login", "the administrator's name"),
                text("sid", "properties.sid", "object id of the user, group or application"),
                text("identityId", "properties.identityResourceId", "the identity that looks it up in the directory"),
            ),
        ),
        POSTGRESQL_SERVER,
        _database(POSTGRESQL_SERVER, _POSTGRESQL, _POSTGRESQL_DOCS),
        _firewall_rule(POSTGRESQL_SERVER, _POSTGRESQL, _POSTGRESQL_DOCS),
        _administrator(
            POSTGRESQL_SERVER,
            _POSTGRESQL,
            "administrators_microsoft_entra.list_by_server",
            f"{_POSTGRESQL_DOCS}/administrators-microsoft-entra/list-by-server",
            "properties.objectId",
            (
                text("login", "properties.principalName", "the administrator's name"),
                text("sid", "properties.objectId", "object id of the user, group or application"),
                text("principalType", "properties.principalType", "User, Group or ServicePrincipal"),
            ),
        ),
    ),
)
