"""Names that tell a secret: of fields in Azure's answers, and of settings that people name themselves."""

from __future__ import annotations

import re
from functools import lru_cache

# Compared with a name in lower case without separators; it must end so ("storageAccountAccessKey", "adminPassword2").
SECRET_NAMES: tuple[str, ...] = (
    "password", "passwd", "passphrase", "pwd", "secret", "secrettext", "secretvalue", "securevalue", "securestring",
    "connectionstring", "connectionstrings", "bearer", "cookie", "authorizationheader",
    "accesskey", "accountkey", "activationkey", "adminkey", "apikey", "authkey", "authorizationkey", "encryptionkey",
    "endpointkey", "searchkey",
    "functionkey", "functionskey", "hostkey", "instrumentationkey", "licensekey", "masterkey", "presharedkey",
    "primarykey", "privatekey", "querykey", "saskey", "secondarykey", "secretkey", "servicekey", "sharedkey",
    "signingkey", "storagekey", "subscriptionkey", "workspacekey",
    "accesstoken", "apitoken", "apptoken", "authtoken", "bearertoken", "githubtoken", "idtoken", "jointoken",
    "refreshtoken", "registrationtoken", "repositorytoken", "saskeytoken", "sastoken", "securitytoken", "usertoken",
    "blobsas", "sasdefinition", "sasuri", "sasurl", "callbackurl", "serviceuri", "webhookuri", "webhookurl",
    "certificatepfx", "commandtoexecute", "customdata", "pfxblob", "protectedsettings", "userdata",
)  # fmt: skip
_SECRET = re.compile(rf"({'|'.join(SECRET_NAMES)})\d*$")
# In the plural they also name lists of objects and of rights ("permissions.secrets"): only a text is a secret there.
_SECRET_AS_TEXT = re.compile(r"(passwords|secrets|credentials?|tokens?)$")
# Places in a list, what .NET calls an assembly's signer, and what domains publish in DNS.
_OPEN_TOKEN = re.compile(
    r"(skip|continuation|delta|page|next|sync|change|cancellation|state|publickey|concurrency|resume|cursor"
    r"|validation|verification|contextual)tokens?$"
)
# First words of switches and of limits: "disablePassword", "MAX_TOKENS".
_SWITCHES = frozenset({"disable", "enable", "is", "has", "require", "allow", "last", "max", "min", "num", "total"})

# People choose the names of settings, variables and tags. Words that tell a secret where they stand last; in a tag's
# name, anywhere; and last words after which it is about a secret, and is none.
_LAST_WORDS = frozenset(
    {"pass", "pw", "auth", "authorization", "cred", "creds", "dsn", "sas", "pat", "jwt", "psk", "cookie"}
)
_ANY_WORDS = frozenset({"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "credential"})
_ABOUT = frozenset(
    {"uri", "url", "id", "name", "type", "date", "time", "version", "rotation", "policy", "expiry", "expires"}
    | {"expiration", "owner", "issuer", "count", "length", "days", "age", "source", "provider", "store", "vault"}
    | {"manager", "enabled", "required", "lifetime", "ttl", "path", "file", "ref", "reference", "endpoint", "audience"}
    | {"scope", "limit", "usage", "budget", "rotated", "created", "updated", "location", "contact", "team", "class"}
)
_SETTING = re.compile(
    r"(connstr(ing)?|(default|db|database|sql|storage|redis|servicebus|eventhub|queue)connection|databaseurl|dburl"
    r"|redisurl|mongourl|mongodburl|amqpurl|rabbitmqurl|brokerurl|(db|user|mysql|postgres|pg|sa|root|admin)pass)\d*$"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=20_000)
def names_secret(name: str) -> bool:
    """Whether a field of Azure of this name holds a secret, whatever its value."""
    return bool(_SECRET.search(_plain(name))) and not _is_switch(name)


@lru_cache(maxsize=20_000)
def names_secret_text(name: str) -> bool:
    """Whether a field of this name holds a secret where its value is a text."""
    plain = _plain(name)
    if names_secret(name):
        return not _OPEN_TOKEN.search(plain)
    return bool(_SECRET_AS_TEXT.search(plain)) and not _OPEN_TOKEN.search(plain) and not _is_switch(name)


@lru_cache(maxsize=20_000)
def names_secret_setting(name: str) -> bool:
    """Whether a setting or a variable of this name holds a secret: people's names are shorter than Azure's."""
    if names_secret_text(name) or _SETTING.search(_plain(name)):
        return True
    return bool(_LAST_WORDS.intersection(_words(name)[-1:])) and not _is_switch(name)


@lru_cache(maxsize=20_000)
def names_secret_tag(name: str) -> bool:
    """Whether a tag of this name holds a secret: "password-prod" does, "password-policy" is about one."""
    if names_secret_setting(name):
        return True
    words = _words(name)
    return not _ANY_WORDS.isdisjoint(words) and words[-1] not in _ABOUT and not _is_switch(name)


def _is_switch(name: str) -> bool:
    return _words(name)[:1] != [] and _words(name)[0] in _SWITCHES


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name) if not word.isdigit()]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
