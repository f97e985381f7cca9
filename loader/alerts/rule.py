"""What a rule is: a reading Cypher query with a severity, and the way its findings live.

One YAML file of `alertrules/` is one `Rule`; `docs/alert-rules.md` describes the format.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from loader.alerts.example_format import ExampleChange, RuleExample, Then
from loader.library.cypher import tokens
from loader.library.definitions import Id, Reference, Text
from loader.library.overridden import Overridable
from loader.library.parameters import Given, Parameter
from loader.library.severity import DeclaredSeverity
from loader.verdicts import Severity
from loader.yaml_reader import Strict

# Parameters that evaluation gives to every query: the moment, the run after which changes count, the widest bucket.
GIVEN = ("now", "sinceSeq", "days")
_DAYS = re.compile(r"^(\d+)d$")
_HOURS = re.compile(r"^(\d+)([hdw])$")
# How Azure's services call what is `info` here.
_OTHER_WORDS = {"informational": "info", "information": "info"}
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Kind(StrEnum):
    """How the findings of a rule live.

    state: true as long as the query returns it; change: something a run recorded, closed after a while by itself;
    expiry: a state with a due time, whose urgency grows in buckets of days.
    """

    STATE = "state"
    CHANGE = "change"
    EXPIRY = "expiry"


class Bucket(Strict):
    """A reminder of an expiry rule: from `days` before the due time on, with its own severity. 0 is the due time."""

    days: Annotated[int, Field(ge=0)]
    severity: DeclaredSeverity


class Threshold(Strict):
    """Raises the severity of a finding whose number in `column` is `at_least` this."""

    column: Text
    at_least: int | float
    severity: DeclaredSeverity


class TagOwner(Strict):
    """The owner is what this tag says: of the entity, else of what it is in. Azure does not tell its case apart."""

    tag: Text


class First(StrEnum):
    """What a rule's first evaluation of an area finds: a baseline that nobody is told of, or alerts like any other."""

    BASELINE = "baseline"
    OPEN = "open"


