"""One pass over a document, a text or an address: what is secret is taken out, and told with its place and form."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from loader.secrets.entropy import hides, hiding_words, random_words
from loader.secrets.finding import MARKER, Finding, Found, ignore, instead_of, is_no_value, is_reference, is_taken_out
from loader.secrets.form import is_plain_word
from loader.secrets.names import names_secret, names_secret_setting, names_secret_tag, names_secret_text
from loader.secrets.places import Places, Tree, is_scalar_secret, names_it, whole_answer
from loader.secrets.scrubbing import holds_secret, scrub_text

# Fields that hold programs' arguments and environments in the answers of any type, known or not: all below them goes
# where it is a list or an object; of pairs the values go.
_PROGRAM = re.compile(
    r"^(environmentvariables|environmentsettings|env|environment|secrets|appsettings|connectionstrings|(http|custom)headers"
    r"|webhookproperties|command|commandline|appcommandline|args|arguments|script|scriptcontent|inlinescript|runcommand)$"
)
_PROGRAM_TEXT = re.compile(r"^(commandline|appcommandline|scriptcontent|inlinescript|commandtoexecute|script)$")
# Objects whose names people choose.
_CHOSEN = re.compile(
    r"^(tags|.*settings|.*config(uration)?|metadata|labels|annotations|headers|.*parameters|.*variables)$"
)
# Where people and programs write what they like, so that entropy has the last word.
_FREE = re.compile(r"^(tags?|description|notes?|comments?|message|metadata|justification|reason|details|annotations)$")
# In lower case.
_PAIR = ("value", "securevalue", "defaultvalue", "connectionstring")
# What actions of Logic Apps sign in with, and the parameters of the addresses that they call.
# https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-supported-triggers-actions
_OF_SIGN_IN = ("pfx", "value", "password", "secret", "credential")
# Kinds of the parameters of templates and of Data Factory that say what a secret is, or where, and hold none.
_DECLARED = ("securestring", "secureobject", "string", "object", "azurekeyvaultsecret")
# Text that is JSON begins so, or with blanks before it.
_OF_JSON = frozenset("{[ \t\r\n")


_NO_PLACES = Places()
_NAMED = "name that tells a secret"
# Fewer digits are counts and switches, more may be a PIN.
_LEAST_SECRET_NUMBER = 1_000


class Cleaning:
    """Takes secrets out of what it is given. places: the declared ones; found: is told each finding."""

    def __init__(self, places: Places | None = None, found: Found = ignore) -> None:
        self._places = places or _NO_PLACES
        self._found = found

    def body(self, text: str, url: str = "") -> str:
        """A body of any type: JSON keeps its shape, all else is text. url: what was asked, for the places."""
        document = _json(text)
        if document is _NO_JSON:
            return self.text(text, "body", free=True)
        cleaned = self.json(document, url)
        return text if cleaned == document else json.dumps(cleaned, ensure_ascii=False)

    def json(self, document: Any, url: str = "") -> Any:
        """JSON of the same shape without its secrets. url: the address that was asked, where one was."""
        trees = self._places.of_address(url) if url else []
        if whole_answer(trees) and isinstance(document, dict):
            return {
                name: item
                if names_it(name)
                else self._all(item, _below("", name, item), "answer that is secrets as a whole")
                for name, item in document.items()
            }
        if isinstance(document, dict) and isinstance(document.get("value"), list):
            items = [self._value(item, trees, "", free=False) for item in document["value"]]
            rest = {name: item for name, item in document.items() if name != "value"}
            return {**self._value(rest, [], "", free=False), "value": items}
        return self._value(document, trees, "", free=False)

    def text(self, text: str, place: str = "", *, free: bool = False) -> str:
        """A text without the secrets that their form tells. free: people wrote it, so what looks random goes too."""
        if may_be_json(text) and (document := _json(text)) is not _NO_JSON and isinstance(document, dict | list):
            cleaned = self._value(document, [], place, free=free)
            return text if cleaned == document else json.dumps(cleaned, ensure_ascii=False)
        if "%" in text and "://" in text:
            text = self._without_nested(text, place)
        text = self._without_hiding(scrub_text(text, self._found, place), place)
        return self._without_random(text, place) if free else text

    def _without_nested(self, url: str, place: str) -> str:
        """An address whose parameters hold another one, escaped, is cleaned within; any other is as it was."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return url
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        nested = [(name, self.text(value, f"{place}?{name}")) for name, value in pairs]
        return url if nested == pairs else urlunsplit(parts._replace(query=urlencode(nested)))

    def whole(self, value: str, place: str, form: str) -> str:
        """A value that is a secret wherever it stands, such as a cookie's."""
        return str(self._all(value, place, form))

    def header(self, name: str, value: str, place: str = "headers") -> str:
        """A header's value: sign-in, cookies and keys go as a whole."""
        if names_secret_setting(name):
            return str(self._all(value, f"{place}.{name}", _NAMED, gently=True))
        return self.text(value, f"{place}.{name}")

    def named(self, name: str, value: Any) -> Any:
        """One property as the graph stores it: a tag's name is people's choice, every other one azgraph's."""
        if property_tells_secret(name, value):
            return self._all(value, name, _NAMED, gently=True)
        return self._value(value, [], name, free=is_free(name))

    def _value(self, value: Any, trees: list[Tree], place: str, *, free: bool) -> Any:
        if isinstance(value, str):
            return self.text(value, place, free=free) if len(value) > 7 else value
        if isinstance(value, list):
            return [self._value(item, trees, place, free=free) for item in value]
        if not isinstance(value, dict):
            return value
        here = trees + self._places.of_resource(value)
        secret_pair = _is_secret_pair(value)
        parent = _last(place)
        cleaned = {}
        for name, item in value.items():
            at = _below(place, name, item)
            key = self.text(name, f"name in {place}") if len(name) > 15 else name
            if secret_pair and name.lower() in _PAIR:
                cleaned[key] = self._all(item, at, "value of a name that tells a secret")
            elif _is_sign_in(parent, name, item):
                cleaned[key] = self._all(item, at, "part of a sign-in", gently=True)
            else:
                cleaned[key] = self._field(name, item, here, at, parent=parent, free=free)
        return cleaned

    def _field(self, name: str, value: Any, trees: list[Tree], place: str, *, parent: str, free: bool) -> Any:
        """parent: the last name of the place of the object that has the field."""
        low, chosen = name.lower(), bool(_CHOSEN.match(parent))
        below = [tree[step] for tree in trees for step in (low, "*") if step in tree]
        if None in below:
            return self._all(value, place, "place that a service declares")
        if isinstance(value, list | dict) and _PROGRAM.match(low) and not _are_rights(name, value):
            return self._program(value, below, place, free=free)
        by_name = names_secret_text
        if chosen:
            by_name = names_secret_tag if parent == "tags" else names_secret_setting
        wrapped = isinstance(value, dict) and _has_value(value)
        if (by_name(name) if _is_texts(value) or wrapped else names_secret(name)) and not _are_rights(name, value):
            if wrapped:
                return self._program(value, below, place, free=free)
            if _is_declaration(name, value):
                return self._value(value, below, place, free=free)
            return self._all(value, place, _NAMED, gently=True)
        if isinstance(value, str) and _PROGRAM_TEXT.match(low) and not chosen:
            return self._all(value, place, "program's text")
        return self._value(value, below, place, free=free or bool(_FREE.match(low)))

    def _program(self, value: Any, trees: list[Tree], place: str, *, free: bool) -> Any:
        """Arguments, and the values of variables: of pairs the names stay, of objects the keys."""
        if isinstance(value, list):
            return [self._program(item, trees, place, free=free) for item in value]
        if isinstance(value, dict):
            pair = any(name.lower() == "name" for name in value) or _has_value(value)
            if not pair and any(isinstance(item, dict | list) for item in value.values()):
                return self._value(value, trees, place, free=free)
            return {
                name: self._argument(item, f"{place}.{name}")
                if not pair or name.lower() in _PAIR
                else self._value(item, trees, f"{place}.{name}", free=free)
                for name, item in value.items()
            }
        return self._argument(value, place)

    def _argument(self, value: Any, place: str) -> Any:
        known = isinstance(value, str) and is_reference(value)
        return value if known else self._all(value, place, "variable or argument")

    def _all(self, value: Any, place: str, form: str, *, gently: bool = False) -> Any:
        """Everything in a value goes; the shape stays. gently: what is no secret by its looks stays."""
        if isinstance(value, list):
            return [self._all(item, place, form, gently=gently) for item in value]
        if isinstance(value, dict):
            # What names a key of a list of keys tells none.
            return {
                name: item if name == "keyName" else self._all(item, _below(place, name, item), form, gently=gently)
                for name, item in value.items()
            }
        if not is_scalar_secret(value):
            return value
        if isinstance(value, str):
            if gently and (is_no_value(value) or is_reference(value) or is_plain_word(value)):
                return value
        elif gently and abs(value) < _LEAST_SECRET_NUMBER:
            return value
        instead = value if is_taken_out(value) else instead_of(_last(place), value)
        if instead != value:
            self._found(Finding(place, form, str(value)))
        return instead

    def _without_hiding(self, text: str, place: str) -> str:
        """Whoever names a thing by a secret may pack it into base64 first; what is in there is known by its form."""
        for start, end in reversed(hiding_words(text, holds_secret)):
            self._found(Finding(place, "secret in base64", text[start:end]))
            text = text[:start] + MARKER + text[end:]
        return text

    def _without_random(self, text: str, place: str) -> str:
        if hides(text, holds_secret):
            self._found(Finding(place, "secret in base64", text))
            return MARKER
        for start, end in reversed(random_words(text)):
            self._found(Finding(place, "text that looks random", text[start:end]))
            text = text[:start] + MARKER + text[end:]
        return text


