"""What a message says, as a JSON document: the body of webhooks, lines and events, and what templates are given.

Its schema is published as `docs/notify-webhook.schema.json`. A new key may come with any version of azgraph; one that
changes or goes makes another `schema`.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

SCHEMA = "azgraph.notify/1"
SCHEMA_FILE = "notify-webhook.schema.json"
# A message names so many alerts; the others are counted.
MOST_ALERTS = 50
# Longer texts of the tenant are cut; the graph has them whole.
LONGEST_TEXT = 2_000
MOST_VALUES = 40


class Kind(StrEnum):
    """What sort of message it is: one alert, many of one sort as a summary, those of a time as a digest, or a trial."""

    ALERT = "alert"
    SUMMARY = "summary"
    DIGEST = "digest"
    TEST = "test"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")


class RuleFacts(_Part):
    """The rule of an alert."""

    id: str
    title: str = ""
    description: str = Field(default="", description="What is wrong, and why it matters")
    remediation: str = Field(default="", description="What to do about it")
    references: tuple[str, ...] = ()


class Subscription(_Part):
    """Where an entity is."""

    id: str = ""
    name: str = ""


class EntityFacts(_Part):
    """What an alert is about. It may be gone by now."""

    key: str = Field(description="The `_key` of its node: an ARM id in lower case, or the id of the directory's object")
    type: str = ""
    name: str = ""
    web_link: str = Field(default="", description="Where Azure's portal shows it")
    subscription: Subscription = Subscription()


class ChangeFacts(_Part):
    """A change that opened an alert."""

    op: str
    path: str = ""
    before: Any = None
    after: Any = None
    actor: str = Field(default="", description="Who made it, where Azure told and it was one")


class AlertFacts(_Part):
    """An alert and what happened to it."""

    id: str
    event: str = Field(description="opened, reopened, reminded, raised, unmuted, resolved or closed")
    rule: RuleFacts
    severity: str = Field(description="critical, high, medium, low or info")
    state: str = Field(description="open, acknowledged, muted or resolved, when the event happened")
    title: str
    entity: EntityFacts
    owner: str = ""
    values: dict[str, Any] = {}
    times_opened: int = 1
    bucket: int | None = Field(default=None, description="Of an expiry: the days or less that are left")
    opened_at: datetime
    resolved_at: datetime | None = None
    changes: tuple[ChangeFacts, ...] = ()


class Document(_Part):
    """One message."""

    schema_: str = Field(default=SCHEMA, alias="schema", description="The version of this form")
    id: str = Field(description="Names the message for good: what comes twice with one id is one message")
    kind: Kind
    event: str = Field(description="What all its alerts have in common: the event, or `several`")
    at: datetime = Field(description="When the newest of it happened")
    route: str = Field(description="The route of the configuration that led here")
    total: int = Field(ge=0, description="How many alerts it is about")
    severities: dict[str, int] = Field(description="How many of each severity, worst first")
    events: dict[str, int] = Field(description="How many of each event")
    rules: dict[str, int] = Field(description="How many of each rule, the most first; at most 50 rules")
    alerts: tuple[AlertFacts, ...] = Field(description="The worst of them, at most 50")

    @property
    def more(self) -> int:
        """How many alerts are counted and not named."""
        return self.total - len(self.alerts)

    def as_json(self) -> dict[str, Any]:
        """Plain values; the same message gives the same text at any time."""
        return self.model_dump(mode="json", by_alias=True)

    def as_bytes(self) -> bytes:
        """The document as one line of JSON."""
        return json.dumps(self.as_json(), ensure_ascii=True, separators=(",", ":")).encode()


def schema_text() -> str:
    """The JSON schema of the document, as it is published."""
    made = Document.model_json_schema(by_alias=True, mode="serialization")
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = SCHEMA
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def cut(text: str, length: int = LONGEST_TEXT) -> str:
    """The text, or its beginning with a mark that it was longer."""
    return text if len(text) <= length else text[: length - 1] + "…"


def cut_values(values: dict[str, Any]) -> dict[str, Any]:
    """The values of an alert within bounds: texts are cut, what is nested is text."""
    kept = list(values.items())[:MOST_VALUES]
    return {cut(str(name), 100): _plain(value) for name, value in kept}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return cut(value)
    return cut(json.dumps(value, ensure_ascii=False, default=str))
