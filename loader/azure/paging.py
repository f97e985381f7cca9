"""Reading a list to its end, and noticing when it has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from loader.azure.errors import AzureError
from loader.model import Json, Status

_NEXT = ("nextLink", "@odata.nextLink", "odata.nextLink", "@nextLink")
# Azure sends empty pages in the middle of lists it filters; this many in a row is a list that never ends.
MANY_EMPTY_PAGES = 200


def items_of(body: Any) -> list[Json]:
    """The entities of one answer: the items of a list, or the one object."""
    if body is None:
        return []
    listed = body if isinstance(body, list) else body.get("value") if isinstance(body, dict) else None
    if listed is None and isinstance(body, dict):
        return [body] if "value" not in body else []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        # One object may have a field named "value" that is not a list of entities.
        if isinstance(body, dict) and "value" in body and not isinstance(listed, list):
            return [body]
        raise AzureError(Status.FAILED, "Azure answered something else than a list of objects. Report this as a fault.")
    return listed


def next_link(body: Any) -> str | None:
    """The address of the next page; absent, null and empty all mean that there is none."""
    if not isinstance(body, dict):
        return None
    for name in _NEXT:
        link = body.get(name)
        if isinstance(link, str) and link.strip():
            return link
    return None


@dataclass
class Trail:
    """The pages of one list that were read, so that none is read twice. what: the call, for sentences."""

    what: str
    _seen: set[str] = field(default_factory=set)
    _empty: int = 0

    def after(self, url: str, body: Any) -> str | None:
        """The absolute address of the page after the one at `url`, or None at the end of the list.

        Raises `AzureError` (failed) for an address that was read already, leads to another host (it would get our
        token), or follows more empty pages than any list has.
        """
        self._seen.add(url)
        link = next_link(body)
        if link is None:
            return None
        link = urljoin(url, link)
        if link in self._seen:
            raise AzureError(Status.FAILED, f"{self.what}: Azure repeats a page, so the list has no end. Run again.")
        if not _same_service(url, link):
            raise AzureError(
                Status.FAILED, f"{self.what}: the next page is on another host, which gets no token of ours."
            )
        self._empty = 0 if items_of(body) else self._empty + 1
        if self._empty >= MANY_EMPTY_PAGES:
            raise AzureError(Status.FAILED, f"{self.what}: {self._empty} empty pages in a row; the list has no end.")
        return link


def _same_service(url: str, link: str) -> bool:
    """Whether the link stays with the host that was asked, or a regional one below it, over the same scheme."""
    here, there = urlsplit(url), urlsplit(link)
    host, other = (here.hostname or "").lower(), (there.hostname or "").lower()
    ports = {"https": 443, "http": 80}
    same_port = (here.port or ports.get(here.scheme)) == (there.port or ports.get(there.scheme))
    return here.scheme == there.scheme and same_port and (other == host or other.endswith(f".{host}"))
