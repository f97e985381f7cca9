"""The plan of a run as people read it; what it is made of is tried in tests/e2e/test_parts_of_a_run.py."""

from __future__ import annotations

import pytest

from loader.cli.planned import _print
from loader.model import Arm, Graph
from loader.services import entity_types
from loader.sync.about import About
from loader.sync.choosing import choose
from loader.sync.planning import Planned, PlannedStep, plan_run
from loader.sync.standing import Subscriptions

SHOP = {"subscriptionId": "aaaaaaaa-0000-4000-8000-000000000001", "displayName": "Sh[red]op\n`", "state": "Warned"}


def planned(*only: str) -> Planned:
    about = About(choose([SHOP], only=only), Subscriptions(loaded=[SHOP]), {})
    return plan_run(about, "tenant", None)


def test_a_first_plan_says_that_it_guesses(capsys: pytest.CaptureFixture[str]) -> None:
    told = planned("azure_storage_account", "azure_user")
    _print(told)
    said = capsys.readouterr().out
    assert "or more" in said
    assert "Sh[red]op" in said
    said = " ".join(said.split())
    assert "They are not enabled in Azure" in said
    assert "more: It is left out by --only or --skip." in said


def test_the_slowest_of_azures_limits_decides() -> None:
    """Lists of storage accounts, 100 in 5 minutes, are slower than 25 reads a second."""
    told = planned("azure_storage_account")
    assert "lists of microsoft.storage" in told.bucket
    assert told.seconds == pytest.approx(3, rel=0.5)
    assert planned("azure_user_registration_details").bucket.endswith("reports")


def test_the_plan_says_what_bounds_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    limited = planned("azure_storage_account")
    _print(limited)
    assert "What bounds the run is that limit of Azure's." in " ".join(capsys.readouterr().out.split())
    assert limited.as_json()["boundBy"] == "azure"
    # Five thousand calls of directories and vaults come quicker than one core follows.
    quick = Planned([], [PlannedStep("azure_user", 1, 5_000, True, "")], seconds=10.0, bucket="graph, directory")
    _print(quick)
    said = " ".join(capsys.readouterr().out.split())
    assert "They take about 20 s of one core. What bounds the run is the processor." in said
    assert quick.as_json()["boundBy"] == "processor"


def test_the_plan_says_whether_the_inventory_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    about = About(choose([SHOP]), Subscriptions(loaded=[SHOP]), {})
    for inventory, words in ((True, "are asked only where"), (False, "every list is asked")):
        told = plan_run(about, "tenant", None, inventory=inventory)
        _print(told)
        assert words in " ".join(capsys.readouterr().out.split())
        assert (told.as_json()["askedByInventory"] > 60) is inventory
    # A run of a few types reads no inventory for them.
    assert planned("azure_vm").spared == 0


def test_every_step_with_a_call_is_planned() -> None:
    told = planned()
    calls = {name for name, one in entity_types().items() if isinstance(one.fetch, Arm | Graph)}
    assert calls <= {one.step for one in told.steps}
    assert told.calls == sum(one.calls for one in told.steps) >= len(told.steps)
    assert not told.known
