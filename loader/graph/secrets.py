"""The last gate before the graph: what looks like a secret, by its name or by its value, is not stored."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# Values of these names are refused where they are text: a flag such as `disablePassword` tells no secret.
_NAME = re.compile(
    r"(password|passwd|pwd|passphrase|clientsecret|secretvalue|secrettext|secret|connectionstring|"
    r"(account|access|primary|secondary|storage|shared|private|master|admin|api|function|host|signing)[-_ ]?key[12]?|"
    r"sas[-_ ]?token|access[-_ ]?token|refresh[-_ ]?token|credential)s?$",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"  # a JSON web token
    r"|(?i:[?&;]|\b)(?i:sig)=[\w%+/-]{20,}"  # the signature of a shared access signature
    r"|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])"  # a storage or Cosmos DB account key
    r"|(?i:\b(?:accountkey|sharedaccesskey|sharedaccesssignature|accesskey|password|pwd|client_?secret)\s*=\s*[^\s;=][^;]{2,})"
    r"|\w://[^\s/:@]+:[^\s/@]{3,}@"  # a password in an address (only one \w: \w+ would be quadratic in long texts)
    r"|\b[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])",  # an Entra client secret
)


# What an access policy lets its principal do with secrets ("permissions.secrets") is none itself.
_RIGHTS = re.compile(r"^permissions\.")


class SecretsGate:
    """Drops what looks like a secret and counts it by the property's name; never tells the value. Safe for threads."""

    def __init__(self) -> None:
        self._refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def pass_through(self, owner: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties without those that are secrets. owner: the entity type or verb, for the warning."""
        if not _secret_names(tuple(properties)) and not _has_sign(_texts(properties)):
            return dict(properties)
        refused = [name for name, value in properties.items() if is_secret(name, value)]
        with self._lock:
            self._refused.update(f"{owner}.{'?' if looks_secret(name) else name}" for name in refused)
        return {name: value for name, value in properties.items() if name not in refused}

    def warnings(self) -> list[str]:
        """One sentence for each property that was refused."""
        return [
            f"{name} was not stored: it looks like a secret ({count} times). Keep secrets in a key vault."
            for name, count in sorted(self._refused.items())
        ]

    @property
    def refused(self) -> int:
        """How many values were refused."""
        return self._refused.total()


@lru_cache(maxsize=20_000)
def _named_secret(name: str) -> bool:
    return bool(_NAME.search(name)) and not _RIGHTS.match(name)


@lru_cache(maxsize=5_000)
def _secret_names(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if _named_secret(name)]


def _texts(properties: Mapping[str, Any]) -> str:
    """All texts of a node in one, since one look for signs at all of them is quicker than a look at each."""
    texts = []
    for value in properties.values():
        if type(value) is str:
            texts.append(value)
        elif type(value) is list:
            texts += [item for item in value if type(item) is str]
    return "\n".join(texts)


def is_secret(name: str, value: Any) -> bool:
    """Whether a property must not be stored, by its name or by its value."""
    if isinstance(value, list):
        return any(is_secret(name, item) for item in value)
    if not isinstance(value, str) or not value:
        return False
    return _named_secret(name) or looks_secret(value)


def looks_secret(text: str) -> bool:
    """Whether a text has the form of a known kind of secret."""
    return len(text) >= 8 and _has_sign(text) and bool(_VALUE.search(text))


def _has_sign(text: str) -> bool:
    """Whether a closer look is due: every pattern above needs one of these signs, and few texts have any."""
    return (
        "=" in text
        or "eyJ" in text
        or "Q~" in text
        or "-----BEGIN" in text
        # An address with a password; the portal's, which every ARM entity has, is none.
        or ("@" in text and text.count("://") > text.count("://portal.azure.com/#@"))
    )
