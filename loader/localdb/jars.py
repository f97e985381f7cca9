"""Fetch Neo4j's jars from a Maven repository into the cache and verify each against the lock."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from loader.errors import UnreachableError
from loader.localdb.versions import Jar
from loader.reaching import why_unreached

MIRROR_SETTING = "AZGRAPH_MAVEN_URL"
OTHER_WAYS = (
    f"Set {MIRROR_SETTING} to a mirror of Maven Central that you can reach, or start Neo4j with "
    "`docker compose up -d`, or set NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD to a Neo4j that runs elsewhere."
)
AT_ONCE = 16

Say = Callable[[str], None]


def repository_url() -> httpx.URL:
    """The Maven repository: the user's mirror, or Maven Central as jgo knows it (azgraph names no registry itself)."""
    from jgo.constants import MAVEN_CENTRAL_URL

    return httpx.URL((os.environ.get(MIRROR_SETTING) or MAVEN_CENTRAL_URL).rstrip("/") + "/")


def fetch_jars(jars: list[Jar], folder: Path, say: Say) -> list[Path]:
    """Bring all jars into `folder` and give their paths, in the order of the lock.

    Every file is verified each time, so a cache broken by a crash or by hand heals itself; a file is renamed to its
    name only when it is whole and right, so a broken-off run goes on where it stopped.

    Raises:
        UnreachableError: the repository cannot be reached, does not have a file, or sends another file than locked.
    """
    paths = [folder / jar.path for jar in jars]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        good = list(pool.map(lambda pair: _is_right(*pair), zip(jars, paths, strict=True)))
    missing = [(jar, path) for jar, path, right in zip(jars, paths, good, strict=True) if not right]
    if missing:
        _download(missing, say)
    return paths


def _is_right(jar: Jar, path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


def _download(missing: list[tuple[Jar, Path]], say: Say) -> None:
    base = repository_url()
    say(f"Fetching {len(missing)} files of Neo4j from {base.host} (once; about 150 MB in all).")
    limits = httpx.Limits(max_connections=AT_ONCE)
    with (
        httpx.Client(base_url=base, timeout=30, limits=limits, follow_redirects=True) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        try:
            _report(pool.map(lambda pair: _download_one(client, *pair), missing), len(missing), say)
        except BaseException:
            # One file that cannot be had ends it: without this the other 200 would be tried first.
            pool.shutdown(cancel_futures=True)
            raise


def _report(fetched: Iterable[None], total: int, say: Say) -> None:
    """Say each quarter: enough to see that it goes on, few enough lines for a log."""
    quarter = max(total // 4, 1)
    for count, _ in enumerate(fetched, start=1):
        if count % quarter == 0 or count == total:
            say(f"  {count} of {total} files fetched")


def _download_one(client: httpx.Client, jar: Jar, path: Path) -> None:
    try:
        _stream_to(client, jar, path)
    except httpx.HTTPStatusError as error:
        raise UnreachableError(
            f"{client.base_url.host} answered {error.response.status_code} for {jar.coordinate}. {OTHER_WAYS}"
        ) from error
    except (httpx.HTTPError, OSError) as error:
        reason = why_unreached(error) or str(error) or type(error).__name__
        raise UnreachableError(
            f"Neo4j could not be fetched from {client.base_url.host} ({reason}). {OTHER_WAYS}"
        ) from error


@retry(
    retry=retry_if_exception_type(httpx.TransportError),
    stop=stop_after_attempt(3),
    wait=wait_exponential(multiplier=0.5),
    reraise=True,
)
def _stream_to(client: httpx.Client, jar: Jar, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file, client.stream("GET", jar.path) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != jar.sha256:
            raise UnreachableError(
                f"{client.base_url.host} sent another {jar.file_name} than the one azgraph was tested with "
                f"(its SHA-256 differs), so it was not used. {OTHER_WAYS}"
            )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
