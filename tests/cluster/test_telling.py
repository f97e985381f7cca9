"""What a worker tells while it loads is heard as it was told."""

from __future__ import annotations

import json

import pytest

from loader.azure.transport.gates import Throttling
from loader.cluster.work import heard, told_of
from loader.model import Quiet, Status
from loader.sync import StepReport
from loader.sync.elsewhere import Sent

SENT = Sent("host 1", 7, 6, 1, 2, (Throttling("arm, reads", 1, 2.5),), {"arm, reads": 3.0})
STEPS = [
    StepReport("azure_vnet", "a", Status.COMPLETE, "", 2, 40, 1.5),
    StepReport("azure_vm", "a", Status.SKIPPED, "left out", 0, 0, 0.0, quiet=Quiet.LEFT_OUT),
]


@pytest.mark.parametrize("sent", [SENT, None])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_it_is_heard_as_it_was_told(step: StepReport, sent: Sent | None) -> None:
    assert heard(json.loads(json.dumps(told_of(step, sent)))) == (step, sent)


def test_what_no_display_shows_does_not_travel() -> None:
    step = StepReport("azure_vm.view", "a", Status.FAILED, "why", 9, 9, 0.0, unknown=tuple(map(str, range(1_000))))
    assert len(json.dumps(told_of(step, None))) < 500