def property_tells_secret(name: str, value: Any) -> bool:
    """Whether a stored property is a secret by its name."""
    if name.startswith("tag."):
        return names_secret_tag(name.removeprefix("tag."))
    by_name = names_secret_text if _is_texts(value) else names_secret
    return by_name(name) and not _are_rights(name, value)


def is_free(name: str) -> bool:
    """Whether people write what they like in a stored property, so that entropy has a word there."""
    return name.startswith("tag.") or bool(_FREE.match(_last(name)))


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _are_rights(name: str, value: Any) -> bool:
    """What an access policy lets its principal do with secrets ("permissions.secrets") is none itself."""
    if not name.lower().endswith("secrets") or not isinstance(value, list):
        return False
    return all(isinstance(item, str) and item.isalpha() and len(item) < 20 for item in value)


def may_be_json(text: str) -> bool:
    """Whether a text is looked into and not only at, should it be JSON."""
    return text[:1] in _OF_JSON and text.lstrip()[:1] in ("{", "[")


def _has_value(value: dict[str, Any]) -> bool:
    """Whether an object is what wraps a value."""
    return any(name.lower() in _PAIR for name in value)


def _is_declaration(name: str, value: Any) -> bool:
    """Whether what stands under a secret's name tells of secrets and holds none: a parameter's type, the claims of a
    token.
    """
    if isinstance(value, dict):
        return str(value.get("type")).lower() in _DECLARED
    return isinstance(value, list) and name.lower().endswith("token") and all(isinstance(one, dict) for one in value)


def _is_sign_in(parent: str, name: str, value: Any) -> bool:
    """Whether a field of an action's authentication, or of an address's parameters, is a secret."""
    if not isinstance(value, str):
        return False
    if parent == "authentication":
        return name.lower() in _OF_SIGN_IN
    return parent == "queries" and holds_secret(f"?{name}={value}")


def _is_secret_pair(value: dict[str, Any]) -> bool:
    """Whether `name` and `value` stand side by side, and the name tells a secret (a `keyName` always does, and so does
    a type of ARM templates and Data Factory that says of itself that it is one).
    """
    told = {name.lower(): item for name, item in value.items()}
    if "keyname" in told and "value" in told:
        return True
    if str(told.get("type")).lower() in ("securestring", "secureobject"):
        return True
    name = next((told[one] for one in ("name", "key", "settingname") if isinstance(told.get(one), str)), "")
    return bool(name) and _has_value(value) and names_secret_setting(name)


def _below(place: str, name: str, value: Any) -> str:
    """The place of a field of the object at a place."""
    return (f"{place}.{name}" if place else name) + ("[]" if isinstance(value, list) else "")


def _last(place: str) -> str:
    return place.rpartition(".")[2].removesuffix("[]").lower()


_NO_JSON = object()


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NO_JSON
