"""What a user can set, and where azgraph keeps its state."""

from loader.config.folders import cache_dir, home_dir
from loader.config.model import Configuration, Instance
from loader.config.reading import ConfigurationError, Known, Written, read_configuration
from loader.config.settings import Settings, config_file, instance_named, instances, settings, written

__all__ = [
    "Configuration",
    "ConfigurationError",
    "Instance",
    "Known",
    "Settings",
    "Written",
    "cache_dir",
    "config_file",
    "home_dir",
    "instance_named",
    "instances",
    "read_configuration",
    "settings",
    "written",
]
