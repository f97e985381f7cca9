"""What the YAML library is made of: queries, checks and packs, as `docs/queries-and-packs.md` describes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from loader.library.example_format import CheckExample, QueryExample
from loader.library.overridden import Overridable
from loader.library.parameters import Given, Parameter
from loader.library.severity import DeclaredSeverity, Risk
from loader.mistakes import matching
from loader.spans import span
from loader.verdicts import Severity
from loader.yaml_reader import Strict

Id = Annotated[
    str, matching(r"^[a-z0-9]+([.-][a-z0-9]+)*$", "write small letters and digits, with dots or dashes between them")
]
Text = Annotated[str, matching(r"\S", "this must not be empty")]
Question = Annotated[str, matching(r"\?$", "this is a question, so end it with `?`")]
Reference = Annotated[str, matching(r"^https://", "write an address that begins with https://")]


class Query(Overridable):
    """A named Cypher question. cypher: the table; graph: the same as paths to look at in Browser.

    needs: what must be loaded for an honest answer, entity types and details (`type.detail`).
    identity: the columns that tell one row from another for good; alerts are keyed by them.
    """

    id: Id
    title: Question
    area: Id
    description: Text | None = None
    needs: Annotated[list[str], Field(min_length=1)]
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    cypher: Text
    graph: Text | None = None
    identity: Annotated[list[str], Field(min_length=1)]
    examples: Annotated[list[QueryExample], Field(min_length=1)]

    @property
    def texts(self) -> dict[str, str]:
        """Its Cypher texts by the key they stand under."""
        return {"cypher": self.cypher} | ({"graph": self.graph} if self.graph else {})


class Population(Strict):
    """Which resources of the type a check is about. where: a Cypher predicate over `resource`; meaning: in words."""

    where: Text
    meaning: Text


class Remediation(Strict):
    """How to put it right, in the portal and with the `az` command line."""

    portal: Text
    az: Text | None = None


class Check(Overridable):
    """A query that gives each resource of its population a verdict.

    resource: the entity type(s) it is about; population narrows them. cypher returns `key`, `name`, `passed` (true,
    false, or null for "cannot tell") and `reason` for every resource of the population. Its severity is written down,
    or follows from its risk. doubts: what can only take a pass away, where it was not loaded whole; where no run ever
    asked for it nobody doubts. elsewhere: those of its needs and doubts that may stand in another subscription of the
    tenant than the resource; nothing passes where one of them was not loaded whole there. max_age: how old what it
    reads of a step may be, whenever it is asked; a resource of which it is older is not evaluated.
    """

    id: Id
    title: Text
    risk: Risk | None = None
    severity: DeclaredSeverity
    description: Text | None = None
    resource: Annotated[list[str], BeforeValidator(lambda one: [one] if isinstance(one, str) else one)]
    population: Population | None = None
    needs: list[str] = Field(default_factory=list)
    doubts: list[str] = Field(default_factory=list)
    elsewhere: list[str] = Field(default_factory=list)
    max_age: dict[str, Annotated[timedelta, BeforeValidator(span)]] = Field(default_factory=dict)
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    cypher: Text
    remediation: Remediation
    references: list[Reference] = Field(default_factory=list)
    examples: Annotated[list[CheckExample], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _severity_follows_from_the_risk(cls, written: Any) -> Any:
        if not isinstance(written, dict) or "risk" not in written:
            return written
        if "severity" in written:
            raise ValueError("say `risk` or `severity`: one follows from the other")
        try:
            return {**written, "severity": Risk.model_validate(written["risk"]).severity}
        except ValidationError:
            return {**written, "severity": Severity.INFO}  # the risk itself is refused, by its line

    @model_validator(mode="after")
    def _parameters_have_defaults(self) -> Self:
        for name, parameter in self.parameters.items():
            if parameter.default is None:
                raise ValueError(f"the parameter {name!r} of a check needs a default")
        return self

    @model_validator(mode="after")
    def _needs_what_may_stand_elsewhere(self) -> Self:
        for step in self.elsewhere:
            if step not in (*self.needs, *self.doubts):
                raise ValueError(f"{step!r} stands under `elsewhere` and not under `needs` or `doubts`")
        return self

    @property
    def population_cypher(self) -> str:
        """The query that lists the population: `key`, `name`, `scope`, `link`."""
        where = f" AND ({self.population.where.strip()}\n)" if self.population else ""
        return (
            f"MATCH (resource:{'|'.join(self.resource)})\n"
            f"WHERE resource._key IS NOT NULL AND coalesce(resource._stub, false) = false{where}\n"
            "RETURN resource._key AS key, coalesce(resource.displayName, resource.name, resource._key) AS name,\n"
            "  resource._scope AS scope, resource.webLink AS link"
        )

    @property
    def texts(self) -> dict[str, str]:
        """Its Cypher texts by the key they stand under."""
        return {"cypher": self.cypher} | ({"population": self.population_cypher} if self.population else {})


class Use(Strict):
    """A check as a control uses it. parameters: what the check is set to there."""

    check: Id
    parameters: dict[str, Given] = Field(default_factory=dict)


class Control(Overridable):
    """One requirement of a pack, answered in one of four ways.

    check: the check that evaluates it (parameters: what it is set to here); checks: the same for several; manual: what
    a person must look at, because no API tells; pending: the data that a check would read, where there is no check yet.
    remains: what a person must still look at beside the checks. level, assessment: as the benchmark has them, if any.
    """

    id: Text
    title: Text
    level: int | None = None
    assessment: Literal["automated", "manual"] | None = None
    check: Id | None = None
    parameters: dict[str, Given] = Field(default_factory=dict)
    checks: list[Annotated[Use, BeforeValidator(lambda one: {"check": one} if isinstance(one, str) else one)]] = Field(
        default_factory=list
    )
    remains: Text | None = None
    manual: Text | None = None
    pending: Text | None = None

    @model_validator(mode="after")
    def _answered_in_one_way(self) -> Self:
        ways = [name for name in ("check", "checks", "manual", "pending") if getattr(self, name)]
        if len(ways) != 1:
            raise ValueError(f"control {self.id} needs exactly one of check, checks, manual and pending")
        if self.remains and not self.uses:
            raise ValueError(f"control {self.id} says what remains, but has no check")
        if self.parameters and not self.check:
            raise ValueError(f"control {self.id} has parameters, but no check")
        for index, use in enumerate(self.checks):
            if use in self.checks[:index]:
                raise ValueError(f"control {self.id} uses the check {use.check} the same way twice")
        return self

    @property
    def uses(self) -> list[Use]:
        """Every check that evaluates it, with what it is set to here."""
        return [Use(check=self.check, parameters=self.parameters)] if self.check else self.checks


class Section(Strict):
    """A part of a pack: its own sections, then its own controls, in the benchmark's order."""

    id: Text
    title: Text
    sections: list[Section] = Field(default_factory=list)
    controls: list[Control] = Field(default_factory=list)

    @property
    def heading(self) -> str:
        """What people read: number and title."""
        return f"{self.id} {self.title}"


