"""Key vaults, and what Defender finds."""
