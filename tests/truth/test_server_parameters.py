"""What MySQL and PostgreSQL servers tell by their parameters: a row is a server with its parameters and its verdicts.

https://learn.microsoft.com/rest/api/mysql/flexibleserver/configurations/list-by-server and its like for PostgreSQL.
A server that has not a parameter, or does not list it, is not evaluated.
"""

from __future__ import annotations

from typing import Any

import pytest

from loader.graph import Database
from loader.model import Json
from tests.truth.chain import load, resource

pytestmark = pytest.mark.packs
PASS, FAIL, UNKNOWN = "pass", "fail", "not-evaluated"


def servers_with(provider: str, table: dict[str, Any]) -> dict[str, Any]:
    """A list of servers, and one list of parameters for each; a row begins with the server's own properties, if any."""
    servers = [resource(provider, name, properties=row[0]) for name, row in table.items()]
    parameters = {
        f"{server['id']}/configurations": [
            {"id": f"{server['id']}/configurations/{name}", "name": name, "properties": {"value": value}}
            for name, value in row[1].items()
        ]
        for server, row in zip(servers, table.values(), strict=True)
    }
    return {f"/providers/{provider}": servers, **parameters}


# --- MySQL ---------------------------------------------------------------------------------------------------------
# https://learn.microsoft.com/azure/mysql/flexible-server/concepts-networking (require_secure_transport,
# tls_version), https://learn.microsoft.com/azure/mysql/flexible-server/concepts-audit-logs (CONNECTION, CONNECTION_V2)


def mysql(tls: str, versions: str, log: str, events: str) -> Json:
    names = ("require_secure_transport", "tls_version", "audit_log_enabled", "audit_log_events")
    return dict(zip(names, (tls, versions, log, events), strict=True))


# name → properties, parameters, then the verdicts of mysql-require-tls, mysql-min-tls, mysql-audit-log-enabled and
# mysql-audit-log-connection
MYSQL: dict[str, tuple[Json, Json, str, str, str, str]] = {
    "good": ({}, mysql("ON", "TLSv1.2,TLSv1.3", "ON", "CONNECTION"), PASS, PASS, PASS, PASS),
    "second-form": ({}, mysql("ON", "TLSv1.3", "ON", "DDL,CONNECTION_V2"), PASS, PASS, PASS, PASS),
    "old": ({}, mysql("OFF", "TLSv1,TLSv1.1,TLSv1.2", "OFF", "CONNECTION"), FAIL, FAIL, FAIL, FAIL),
    "other-events": ({}, mysql("ON", "TLSv1.2", "ON", "DDL,DML_SELECT"), PASS, PASS, PASS, FAIL),
    "no-events": ({}, mysql("ON", "TLSv1.2", "ON", ""), PASS, PASS, PASS, FAIL),
    "silent": ({}, {}, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
}
# https://learn.microsoft.com/rest/api/mysql/singleserver/servers(preview)/list: sslEnforcement of the retired servers.
MYSQL_SINGLE = {
    "single": ({"sslEnforcement": "Enabled"}, PASS),
    "single-plain": ({"sslEnforcement": "Disabled"}, FAIL),
    "single-silent": ({}, UNKNOWN),
}


def test_mysql_servers(database: Database) -> None:
    single = "Microsoft.DBforMySQL/servers"
    singles = [resource(single, name, properties=row[0]) for name, row in MYSQL_SINGLE.items()]
    answers = servers_with("Microsoft.DBforMySQL/flexibleServers", MYSQL) | {f"/providers/{single}": singles}
    chain = load(database, answers, ["azure_mysql_server", "azure_mysql_flexible_server"])
    for at, check in enumerate(("min-tls", "audit-log-enabled", "audit-log-connection"), 3):
        assert chain.verdicts(f"mysql-{check}") == {name: row[at] for name, row in MYSQL.items()}, check
    both = {name: row[2] for name, row in MYSQL.items()} | {name: row[1] for name, row in MYSQL_SINGLE.items()}
    assert chain.verdicts("mysql-require-tls") == both


# --- PostgreSQL ----------------------------------------------------------------------------------------------------
# https://learn.microsoft.com/azure/postgresql/flexible-server/server-parameters-table-reporting-and-logging-what-to-log
# https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-CONNECTIONS: a list since PostgreSQL 18
# https://learn.microsoft.com/azure/postgresql/single-server/concepts-server-logs (log_retention_days, 3 by default)

NEW = ("require_secure_transport", "log_checkpoints", "log_connections", "log_disconnections")
NEW = (*NEW, "connection_throttle.enable", "logfiles.retention_days")
OLD = ("log_checkpoints", "log_connections", "log_disconnections", "connection_throttling", "log_retention_days")
CHECKED = ("logCheckpoints", "logConnections", "logDisconnections", "connectionThrottling")


def flexible(*values: str) -> Json:
    return dict(zip(NEW, values, strict=True))


# name → properties, parameters, then the verdicts of postgres-require-tls, of postgres-parameter-on for each parameter
# in CHECKED, and of postgres-log-retention
POSTGRESQL: dict[str, tuple[Any, ...]] = {
    "good": ({}, flexible("on", "on", "on", "on", "on", "4"), PASS, PASS, PASS, PASS, PASS, PASS),
    "bad": ({}, flexible("off", "off", "off", "off", "off", "3"), FAIL, FAIL, FAIL, FAIL, FAIL, FAIL),
    "listed": ({}, flexible("on", "on", "receipt,authorization", "on", "on", "7"), PASS, PASS, PASS, PASS, PASS, PASS),
    "none-listed": ({}, flexible("on", "on", "", "off", "on", "1"), PASS, PASS, FAIL, FAIL, PASS, FAIL),
    "silent": ({}, {}, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
}
POSTGRESQL_SINGLE: dict[str, tuple[Any, ...]] = {
    "single": (
        {"sslEnforcement": "Enabled"},
        dict(zip(OLD, ("ON", "ON", "OFF", "ON", "7"), strict=True)),
        *(PASS, PASS, PASS, FAIL, PASS, PASS),
    ),
    "single-plain": (
        {"sslEnforcement": "Disabled"},
        dict(zip(OLD, ("OFF", "OFF", "ON", "OFF", "3"), strict=True)),
        *(FAIL, FAIL, FAIL, PASS, FAIL, FAIL),
    ),
    "single-silent": ({}, {}, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
}


def test_postgresql_servers(database: Database) -> None:
    answers = servers_with("Microsoft.DBforPostgreSQL/flexibleServers", POSTGRESQL)
    answers |= servers_with("Microsoft.DBforPostgreSQL/servers", POSTGRESQL_SINGLE)
    chain = load(database, answers, ["azure_postgresql_server", "azure_postgresql_flexible_server"])
    every = POSTGRESQL | POSTGRESQL_SINGLE
    assert chain.verdicts("postgres-require-tls") == {name: row[2] for name, row in every.items()}
    for at, parameter in enumerate(CHECKED, 3):
        found = chain.verdicts("postgres-parameter-on", parameter=parameter)
        assert found == {name: row[at] for name, row in every.items()}, parameter
    assert chain.verdicts("postgres-log-retention") == {name: row[7] for name, row in every.items()}