def _read_hours(written: object) -> object:
    match = _HOURS.match(written) if isinstance(written, str) else None
    if match is None:
        raise ValueError("this must be a time such as 12h, 1d or 1w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Every = Annotated[timedelta, BeforeValidator(_read_hours), PlainSerializer(lambda one: f"{one.total_seconds():g} s")]


def _read_days(written: object) -> object:
    match = _DAYS.match(written) if isinstance(written, str) else None
    if match is None:
        raise ValueError("this must be a number of days, such as 14d")
    return timedelta(days=int(match[1]))


Days = Annotated[timedelta, BeforeValidator(_read_days), PlainSerializer(lambda one: f"{one.days}d")]


class Rule(Overridable):
    """One rule of the library.

    needs: entity types, and details as `type.detail`, that must be loaded whole before a finding may be resolved.
    identity: the columns that tell one finding from another for good. cypher returns `entity` (the `_key` the alert
    is about), for a change rule also `seq` (the run that recorded the change), for an expiry rule also `due` (a
    datetime); every other column is a value of the alert. message: the alert's title, where `{column}` is a value.
    query: a query of the library in place of `cypher`; columns: which of its columns is which of the rule's; given:
    values of its parameters. What it needs and what tells its rows apart are the query's own.
    buckets: of an expiry rule. close_after: of a change rule, after how many days its alerts close by themselves.
    thresholds: numbers that raise the severity; severity_from: the column that has it, where each row has its own.
    owner: of its alerts, else what the tag `owner` says. every: evaluated at most that often. enabled: on or off
    whatever packs are chosen. also: what Azure's own services call the same, so that it is told once; said_in: of a
    rule over their findings, the columns in which those names stand. formerly: the ids of rules that this one stands
    for since they are gone; their alerts are closed when it is evaluated.
    """

    id: Id
    title: Text
    severity: DeclaredSeverity
    kind: Annotated[Kind, Field(strict=False)]
    description: Text
    remediation: Text
    references: list[Reference] = Field(default_factory=list)
    needs: list[str] = Field(default_factory=list)
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    identity: list[Text] = Field(default_factory=list)
    message: Text | None = None
    buckets: list[Bucket] = Field(default_factory=list)
    close_after: Days | None = None
    cypher: str = ""
    query: Id | None = None
    columns: dict[Text, Text] = Field(default_factory=dict)
    given: dict[Text, Given] = Field(default_factory=dict)
    thresholds: list[Threshold] = Field(default_factory=list)
    severity_from: Text | None = None
    owner: Text | TagOwner | None = None
    every: Every | None = None
    first: Annotated[First, Field(strict=False)] = First.BASELINE
    enabled: bool | None = None
    also: list[Text] = Field(default_factory=list)
    said_in: list[Text] = Field(default_factory=list)
    formerly: list[Id] = Field(default_factory=list)
    examples: Annotated[list[RuleExample], Field(min_length=1)]

    def bucket_of(self, days_left: float) -> Bucket | None:
        """The narrowest bucket that a due time falls into; None where it is farther away than all of them."""
        reached = [bucket for bucket in self.buckets if days_left <= bucket.days]
        return min(reached, key=lambda bucket: bucket.days, default=None)

    def severity_of(self, values: Mapping[str, object]) -> Severity:
        """The severity of a finding with these values: the worst of the rule's own and what its thresholds say."""
        base = self.severity
        if self.severity_from is not None:
            told = str(values.get(self.severity_from) or "").lower()
            base = next((one for one in Severity if one == _OTHER_WORDS.get(told, told)), base)
        reached = [
            one.severity
            for one in self.thresholds
            if isinstance(number := values.get(one.column), int | float) and number >= one.at_least
        ]
        return min((base, *reached), key=lambda one: one.rank)

    def faults(self) -> Iterator[tuple[str, str]]:
        """What does not fit together: the key at which to look, and the reason."""
        if (self.kind is Kind.EXPIRY) != bool(self.buckets):
            yield "buckets", "`buckets` belong to expiry rules, and every expiry rule has some"
        if (self.kind is Kind.CHANGE) != (self.close_after is not None):
            yield "close_after", "`close_after` belongs to change rules, and every change rule has one"
        yield from self._faults_of_source()
        yield from self._faults_of_severity()
        used = _parameters_in(self.cypher)
        if self.kind is Kind.CHANGE and "sinceSeq" not in used:
            yield "cypher", "the query of a change rule must use $sinceSeq, or it reads every change there ever was"
        for name, parameter in self.parameters.items():
            if name in GIVEN:
                yield "parameters", f"the parameter {name!r} is given by evaluation and cannot be declared"
            if parameter.default is None:
                yield "parameters", f"the parameter {name!r} of a rule needs a default"
            if name not in used:
                yield "parameters", f"the parameter {name!r} is declared but the query does not use it"
        for name in sorted(used - {*GIVEN, *self.parameters}):
            yield "cypher", f"the query uses ${name}, which is not declared under `parameters`"
        yield from (("message", fault) for fault in _faults_of_message(self.message or ""))
        if not any(example.opens for example in self.examples) or not any(one.not_ for one in self.examples):
            yield "examples", "they must show something that opens an alert, and a near miss under `not` that does not"

    def _faults_of_source(self) -> Iterator[tuple[str, str]]:
        if bool(self.cypher.strip()) == bool(self.query):
            yield (
                "query" if self.query else "cypher",
                "a rule has a `cypher` of its own or names a `query`: one of both",
            )
        if self.query is None:
            for key in ("needs", "identity"):
                if not getattr(self, key):
                    yield key, f"a rule with a `cypher` of its own says its `{key}`"
            for key in ("columns", "given"):
                if getattr(self, key):
                    yield key, f"`{key}` belongs to a rule that names a `query`"
            return
        if self.kind is Kind.CHANGE:
            yield "query", "a query of the library does not tell what changed since; write the rule's own `cypher`"
        if self.parameters:
            yield "parameters", "the parameters are the query's own; `given` sets them"
        if self.needs:
            yield "needs", "what a query needs is its own"

    def _faults_of_severity(self) -> Iterator[tuple[str, str]]:
        if self.kind is Kind.EXPIRY and (self.thresholds or self.severity_from):
            yield "thresholds" if self.thresholds else "severity_from", "the severity of an expiry rule is its buckets'"
        for one in self.thresholds:
            if one.severity.rank >= self.severity.rank:
                yield "thresholds", f"{one.severity} is no worse than the rule's own severity, {self.severity}"


def _parameters_in(cypher: str) -> set[str]:
    """The names after `$`, outside of texts and comments."""
    found = tokens(cypher)
    return {after.text.strip("`") for sign, after in pairwise(found) if sign.text == "$"}


def _faults_of_message(message: str) -> Iterator[str]:
    """A message may name columns and nothing else: no attributes, no format codes."""
    try:
        fields = list(string.Formatter().parse(message))
    except ValueError as error:
        yield f"the message is not well formed: {error}"
        return
    for _, name, code, conversion in fields:
        if name is not None and (not name.isidentifier() or code or conversion):
            yield f"the message may only hold columns as {{column}}, not {{{name}}}"


__all__ = ["GIVEN", "Bucket", "Days", "ExampleChange", "Kind", "Rule", "RuleExample", "Severity", "Then"]