class Pack(Overridable):
    """A tree of sections that refers to checks.

    source: where the requirements are from; licence: on what terms they stand here. meanings: a sentence that begins
    the reason of controls with this verdict, where it means something of its own.
    """

    id: Id
    version: Text
    title: Text
    source: Text
    licence: Text | None = None
    description: Text | None = None
    meanings: dict[Literal["fail", "pass"], Text] = Field(default_factory=dict)
    sections: Annotated[list[Section], Field(min_length=1)]

    def controls(self) -> Iterator[tuple[Section, Control]]:
        """Every control with the section it stands in, in the benchmark's order."""
        return ((section, control) for _, section, control in self.places())

    def lineage(self, place: tuple[int | str, ...]) -> list[Section]:
        """The sections above a place, from the chapter of the benchmark down to the section that holds the control."""
        found: list[Section] = []
        for number in place[1:-2:2]:
            above = found[-1].sections if found else self.sections
            found.append(above[int(number)])
        return found

    def places(self) -> Iterator[tuple[tuple[int | str, ...], Section, Control]]:
        """The same with where each stands in the YAML: ("sections", 0, "controls", 3)."""

        def walk(
            sections: list[Section], place: tuple[int | str, ...]
        ) -> Iterator[tuple[tuple[int | str, ...], Section, Control]]:
            for number, section in enumerate(sections):
                here = (*place, "sections", number)
                yield from walk(section.sections, here)
                for index, control in enumerate(section.controls):
                    yield (*here, "controls", index), section, control

        return walk(self.sections, ())
