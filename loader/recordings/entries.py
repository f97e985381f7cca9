"""One entry of a HAR file without its secrets, wherever a browser or a tool may have put them."""

from __future__ import annotations

import base64
from typing import Any

from loader.secrets import MARKER, Cleaning, Finding, Found, Places

Json = dict[str, Any]


def cleaned_entry(entry: Json, places: Places, found: Found) -> Json:
    """The entry with the marker for each secret. found: is told each, its place beginning with the part it stood in.

    entry: one that `exchange_of` could read.
    """
    url = entry["request"]["url"]
    return {
        **_part(Cleaning(places, _within("", found)), {k: v for k, v in entry.items() if k not in _SIDES}),
        "request": _side(entry["request"], "request", url, places, found),
        "response": _side(entry["response"], "response", url, places, found),
    }


_SIDES = ("request", "response")


def _within(part: str, found: Found) -> Found:
    return lambda finding: found(Finding(f"{part}{finding.place}", finding.form, finding.value))


def _part(cleaning: Cleaning, value: Json) -> Json:
    cleaned: Json = cleaning.json(value)
    return cleaned


def _side(side: Json, name: str, url: str, places: Places, found: Found) -> Json:
    """A request or a response: its body, its address, its headers and cookies, and whatever else it has."""
    outer = Cleaning(places, _within(f"{name}.", found))
    inner = Cleaning(places, _within(f"{name} body: ", found))
    special = {"url", "redirectURL", "headers", "cookies", "queryString", "postData", "content"}
    cleaned = {**side, **_part(outer, {key: value for key, value in side.items() if key not in special})}
    for field in ("url", "redirectURL"):
        if isinstance(side.get(field), str):
            cleaned[field] = outer.text(side[field], field)
    cleaned["headers"] = [
        {**one, "value": outer.header(str(one["name"]), str(one["value"]))} for one in side.get("headers") or []
    ]
    for field in ("cookies", "queryString"):
        cleaned[field] = [_pair(one, field, outer, whole=field == "cookies") for one in side.get(field) or []]
    for field in ("postData", "content"):
        if isinstance(side.get(field), dict):
            cleaned[field] = _body(side[field], url, inner)
    return cleaned


def _pair(pair: Json, field: str, cleaning: Cleaning, *, whole: bool) -> Json:
    """A cookie, which signs in and goes as a whole, or a parameter of the address."""
    name, value = str(pair.get("name")), str(pair.get("value") or "")
    if whole:
        return {**pair, "value": cleaning.whole(value, f"{field}.{name}", "cookie")}
    cleaned = cleaning.text(f"?{name}={value}", f"{field}.{name}").removeprefix(f"?{name}=")
    return {**pair, "value": MARKER if cleaned.endswith(MARKER) else cleaned}


def _body(content: Json, url: str, cleaning: Cleaning) -> Json:
    cleaned = dict(content)
    text = content.get("text")
    if isinstance(text, str) and text:
        if content.get("encoding") == "base64":
            decoded = base64.b64decode(text).decode("utf-8", errors="replace")
            shown = cleaning.body(decoded, url)
            cleaned["text"] = text if shown == decoded else base64.b64encode(shown.encode()).decode()
        else:
            cleaned["text"] = cleaning.body(text.removeprefix("\ufeff"), url)
    if isinstance(content.get("params"), list):
        cleaned["params"] = [_pair(one, "params", cleaning, whole=False) for one in content["params"]]
    return cleaned
