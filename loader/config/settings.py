"""The one settings object: flags win over the environment, that over the file."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from loader.config.folders import home_dir
from loader.errors import UsageError
from loader.files import read_text
from loader.yaml_reader import Document

_LONGEST_PASSWORD_FILE = 1_000_000


def _read_folders(written: object) -> object:
    """One folder or a list; as text several are separated as in PATH, and an empty one is none."""
    return [one for one in written.split(os.pathsep) if one] if isinstance(written, str) else written


class Settings(BaseModel):
    """What a user can set once. Environment variables win over the file; flags win over both.

    The file is `config.yaml` in `home_dir()`, or the one that AZGRAPH_CONFIG names. Passwords stand in no file but
    one of their own (`neo4j_password_file`), or in NEO4J_PASSWORD.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    neo4j_uri: str | None = Field(None, description="The database, such as neo4j+s://example.databases.neo4j.io")
    neo4j_user: str = Field("neo4j", description="Who azgraph is in the database")
    neo4j_database: str | None = Field(None, description="The database's name, where the server has several")
    neo4j_password_file: Path | None = Field(None, description="A file whose first line is the password")
    people_file: Path | None = Field(
        None, description="Employees, as `azgraph people import` reads them after each sync"
    )
    account_name_tag: str | None = Field(None, description="Stored on every entity as tag.AccountName")
    library: Annotated[list[Path], BeforeValidator(_read_folders)] = Field(
        [], description="Folders of your own queries, checks, packs, rules and overrides (AZGRAPH_LIBRARY)"
    )

    def password(self) -> str:
        """The password of `neo4j_uri`. Raises UsageError where none is set, or its file cannot be read."""
        given = os.environ.get("NEO4J_PASSWORD")
        if given is not None:
            return given
        if self.neo4j_password_file is None:
            raise UsageError(
                f"There is no password for {self.neo4j_uri}: set NEO4J_PASSWORD, or neo4j_password_file in the "
                "configuration."
            )
        lines = read_text(self.neo4j_password_file.expanduser(), limit=_LONGEST_PASSWORD_FILE).splitlines()
        if not lines:
            raise UsageError(f"The password file {self.neo4j_password_file} is empty; its first line is the password.")
        return lines[0]


def config_file() -> Path:
    """Where the configuration stands, whether or not there is one."""
    named = os.environ.get("AZGRAPH_CONFIG")
    return Path(named).expanduser() if named else home_dir() / "config.yaml"


# Settings whose own name would be any program's variable.
_VARIABLES = {"library": "AZGRAPH_LIBRARY"}


@cache
def settings() -> Settings:
    """The settings of this process. Raises UsageError naming the file, the setting and the reason."""
    path = config_file()
    stored: dict[str, object] = {}
    if path.exists():
        stored = Document(path, may_be_empty=True).data
    elif "AZGRAPH_CONFIG" in os.environ:
        raise UsageError(f"The configuration {path}, named by AZGRAPH_CONFIG, does not exist.")
    variables = {name: _VARIABLES.get(name, name.upper()) for name in Settings.model_fields}
    environment = {name: os.environ[variable] for name, variable in variables.items() if variable in os.environ}
    try:
        return Settings.model_validate({**stored, **environment})
    except ValidationError as error:
        wrong = error.errors()[0]
        raise UsageError(f"{path}: {'.'.join(map(str, wrong['loc']))}: {wrong['msg']}.") from error
