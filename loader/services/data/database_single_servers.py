"""MariaDB, MySQL and PostgreSQL single servers, which Azure has retired: older recordings and some clouds have them.

All three answer in one shape. Their successors are the flexible servers.
"""

from __future__ import annotations

from loader.model import Arm, Detail, EntityType, Property, Segment, Service, flag, incoming, text, whole
from loader.services.shared.arm_ids import in_resource_group
from loader.services.shared.firewall_rules import LETS_IN, RULE, guarded_by_rules
from loader.services.shared.private_links import approved_private_endpoints
from loader.services.shared.server_parameters import parameter

_SERVER = (Segment("resourceGroups"), Segment("servers"))
# kind → (what people call it, the SDK's client, Azure's namespace, where its API is described)
_ENGINES = {
    "mariadb": (
        "MariaDB",
        "azure.mgmt.rdbms.mariadb.aio:MariaDBManagementClient",
        "Microsoft.DBforMariaDB",
        "https://learn.microsoft.com/rest/api/mariadb",
    ),
    "mysql": (
        "MySQL",
        "azure.mgmt.rdbms.mysql.aio:MySQLManagementClient",
        "Microsoft.DBforMySQL",
        "https://learn.microsoft.com/rest/api/mysql/singleserver",
    ),
    "postgresql": (
        "PostgreSQL",
        "azure.mgmt.rdbms.postgresql.aio:PostgreSQLManagementClient",
        "Microsoft.DBforPostgreSQL",
        "https://learn.microsoft.com/rest/api/postgresql/singleserver",
    ),
}


def _of_server(kind: str, operation: str, resource: str, *, child: bool = True) -> Arm:
    _, client, namespace, _ = _ENGINES[kind]
    permission = f"{namespace}/servers/{resource}/read"
    parent = f"azure_{kind}_server" if child else None
    return Arm(client=client, operation=operation, permission=permission, args=_SERVER, parent=parent)


# MariaDB had neither: https://learn.microsoft.com/rest/api/mariadb/servers/list
_ENCRYPTION: tuple[Property, ...] = (
    flag("infrastructureEncryption", "properties.infrastructureEncryption", "data is encrypted twice"),
    text("byokEnforcement", "properties.byokEnforcement", "Enabled: data is encrypted with an own key"),
)


def _server(kind: str, *more: Property, parameters: tuple[Property, ...] = ()) -> EntityType:
    title, client, namespace, documentation = _ENGINES[kind]
    details = (
        Detail(
            name="configurations",
            call=_of_server(kind, "configurations.list_by_server", "configurations", child=False),
            many=True,
        ),
    )
    reachable, on_the_internet = guarded_by_rules(page=f"{documentation}/servers/create")
    return EntityType(
        type=f"azure_{kind}_server",
        resource=f"{title} Server",
        classes=("Database", "DataStore", "Host"),
        arm_type=f"{namespace}/servers",
        # Nothing says that the inventory has those of PostgreSQL.
        inventory=f"{namespace}/servers" if kind != "postgresql" else "",
        documentation=f"{documentation}/servers/list",
        fetch=Arm(client=client, operation="servers.list", permission=f"{namespace}/servers/read"),
        details=details if parameters else (),
        secrets=("properties.administratorLoginPassword",),
        properties=(
            text("fqdn", "properties.fullyQualifiedDomainName", "where it answers"),
            text("hostname", "properties.fullyQualifiedDomainName | name", "where it answers"),
            text("version", "properties.version", "of the database engine"),
            text("state", "properties.userVisibleState", "Ready, Dropping, Disabled, Inaccessible"),
            text("sku", "sku.name", "its size: GP_Gen5_2"),
            text("tier", "sku.tier", "Basic, GeneralPurpose or MemoryOptimized"),
            text("administratorLogin", "properties.administratorLogin", "its administrator's name"),
            flag("publiclyAccessible", "properties.publicNetworkAccess", "its public address answers"),
            text("publicNetworkAccess", "properties.publicNetworkAccess", "Enabled or Disabled"),
            *reachable,
            text("sslEnforcement", "properties.sslEnforcement", "Enabled: only encrypted connections are taken"),
            flag("secureTransport", "properties.sslEnforcement", "only encrypted connections are taken"),
            text("minimalTlsVersion", "properties.minimalTlsVersion", "TLS1_0, …, TLSEnforcementDisabled"),
            approved_private_endpoints(),
            whole("backupRetentionDays", "properties.storageProfile.backupRetentionDays", "how long backups are kept"),
            flag("geoRedundantBackup", "properties.storageProfile.geoRedundantBackup", "also in another region"),
            whole("storageMB", "properties.storageProfile.storageMB", "its disk space"),
            text("replicationRole", "properties.replicationRole", "Master or Replica; empty where it is not copied"),
            text("sourceServerId", "properties.masterServerId", "the server it is a copy of"),
            *more,
            *parameters,
        ),
        relationships=(in_resource_group(), on_the_internet),
    )


def _database(kind: str) -> EntityType:
    title, _, namespace, documentation = _ENGINES[kind]
    return EntityType(
        type=f"azure_{kind}_database",
        resource=f"{title} Database",
        classes=("Database", "DataStore"),
        arm_type=f"{namespace}/servers/databases",
        documentation=f"{documentation}/databases/list-by-server",
        fetch=_of_server(kind, "databases.list_by_server", "databases"),
        properties=(
            text("charset", "properties.charset", "how it writes letters"),
            text("collation", "properties.collation", "its sort order"),
        ),
        relationships=(incoming("HAS", f"azure_{kind}_server", "@parent.id", "the server it is on"),),
    )


POSTGRESQL_FIREWALL_RULE = EntityType(
    type="azure_postgresql_server_firewall_rule",
    resource="PostgreSQL Server Firewall Rule",
    classes=("Firewall",),
    arm_type="Microsoft.DBforPostgreSQL/servers/firewallRules",
    documentation=f"{_ENGINES['postgresql'][3]}/firewall-rules/list-by-server",
    fetch=_of_server("postgresql", "firewall_rules.list_by_server", "firewallRules"),
    properties=RULE,
    relationships=(incoming("HAS", "azure_postgresql_server", "@parent.id", "the server it is on"), LETS_IN),
)

SERVICE = Service(
    name="Database single servers",
    entity_types=(
        _server("mariadb"),
        _database("mariadb"),
        _server("mysql", *_ENCRYPTION),
        _database("mysql"),
        _server(
            "postgresql",
            *_ENCRYPTION,
            parameters=(
                parameter(flag, "logCheckpoints", "log_checkpoints", "checkpoints are logged"),
                parameter(flag, "logConnections", "log_connections", "connections are logged"),
                parameter(flag, "logDisconnections", "log_disconnections", "their ends are logged"),
                parameter(
                    flag, "connectionThrottling", "connection_throttling", "failed sign-ins slow an address down"
                ),
                parameter(whole, "logRetentionDays", "log_retention_days", "how long log files are kept"),
            ),
        ),
        _database("postgresql"),
        POSTGRESQL_FIREWALL_RULE,
    ),
)
