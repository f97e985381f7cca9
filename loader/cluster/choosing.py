"""From what the user chose to the processes that load: those of this machine, those of many, or none but this one."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from loader.azure.people import WITH_PEOPLE
from loader.azure.sign_in import Method
from loader.cluster.orders import Source, Where
from loader.config import settings
from loader.errors import UsageError
from loader.instances import chosen

if TYPE_CHECKING:
    from loader.cluster.engine import Engine

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s/:@]+:\d{1,5}|tls://\[[0-9a-fA-F:]+\]:\d{1,5}")


def engine(
    workers: int, cluster: str | None, source: Source, neo4j_uri: str | None, *, records: bool
) -> AbstractAsyncContextManager[Engine] | None:
    """The processes that load; None where this one does. neo4j_uri: the database, where the user named one; records:
    the answers are to be recorded.

    Raises UsageError where that cannot be.
    """
    if workers == 1 and cluster is None:
        return None
    option = "--cluster" if cluster is not None else "--workers"
    _refuse(workers, cluster, option, source, records=records)
    uri = neo4j_uri or settings().neo4j_uri
    if cluster is None:
        from loader.cluster.engine import on_this_machine

        return on_this_machine(workers, source, Where(uri))
    if uri is None:
        raise UsageError(
            "--cluster needs a Neo4j that all machines reach; name it with NEO4J_URI on each of them, or in the "
            "configuration. The local one is this machine's alone."
        )
    from loader.cluster.engine import on_many_machines

    return on_many_machines(cluster, source, Where(uri, own_first=True))


def _refuse(workers: int, cluster: str | None, option: str, source: Source, *, records: bool) -> None:
    if cluster is not None and workers > 1:
        raise UsageError("--workers is for one machine and --cluster for many: take one of them.")
    if cluster is not None and not _ADDRESS.fullmatch(cluster):
        raise UsageError(f"{cluster!r} is not the address of a Dask scheduler; write it as tls://scheduler:8786.")
    if records:
        raise UsageError(f"A recording is made by one process: leave out {option}, or --record.")
    if source.recordings and cluster is not None:
        raise UsageError("Recordings stand on this machine: replay them without --cluster, or with --workers.")
    if not source.recordings and Method(chosen(source.instance).instance.sign_in) in WITH_PEOPLE:
        raise UsageError(
            f"Each process signs in itself, which a person can do for one only: leave out {option}, or let the "
            "instance sign in with a secret, a certificate or a managed identity."
        )
    if find_spec("distributed") is None:
        raise UsageError(f"{option} needs Dask's scheduler, which is not installed: pip install 'azgraph[cluster]'.")
