"""What every part of `azgraph.yaml` is made of: texts, addresses, and where a secret stands."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from loader.config.words import HTTPS, KEY_VAULT_SECRET, NEO4J, in_words


class Part(BaseModel):
    """The base of every part: no unknown keys, no changes afterwards. Built when it is used, which it often is not."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def written_as(pattern: str, what: str) -> AfterValidator:
    """A value that is all of this pattern; `what` says in words what it is.

    The same patterns hold what the environment and options say, whose errors are worded here, not by `loader.mistakes`.
    """
    return AfterValidator(in_words(pattern, what))


def _read_folders(written: object) -> object:
    """One folder or a list; as text several are separated as in PATH, and an empty one is none."""
    return [one for one in written.split(os.pathsep) if one] if isinstance(written, str) else written


def as_list(written: object) -> object:
    return [written] if isinstance(written, str) else written


def named(name: str) -> BeforeValidator:
    """Text stands for a mapping that says only this."""
    return BeforeValidator(lambda written: {name: written} if isinstance(written, str | list) else written)


Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Texts = Annotated[list[Name], BeforeValidator(as_list)]
Folders = Annotated[list[Path], BeforeValidator(_read_folders)]
Days = Annotated[int, Field(ge=1, le=36_500)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]
Neo4jAddress = Annotated[Name, written_as(*NEO4J)]
Url = Annotated[str, written_as(HTTPS, "an https address such as https://management.azure.com")]


class Secret(Part):
    """Where a secret stands: exactly one of these. It never stands in this file."""

    env: Name | None = Field(default=None, description="The environment variable that holds it")
    file: Path | None = Field(
        default=None, description="A file of which the first line is it, readable by its owner alone"
    )
    key_vault: Annotated[str, written_as(*KEY_VAULT_SECRET)] | None = Field(
        default=None, description="Its address in a key vault, read with the machine's own identity"
    )
