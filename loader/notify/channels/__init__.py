"""Where something is told: one file a kind of channel."""
