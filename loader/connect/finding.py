"""What `azgraph doctor` finds: one thing that was tested, how it is, and what mends it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from loader.errors import ExitCode


class State(StrEnum):
    """FINE; MISSING: a right is not there, or only in part; UNTESTED: it could not be told; FAILED: nothing works."""

    FINE = "fine"
    MISSING = "missing"
    UNTESTED = "untested"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. subject: what was tested; says: how it is, in sentences; command: the one that mends it.

    topic: the heading in docs/troubleshooting.md; steps: what is not loaded for it; answers: what is not answered then.
    """

    subject: str
    state: State
    says: str
    command: str = ""
    topic: str = ""
    steps: tuple[str, ...] = ()
    answers: Unanswered | None = None

    def as_json(self) -> dict[str, Any]:
        """The object of `azgraph doctor --format json`."""
        lost = self.answers or Unanswered()
        return {
            "subject": self.subject,
            "state": str(self.state),
            "says": self.says,
            "command": self.command,
            "help": f"docs/troubleshooting.md#{anchor(self.topic)}" if self.topic else "",
            "steps": list(self.steps),
            "types": list(lost.types),
            "checks": list(lost.checks),
            "rules": list(lost.rules),
        }


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What is not known for want of some steps: entity types, checks and alert rules, by name."""

    types: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def in_words(self) -> str:
        """As a sentence; empty where nothing is lost."""
        parts = []
        for word, names in (("type", self.types), ("check", self.checks), ("rule", self.rules)):
            if names:
                few = ", ".join(names[:3]) + (", …" if names[3:] else "")
                parts.append(f"{len(names)} {word if len(names) == 1 else f'{word}s'} ({few})")
        return f"Not answered for it: {'; '.join(parts)}." if parts else ""


@dataclass(slots=True)
class Diagnosis:
    """All findings, in the order of testing."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """4 where there is no sign-in or no database, 3 where anything is missing or was not tested."""
        states = {one.state for one in self.findings}
        if State.FAILED in states:
            return ExitCode.UNREACHABLE
        return ExitCode.PARTIAL if states & {State.MISSING, State.UNTESTED} else ExitCode.FINE

    def as_json(self) -> dict[str, Any]:
        """The object of `azgraph doctor --format json`."""
        return {"exitCode": int(self.exit_code), "findings": [one.as_json() for one in self.findings]}

    def add(self, findings: Iterable[Finding]) -> None:
        """Keeps more findings."""
        self.findings.extend(findings)


def few(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    return f"{', '.join(names[:most])}{f' and {len(names) - most} more' if names[most:] else ''}"


def anchor(topic: str) -> str:
    """A heading's address in its page."""
    return topic.lower().replace(" ", "-")
