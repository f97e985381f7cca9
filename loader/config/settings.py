"""What holds: flags win over the environment, that over the file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from loader.config.folders import FOLDER_VARIABLE, folder_of_file, from_folder, home_dir
from loader.config.model import Instance
from loader.config.parts import Folders, Neo4jAddress, Secret
from loader.config.reading import Known, Written, read_configuration
from loader.errors import UsageError
from loader.files import read_text
from loader.mistakes import reason

_LONGEST_PASSWORD_FILE = 1_000_000
# The names of the file, in the order in which they are looked for in azgraph's home.
FILE_NAMES = ("azgraph.yaml", "config.yaml")
# The instance of those who describe none.
ONLY = "default"


class Settings(BaseModel):
    """What every command needs to know. Environment variables win over the file; flags win over both.

    The file is `azgraph.yaml` (or `config.yaml`) in `home_dir()`, or the one that AZGRAPH_CONFIG names. Passwords stand
    in no file but one of their own (`password_file`), or in NEO4J_PASSWORD.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    neo4j_uri: Neo4jAddress | None = None
    neo4j_user: str = "neo4j"
    neo4j_database: str | None = None
    neo4j_password_file: Path | None = None
    people_file: Path | None = None
    account_name_tag: str | None = None
    library: Folders = Field(default=[])

    def password(self, uri: str) -> str:
        """The password of the database at `uri`. Raises UsageError where none is set, or its file cannot be read."""
        given = os.environ.get("NEO4J_PASSWORD")
        if given is not None:
            return given
        if self.neo4j_password_file is None:
            raise UsageError(
                f"There is no password for {uri}: set NEO4J_PASSWORD, or neo4j_password_file in the configuration."
            )
        lines = read_text(self.neo4j_password_file.expanduser(), limit=_LONGEST_PASSWORD_FILE).splitlines()
        if not lines:
            raise UsageError(f"The password file {self.neo4j_password_file} is empty; its first line is the password.")
        return lines[0]


def config_file() -> Path:
    """Where the configuration stands, whether or not there is one."""
    named = os.environ.get("AZGRAPH_CONFIG")
    if named:
        return Path(named).expanduser()
    return next((path for name in FILE_NAMES if (path := home_dir() / name).exists()), home_dir() / FILE_NAMES[0])


# The variables of each setting, the one that wins first. "library" alone would be any program's variable.
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "neo4j_uri": ("NEO4J_URI",),
    "neo4j_user": ("NEO4J_USER", "NEO4J_USERNAME"),
    "neo4j_database": ("NEO4J_DATABASE",),
    "neo4j_password_file": ("NEO4J_PASSWORD_FILE",),
    "people_file": ("PEOPLE_FILE",),
    "account_name_tag": ("ACCOUNT_NAME_TAG",),
    "library": ("AZGRAPH_LIBRARY",),
}
# The variables of azure-identity that say what an instance says, where there is one instance only.
INSTANCE_VARIABLES: Mapping[str, str] = {
    "tenant": "AZURE_TENANT_ID",
    "client_id": "AZURE_CLIENT_ID",
    "token_file": "AZURE_FEDERATED_TOKEN_FILE",
    "interval": "AZGRAPH_INTERVAL",
}


def written(known: Known | None = None) -> Written:
    """What the configuration file says; nothing where there is none. Raises UsageError for each of its mistakes."""
    path = config_file()
    if path.exists():
        return read_configuration(path, known)
    if os.environ.get("AZGRAPH_CONFIG"):
        raise UsageError(f"The configuration {path}, which --config or AZGRAPH_CONFIG names, does not exist.")
    return Written()


@cache
def settings() -> Settings:
    """The settings of this process. Raises UsageError naming the file, the setting and the reason."""
    configuration = written().configuration
    stored: dict[str, object] = {
        **{f"neo4j_{name}": value for name, value in configuration.neo4j if value is not None},
        **{name: value for name in Settings.model_fields if (value := getattr(configuration, name, None)) is not None},
    }
    environment = {name: os.environ[found] for name in VARIABLES if (found := variable_of(name)) is not None}
    try:
        return Settings.model_validate({**stored, **environment})
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        raise UsageError(f"{variable_of(str(wrong['loc'][0]))}: {reason(wrong)}.") from error


def variable_of(setting: str, environment: Mapping[str, str] | None = None) -> str | None:
    """The environment variable that says a setting; None where none does."""
    variables = os.environ if environment is None else environment
    return next((name for name in VARIABLES[setting] if name in variables), None)


def instances(found: Written, environment: Mapping[str, str] | None = None) -> tuple[Instance, ...]:
    """The instances that hold.

    One alone (or none: then the variables describe it) takes the `AZURE_*` variables over the file's word; of several
    each stands by its own, and the variables fill what it leaves open. Raises UsageError for a wrong variable.
    """
    variables = os.environ if environment is None else environment
    listed = found.configuration.instances or [Instance(name=ONLY)]
    said = {name: variables[one] for name, one in INSTANCE_VARIABLES.items() if variables.get(one)}
    alone = len(listed) == 1
    folder = folder_of(found) if found.document else None
    return tuple(_anchored(_filled(one, said, over=alone), folder) for one in listed)


def _anchored(instance: Instance, folder: Path | None) -> Instance:
    """The instance with its files found from the configuration's folder, wherever the command is run."""
    if folder is None:
        return instance

    def secret(one: Secret | None) -> Secret | None:
        return (
            one if one is None or one.file is None else one.model_copy(update={"file": from_folder(folder, one.file)})
        )

    changed: dict[str, object] = {"secret": secret(instance.secret)}
    if instance.certificate is not None:
        path, password = from_folder(folder, instance.certificate.path), secret(instance.certificate.password)
        changed["certificate"] = instance.certificate.model_copy(update={"path": path, "password": password})
    if instance.token_file is not None:
        changed["token_file"] = from_folder(folder, instance.token_file)
    return instance.model_copy(update=changed)


def folder_of(found: Written) -> Path:
    """Where relative paths of a configuration begin: where its file is."""
    if found.document is None:
        return Path(os.environ.get(FOLDER_VARIABLE) or ".").resolve()
    return folder_of_file(found.document.path)


def _filled(instance: Instance, said: Mapping[str, str], *, over: bool) -> Instance:
    own = instance.model_dump(exclude_unset=True)
    try:
        return Instance.model_validate({**own, **said} if over else {**said, **own})
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        name = INSTANCE_VARIABLES.get(str(wrong["loc"][0]), str(wrong["loc"][0]))
        raise UsageError(f"{name}: {reason(wrong)}.") from error


def instance_named(name: str | None, listed: tuple[Instance, ...], *, described: bool = True) -> Instance:
    """The instance of a name; without one the only one. described: whether a configuration describes them.

    Raises UsageError naming those there are.
    """
    names = ", ".join(one.name for one in listed)
    if name is None:
        if len(listed) > 1:
            raise UsageError(f"The configuration has several instances; choose one with --instance: {names}.")
        return listed[0]
    found = [one for one in listed if one.name.casefold() == name.casefold()]
    if not found:
        there_are = f"; the configuration has {names}." if described else _none()
        raise UsageError(f"There is no instance {name!r}{there_are}")
    return found[0]


def _none() -> str:
    path = config_file()
    if path.exists():
        return f": {path} describes none. Describe it there under `instances:`, or leave --instance out."
    return (
        f": there is no configuration file ({path}), and the environment describes one instance without a name. "
        "`azgraph init` writes the file; or leave --instance out."
    )
