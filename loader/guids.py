"""Names that only machines read: GUIDs and hashes. Nothing that people see is called by one."""

from __future__ import annotations

import re

# Also the hashes that Azure Policy and its like make names of.
_GUID = re.compile(
    r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}",
    re.IGNORECASE,
)


_ALONE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_guid_alone(text: str) -> bool:
    """Whether a text is a GUID as Azure writes the ids of tenants, subscriptions and the directory's objects."""
    return _ALONE.fullmatch(text) is not None


def is_guid(name: str) -> bool:
    """Whether a name is a GUID or a hash."""
    return _GUID.fullmatch(name) is not None


def known(name: object) -> str | None:
    """A name that people know; a GUID or a hash is none, nor is nothing at all."""
    text = str(name or "").strip()
    return text if text and not is_guid(text) else None


def beginning(guid: str) -> str:
    """As much of a GUID as tells it from others at a glance."""
    return guid.strip("{}")[:8]


def called(what: str, name: str) -> str:
    """A name; in the place of a GUID or a hash what it is the name of, and its beginning."""
    return f"{what} {beginning(name)}" if is_guid(name) else name
