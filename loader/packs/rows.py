"""The rows that a check's query gives, read one by one: what is wrong with one of them is that resource's alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from loader.verdicts import Verdict

Row = Mapping[str, Any]
_COLUMNS = ("key", "name", "passed", "reason")
# Of a check with `elsewhere`, optional: the ids of the other subscriptions that the verdict hangs on.
_ELSEWHERE = "elsewhere"


@dataclass(slots=True)
class Said:
    """What a check said of its resources, by their keys. failure: why it said nothing that counts at all.

    elsewhere: the other subscriptions on which the verdict of a resource hangs, where its row names them.
    """

    verdicts: dict[str, tuple[Verdict, str]] = field(default_factory=dict)
    elsewhere: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failure: str | None = None

    def of(self, key: str) -> tuple[Verdict, str]:
        """The verdict of a resource, and the sentence that says why."""
        return self.verdicts.get(key, (Verdict.NOT_EVALUATED, "The check said nothing about it."))


def read_rows(owner: str, rows: Iterable[Row]) -> Said:
    """The verdicts in the rows. owner: the check, for sentences.

    A row without a key speaks of nobody; a resource with two rows, without true, false or null, or without a sentence
    has no verdict.
    """
    said = Said()
    for row in rows:
        lacking = [name for name in _COLUMNS if name not in row]
        if lacking:
            return Said(failure=f"{owner} does not return the column {lacking[0]!r}.")
        key = row["key"]
        if not isinstance(key, str):
            continue
        if key in said.verdicts:
            said.verdicts[key] = Verdict.NOT_EVALUATED, f"{owner} speaks of it twice; it must give one verdict."
        else:
            said.verdicts[key] = _verdict(owner, row["passed"], row["reason"])
        if isinstance(row.get(_ELSEWHERE), list):
            said.elsewhere[key] = tuple(str(one) for one in row[_ELSEWHERE])
    return said


def _verdict(owner: str, passed: object, reason: object) -> tuple[Verdict, str]:
    if passed is not None and not isinstance(passed, bool):
        return Verdict.NOT_EVALUATED, f"{owner} must say true, false or null of it, and says {passed!r}."
    if not isinstance(reason, str) or not reason.strip():
        return Verdict.NOT_EVALUATED, f"{owner} gives no sentence for it."
    return {True: Verdict.PASS, False: Verdict.FAIL, None: Verdict.NOT_EVALUATED}[passed], reason
