"""Reading a list to its end, and noticing when it has none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from loader.azure.answers import Answer, is_empty_page, repeated
from loader.azure.errors import AzureError, by_small_names
from loader.model import Status

# In lower case: services differ in the casing of the names in their envelopes, as they do for errors.
_NEXT = ("nextlink", "@odata.nextlink", "odata.nextlink", "@nextlink")
# Azure sends empty pages in the middle of lists it filters; this many in a row is a list that never ends.
MANY_EMPTY_PAGES = 200


def next_link(body: Any) -> Any:
    """The address of the next page; absent, null and empty all mean that there is none.

    What is no text is given as well: it is no address, but it says that the list goes on.
    """
    told = by_small_names(body)
    for name in _NEXT:
        link = told.get(name)
        if link.strip() if isinstance(link, str) else link:
            return link
    return None


@dataclass
class Trail:
    """The pages of one list that were read, so that none is read twice. what: the call, for sentences."""

    what: str
    _seen: set[str] = field(default_factory=set)
    _empty: int = 0

    def after(self, answer: Answer) -> str | None:
        """The absolute address of the page after this one, or None at the end of the list.

        Raises `AzureError` (failed) for an address that was read already, leads to another host (it would get our
        token), or follows more empty pages than any list has.
        """
        self._seen.add(answer.url)
        named = next_link(answer.body)
        if named is None:
            return None
        link = self.to(answer.url, named)
        self._empty = self._empty + 1 if is_empty_page(answer.body) else 0
        if self._empty >= MANY_EMPTY_PAGES:
            raise AzureError(Status.FAILED, f"{self.what}: {self._empty} empty pages in a row; the list has no end.")
        return link

    def to(self, url: str, link: Any) -> str:
        """The absolute address of a page that is named on another. Raises `AzureError` as `after` does.

        The link itself is remembered: SDKs rewrite it before it is sent, so that it never is among what was sent.
        """
        address = self._absolute(url, link)
        if address in self._seen:
            raise repeated(self.what)
        if not _same_service(url, address):
            raise AzureError(
                Status.FAILED, f"{self.what}: the next page is on another host, which gets no token of ours."
            )
        self._seen.add(address)
        return address

    def _absolute(self, url: str, link: Any) -> str:
        try:
            absolute = urljoin(url, link) if isinstance(link, str) else ""
            # Reading the port is what notices one that is no number.
            whole = urlsplit(absolute).port != 0 and bool(urlsplit(absolute).hostname)
        except ValueError:
            whole = False
        if not whole:
            raise AzureError(Status.FAILED, f"{self.what}: the address of the next page cannot be read. Run again.")
        return absolute


def _same_service(url: str, link: str) -> bool:
    """Whether the link stays with the host that was asked, or a regional one below it, over the same scheme."""
    here, there = urlsplit(url), urlsplit(link)
    host, other = (here.hostname or "").lower(), (there.hostname or "").lower()
    ports = {"https": 443, "http": 80}
    same_port = (here.port or ports.get(here.scheme)) == (there.port or ports.get(there.scheme))
    return here.scheme == there.scheme and same_port and (other == host or other.endswith(f".{host}"))
