"""What a watch works by: the configuration as it was when it was last found right."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from loader.config import Instance, config_file, home_dir, instances, settings
from loader.config.folders import FOLDER_VARIABLE
from loader.config.interval import Cron, parse_interval
from loader.config.model import AfterRun, Configuration
from loader.config.settings import folder_of
from loader.errors import UsageError
from loader.files import private_folder, write_whole
from loader.instances import read_through

_COPY = "watch.yaml"


@dataclass(frozen=True, slots=True)
class Plan:
    """The instances with their intervals, and the environment in which commands see this configuration.

    described: the configuration describes instances. folder: where its relative paths begin.
    """

    configuration: Configuration
    instances: tuple[Instance, ...]
    described: bool
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def scheduled(self) -> dict[str, timedelta | Cron]:
        """The intervals by instance, without those that are DISABLED."""
        found = {one.name: parse_interval(one.interval) for one in self.instances}
        return {name: interval for name, interval in found.items() if interval is not None}

    def longest(self, name: str) -> timedelta | None:
        """How long a load of an instance may take; None for as long as it takes."""
        return next((one.longest for one in self.instances if one.name == name), None)

    @property
    def after_run(self) -> AfterRun:
        """What follows each run."""
        return self.configuration.after_run


def read_plan() -> Plan:
    """The plan of the configuration as it is now. Raises UsageError with all its mistakes.

    A copy of the file is kept for the commands, so that one that is being edited disturbs no run.
    """
    settings.cache_clear()
    found = read_through()
    settings()
    described = bool(found.configuration.instances)
    listed = instances(found)
    if found.document is None:
        return Plan(found.configuration, listed, described, Path.cwd())
    folder = folder_of(found)
    private_folder(home_dir())
    copy = home_dir() / _COPY
    if config_file().resolve() == copy.resolve():
        raise UsageError(f"{copy} is where azgraph watch keeps its copy of the configuration; name the file otherwise.")
    write_whole(copy, config_file().read_bytes())
    environment = {"AZGRAPH_CONFIG": str(copy), FOLDER_VARIABLE: str(folder)}
    return Plan(found.configuration, listed, described, folder, environment)


def command_environment(plan: Plan) -> dict[str, str]:
    """The variables of a command that a watch starts: its own, and where the configuration is."""
    import loader

    package = str(Path(loader.__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    return {**os.environ, **plan.environment, "PYTHONPATH": path}
