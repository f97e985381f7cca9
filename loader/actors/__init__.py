"""Who made the changes that a run found: what Azure's own logs tell of them, joined by resource and time."""
