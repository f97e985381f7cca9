"""Who made the changes that a run found: what Azure's own logs tell of them, joined by resource and time."""

from loader.actors.asking import Asked, Listing, ask_who
from loader.actors.feeds import FEEDS, Feed

__all__ = ["FEEDS", "Asked", "Feed", "Listing", "ask_who"]
