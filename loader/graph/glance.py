"""A look at the graph that is not waited for, as while somebody is typing."""

from __future__ import annotations

from neo4j import GraphDatabase, Query

_SUBSCRIPTIONS = """
MATCH (n:azure_subscription) WHERE n._stub IS NULL RETURN DISTINCT n.displayName AS name ORDER BY name LIMIT 500
"""


def subscription_names(uri: str, user: str, password: str, database: str | None, *, seconds: float) -> list[str]:
    """The names of the subscriptions in the graph. Raises whatever the driver does, after about `seconds`."""
    with (
        GraphDatabase.driver(
            uri,
            auth=(user, password),
            connection_timeout=seconds,
            connection_acquisition_timeout=seconds,
            max_transaction_retry_time=0,
        ) as driver,
        driver.session(database=database, default_access_mode="READ") as session,
    ):
        return [str(row["name"]) for row in session.run(Query(_SUBSCRIPTIONS, timeout=seconds)) if row["name"]]
