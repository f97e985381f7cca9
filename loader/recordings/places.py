"""The places of secrets that the services declare, as the cleaning of recordings needs them."""

from __future__ import annotations

from functools import cache

from loader.secrets import Places
from loader.services import entity_types


@cache
def declared_places() -> Places:
    """The places of all entity types."""
    return Places(entity_types().values())
