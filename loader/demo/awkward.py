"""What befalls whole answers of a tenant: they are refused, come in pages, or spell their ids in another casing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from loader.demo.addresses import ARM, pattern_of, url_of

_GROUP = re.compile(r"/resourceGroups/[^/]+", re.IGNORECASE)
_REFUSED = 403


@dataclass
class Bodies:
    """What is answered: a body by URL, and the status where it is not 200."""

    by_url: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    def at(self, path: str) -> list[str]:
        """The URLs that a path (`*` is one part of it) means."""
        pattern = pattern_of(url_of(path))
        return [url for url in self.by_url if pattern.fullmatch(url)]

    def refuse(self, path: str) -> bool:
        """Answers 403 there. Like all that follows, it tells whether anything is answered there at all."""
        found = self.at(path)
        for url in found:
            self._refuse_url(url)
        return bool(found)

    def page(self, path: str, size: int) -> bool:
        """Cuts each list there into pages of `size`. An empty one comes second, as Azure's filtered lists have them."""
        found = [url for url in self.at(path) if "value" in self.by_url[url]]
        for url in found:
            items = self.by_url[url]["value"]
            pages = [items[start : start + size] for start in range(0, len(items), size)] or [[]]
            pages.insert(1, [])
            addresses = [url, *(f"{url}{'&' if '?' in url else '?'}$skiptoken={n}" for n in range(2, len(pages) + 1))]
            for address, values, following in zip(addresses, pages, [*addresses[1:], ""], strict=True):
                self.by_url[address] = {"value": values, "nextLink": following or None}
        return bool(found)

    def recase(self, path: str) -> bool:
        """Spells resource groups in capitals in every id that is answered there, as some of Azure's services do."""
        found = self.at(path)
        for url in found:
            self.by_url[url] = _recased(self.by_url[url])
        return bool(found)

    def mirror(self, source: str, target: str, *, refused: bool) -> bool:
        """What is asked of one subscription can be asked of another, too: nothing is there, or everything refused."""
        start = f"{url_of(source)}/".lower()
        found = [url for url in self.by_url if url.lower().startswith(start) and "/resourcegroups/" not in url.lower()]
        for url in found:
            asked = f"{url_of(target)}/{url[len(start) :]}"
            if refused:
                self._refuse_url(asked)
            else:
                self.by_url.setdefault(asked, {"value": []} if "value" in self.by_url[url] else {})
        return bool(found)

    def _refuse_url(self, url: str) -> None:
        code = "AuthorizationFailed" if url.startswith(ARM) else "Forbidden"
        self.by_url[url] = {"error": {"code": code, "message": "The caller has no permission for this."}}
        self.statuses[url] = _REFUSED


def _recased(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _recased(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_recased(item) for item in value]
    if isinstance(value, str) and value.startswith("/subscriptions/"):
        return _GROUP.sub(lambda found: found[0].upper(), value)
    return value
