"""When a query of the library fails: what is its own failure, and what is the database's, which ends the command."""

from __future__ import annotations

from neo4j.exceptions import AuthError, BrokenRecordError, DriverError, Neo4jError

from loader.errors import AzgraphError, UnreachableError, UsageError

# What asking one query can raise; `own_failure` tells which of it is the query's own.
FAILURES = (AzgraphError, Neo4jError, DriverError, ValueError, TypeError, OverflowError, LookupError)


# What the server says of one query that asks too much of it, and not of itself.
_TOO_MUCH = ("OutOfMemory", "StackOverFlow", "TransactionTimedOut", "LockClientStopped")


def own_failure(owner: str, error: Exception) -> str | None:
    """Why one query of the library could not be asked, as a sentence; None where the failure is not its own.

    owner: such as "The check x". A query costs itself only: what is wrong with it, what it asks too much, and what it
    reads that cannot be read is its own failure; a database that is away or refuses us is everybody's.
    """
    if isinstance(error, UsageError):
        return str(error)
    cause = error.__cause__ if isinstance(error, UnreachableError) else error
    if isinstance(cause, AuthError) or (cause is error and isinstance(error, UnreachableError)):
        return None
    if isinstance(cause, Neo4jError):
        if isinstance(error, UnreachableError) and not any(one in (cause.code or "") for one in _TOO_MUCH):
            return None
        first = next(iter(str(cause.message or cause.code or cause).splitlines()), "")
        return f"{owner} failed: {first.rstrip('.')}."
    # What the driver could not turn into a value of Python, such as a date of the year 10000.
    if isinstance(cause, BrokenRecordError | ValueError | TypeError | OverflowError | LookupError):
        return f"{owner} gave something that cannot be read: {cause}."
    return None
