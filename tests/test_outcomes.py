"""What each end of a step allows: deleting, or calling the run complete."""

from __future__ import annotations

import pytest

from loader.model import Outcome, Quiet, Status


@pytest.mark.parametrize(
    ("outcome", "settled", "accounted"),
    [
        (Outcome(), True, True),
        (Outcome(Status.UNAVAILABLE, "x", Quiet.NOT_OFFERED), True, True),
        (Outcome(Status.UNAVAILABLE, "x", Quiet.RETIRED), True, True),
        (Outcome(Status.UNAVAILABLE, "x", Quiet.NOT_LICENSED), False, True),
        (Outcome(Status.UNAVAILABLE, "x", Quiet.GONE), False, True),
        (Outcome(Status.UNAVAILABLE, "x", Quiet.DISABLED), False, True),
        (Outcome(Status.UNAVAILABLE, "x", Quiet.WITHHELD), False, True),
        *((Outcome(status, "x"), False, False) for status in Status if status is not Status.COMPLETE),
    ],
    ids=lambda one: f"{one.status}-{one.quiet}" if isinstance(one, Outcome) else None,
)
def test_what_an_end_allows(outcome: Outcome, settled: bool, accounted: bool) -> None:
    assert (outcome.settled, outcome.accounted) == (settled, accounted)
