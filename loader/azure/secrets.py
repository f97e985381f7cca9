"""Taking secrets out of what Azure answers: for recordings, and for messages that people read.

Two nets: names of fields that hold secrets, and patterns of secrets wherever they stand.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

REDACTED = "REDACTED"

# Compared with a field's name in lower case without separators; it must end so ("storageAccountAccessKey").
_SECRET_NAME = re.compile(
    r"(password|passwd|passphrase|pwd|secret|secrettext|secretvalue|clientsecret|appsecret|connectionstrings?"
    r"|accesskey|accountkey|primarykey|secondarykey|primarymasterkey|secondarymasterkey|sharedkey|masterkey|apikey"
    r"|authkey|functionkey|hostkey|instrumentationkey|storagekey|encryptionkey|privatekey|sastoken|sasurl|sasuri"
    r"|sasdefinition|accesstoken|refreshtoken|idtoken|bearertoken|securevalue|customdata|userdata|protectedsettings"
    r"|commandtoexecute|certificatepfx|pfxblob|webhookurl|serviceuri|githubtoken|usertoken)$"
)
# Names that end like a secret and are none: references, switches and dates.
_HARMLESS_NAME = re.compile(r"^(disable|enable|is|has|require|allow|last)|(uri|url|id|name|type|date|time|version)$")
_STILL_SECRET = re.compile(r"(sasurl|sasuri|webhookurl|serviceuri)$")

_PATTERNS = (
    # key=value pairs of connection strings, up to the next separator
    (re.compile(r"(?i)\b(AccountKey|SharedAccessKey|SharedSecret|Password|Pwd|ClientSecret|AccessKey)\s*=\s*[^;\"'\s&]+"),
     rf"\1={REDACTED}"),
    # the signature of a shared access signature
    (re.compile(r"(?i)([?&;]|\b)(sig|signature)=[A-Za-z0-9%+/=_-]{16,}"), rf"\1\2={REDACTED}"),
    # JSON Web Tokens
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), REDACTED),
    (re.compile(r"(?i)\bBearer\s+[A-Za-z0-9._~+/=-]{16,}"), f"Bearer {REDACTED}"),
    # private keys
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), REDACTED),
    # client secrets of Entra applications, as they are made today
    (re.compile(r"(?<![A-Za-z0-9_.~-])[A-Za-z0-9_.~-]{3}\dQ~[A-Za-z0-9_.~-]{30,40}"), REDACTED),
    # 512-bit keys in base64, as storage accounts, Cosmos DB and Batch have them
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])"), REDACTED),
    # user:password@ in addresses
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^/\s:@]+):[^/\s:@]+@"), rf"\1:{REDACTED}@"),
)  # fmt: skip

_SECRET_PARAMETERS = frozenset(
    {"sig", "code", "token", "access_token", "client_secret", "client_assertion", "password"}
)


def names_secret(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if _STILL_SECRET.search(plain):
        return True
    return bool(_SECRET_NAME.search(plain)) and not _HARMLESS_NAME.search(plain)


def scrub_text(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def scrub(value: Any) -> Any:
    """JSON with the values of secret fields and everything that looks like a secret replaced; the shape stays."""
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, list):
        return [scrub(item) for item in value]
    if not isinstance(value, dict):
        return value
    secret_pair = names_secret(str(value.get("name") or "")) and "value" in value
    return {
        name: _redacted(item) if names_secret(name) or (secret_pair and name == "value") else scrub(item)
        for name, item in value.items()
    }


def _redacted(value: Any) -> Any:
    """Booleans, numbers and nulls are no secrets and stay; text goes; of objects and lists the values go."""
    if isinstance(value, str):
        return REDACTED if value else value
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if isinstance(value, dict):
        return {name: _redacted(item) for name, item in value.items()}
    return value


def scrub_url(url: str) -> str:
    """The URL without user information and with secret parameters (SAS signatures, codes, tokens) replaced."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    if parts.query:
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        kept = [(name, REDACTED if name.lower() in _SECRET_PARAMETERS else value) for name, value in pairs]
        parts = parts._replace(query=parts.query if kept == pairs else urlencode(kept))
    return scrub_text(urlunsplit(parts._replace(netloc=netloc)))
