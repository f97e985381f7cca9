"""What Neo4j refuses, as a sentence that says what to do."""

from __future__ import annotations

from neo4j.exceptions import DriverError, Neo4jError

from loader.errors import AzgraphError, UnreachableError, UsageError

# By what the server's code (https://neo4j.com/docs/status-codes/) or its message holds; the first that fits counts.
_SENTENCES: tuple[tuple[tuple[str, ...], type[AzgraphError], str], ...] = (
    (
        ("ReadOnly", "read only", "read-only", "NotALeader", "Writing in read access mode"),
        UnreachableError,
        (
            "Neo4j takes no writes: the database is read-only. Make it writable (ALTER DATABASE … SET ACCESS READ "
            "WRITE), or give the address of one that is."
        ),
    ),
    (
        ("Security.Forbidden", "AuthorizationFailed"),
        UnreachableError,
        (
            "Neo4j refused the user that azgraph signs in as: it lacks a right that this needs. Give another one with "
            "NEO4J_USER and NEO4J_PASSWORD, or grant it."
        ),
    ),
    (
        ("No space left", "disk is full", "disk space", "TransactionCommitFailed", "TransactionLogError"),
        UnreachableError,
        "Neo4j could not keep what was written; its disk may be full. Make room, start it again and run this again.",
    ),
    (
        ("DatabaseNotFound", "database does not exist"),
        UsageError,
        "There is no such database on this Neo4j; give another one with NEO4J_DATABASE, or none for the usual one.",
    ),
    (
        ("ConstraintCreationFailed", "ConstraintValidationFailed", "ConstraintAlreadyExists", "IndexAlreadyExists"),
        UsageError,
        (
            "The database holds nodes or a constraint of somebody else's that stand in the way of azgraph's: "
            "{message}. Give azgraph a database of its own (NEO4J_DATABASE), or take them out."
        ),
    ),
)


def refusal(error: BaseException) -> AzgraphError | None:
    """The sentence for an error of Neo4j's or of its driver's; None for any other error."""
    if not isinstance(error, Neo4jError | DriverError):
        return None
    code = getattr(error, "code", None) or type(error).__name__
    message = " ".join(str(getattr(error, "message", None) or error).split()).rstrip(".")
    for signs, kind, sentence in _SENTENCES:
        if any(sign.lower() in f"{code} {message}".lower() for sign in signs):
            return kind(sentence.format(message=message))
    return UnreachableError(f"Neo4j refused it ({code}): {message}.")
