"""What was taken out: the marker that stands in its place, and the finding that tells where and what it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MARKER = "REDACTED"

# What others write where they took a secret out, and what stands for a value that is given elsewhere: variables of
# shells and pipelines, placeholders of documentation, expressions of ARM templates, references into a key vault.
_STANDS_FOR_A_SECRET = re.compile(
    r"""\W*REDACTED\W* | [*•.x#-]{3,} | <[a-z_ .:/-]+> | \[(?:redacted|hidden|removed|masked|filtered)[\w -]*\]
      | \[(?:parameters|variables|reference|listkeys)\(.* | \$\{[\w.:-]+\} | \$\([\w.:-]+\) | (?-i:\$[A-Z_]+|%[A-Z_]+%)
      | \#\{[^}]*\}\#? | \{\{[^}]*\}\} | @Microsoft\.KeyVault\(.* | \s*""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_TAKEN_OUT = re.compile(r"\W*REDACTED\W*|[*•]{3,}|\[(?:hidden|removed|masked|filtered)\]", re.IGNORECASE)
# What is named where a secret is meant, and is none: ids of Azure, and the addresses of a vault's objects.
_REFERENCE = re.compile(
    r"/(?:subscriptions|providers)/[^?]* | https://[\w-]+\.(?:vault|managedhsm)\.[\w.]+/(?:secrets|keys|certificates)/[\w/-]+",
    re.IGNORECASE | re.VERBOSE,
)

_HOST = re.compile(r"(https?://)(?:[^/?#@\s]*@)?([\w.-]+(?::\d+)?)(?=[/?#])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret. place: where it stood ("properties.containers[].command[]"); form: how it was known.

    The value is kept for the two facts that may be told of it and is in no printed form of the finding.
    """

    place: str
    form: str
    value: str = field(repr=False)

    @property
    def start(self) -> str:
        """The first two characters; none of a value so short that they would give it away."""
        return self.value[:2] if len(self.value) > 8 else ""

    @property
    def hint(self) -> str:
        """The most that may be told of the value."""
        return f"{self.start}… ({len(self.value)} characters)"


Found = Callable[[Finding], None]


def ignore(_finding: Finding) -> None:
    """For callers who want the cleaned value and no word about it."""


def is_no_value(value: Any) -> bool:
    """Whether a text is no secret wherever it stands: empty, taken out already, or a placeholder for one."""
    return not isinstance(value, str) or bool(_STANDS_FOR_A_SECRET.fullmatch(value))


def is_taken_out(value: Any) -> bool:
    """Whether azgraph or another tool took a secret out already, so that only its mark stands there."""
    return isinstance(value, str) and bool(_TAKEN_OUT.fullmatch(value))


def is_reference(value: str) -> bool:
    """Whether a text only names where a secret is: an ARM id, or the address of an object in a key vault."""
    return bool(_REFERENCE.fullmatch(value))


def instead_of(name: str, value: Any) -> str:
    """What stands in the place of a secret: the marker. Of addresses of web hooks the host stays, which is none.

    name: the field that held it, which tells an address from a setting's value.
    """
    host = _HOST.match(value) if isinstance(value, str) and name.lower().endswith(("url", "uri")) else None
    return f"{host.group(1)}{host.group(2)}/{MARKER}" if host else MARKER
