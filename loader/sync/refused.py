"""A load that ends before it begins, since Azure refuses it or does not answer to its configuration, as the graph's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from loader import __version__
from loader.azure.session import UNKNOWN_TENANT, AzureSession
from loader.errors import AzgraphError, UnreachableError, UsageError
from loader.graph import Database
from loader.graph.lease import TTL_SECONDS
from loader.graph.refused import record_refused
from loader.sync.options import Options


@contextmanager
def refusals_kept(database: Database, options: Options, session: AzureSession | None) -> Iterator[None]:
    """Keeps in the graph, as a failed run, that the block ended with a sentence; the error goes on.

    session: what is signed in with; None where it did not come that far. A replay is no load of Azure's, and what
    somebody wrote on a command line is no fault of one. Where the graph does not take it, the error says that too.
    """
    began = datetime.now(UTC)
    try:
        yield
    except AzgraphError as error:
        named = options.only or options.skip or options.subscriptions
        if (session is not None and session.replayed) or (named and isinstance(error, UsageError)):
            raise
        known = session is not None and session.tenant_id != UNKNOWN_TENANT
        try:
            record_refused(
                database,
                reason=str(error),
                began=began,
                loader_version=__version__,
                tenant=session.tenant_id if session is not None and known else options.standing.tenant,
                instance=options.standing.instance,
                # A dead loader's lease is over by then; a living one is not waited for.
                wait_seconds=min(options.wait_seconds, TTL_SECONDS),
            )
        except AzgraphError as also:
            kind = UsageError if isinstance(error, UsageError) else UnreachableError
            raise kind(f"{error} The graph does not know of it: {also}") from error
        raise
