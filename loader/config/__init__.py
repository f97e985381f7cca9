"""What a user can set, and where azgraph keeps its state."""

from loader.config.folders import cache_dir, home_dir
from loader.config.settings import Settings, config_file, settings

__all__ = ["Settings", "cache_dir", "config_file", "home_dir", "settings"]
