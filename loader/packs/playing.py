"""Plays the examples of checks: each resource of it has the verdict that is said, and no other has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loader.coverage import Coverage
from loader.library.definitions import Check
from loader.library.example_format import CheckExample
from loader.library.examples import place_example
from loader.packs.check_verdicts import evaluate_check
from loader.verdicts import Verdict

if TYPE_CHECKING:
    from loader.graph import Database


def play_check(database: Database, check: Check, example: CheckExample) -> list[str]:
    """Puts the example into the empty database and evaluates the check; gives what is wrong, as clauses.

    Raises UsageError for an example that cannot be put there, and for parameters that the check does not take.
    """
    keys = place_example(database, example, [*check.resource, *check.needs, *check.doubts], check.texts.values())
    result = evaluate_check(database, check, Coverage.read(database), example.parameters)
    aliases = {key: alias for alias, key in keys.items()}
    told = {aliases[one.key]: one for one in result.resources if one.key in aliases}
    faults = []
    for verdict, expected in (
        (Verdict.PASS, example.passes),
        (Verdict.FAIL, example.fails),
        (Verdict.NOT_EVALUATED, example.not_evaluated),
    ):
        for alias, words in expected.items():
            one = told.pop(alias, None)
            if one is None:
                faults.append(f"{alias} must be {verdict} and is no resource of the check")
            elif one.verdict is not verdict:
                faults.append(f"{alias} must be {verdict} and is {one.verdict}: {one.reason}")
            elif words not in one.reason:
                faults.append(f"the reason of {alias} must say {words!r} and is: {one.reason}")
            elif not one.reason.endswith("."):
                faults.append(f"the reason of {alias} must be a sentence that ends with a full stop: {one.reason}")
    return faults + [f"{alias}, which the example does not name, is {one.verdict}" for alias, one in told.items()]
