"""The directory's tasks need nothing of each other, and leave nothing out."""

from __future__ import annotations

from itertools import combinations

import pytest

from loader.azure.transport.buckets import buckets_of
from loader.azure.transport.wire import WireRequest
from loader.model import Graph
from loader.services import entity_types, parents_of
from loader.sync.plan import Plan
from loader.sync.shards import shards


def _calls(name: str) -> list[Graph]:
    one = entity_types()[name]
    return [call for call in (one.fetch, *(detail.call for detail in one.details)) if isinstance(call, Graph)]


def test_each_type_of_the_directory_is_in_one_task() -> None:
    there = {one.type: one for one in Plan(entity_types()).tenant}
    tasks = shards(Plan(entity_types()))
    assert sorted(name for task in tasks for name in task) == sorted(there)
    assert len(tasks) > 3
    for task in tasks:
        parents = {parent for name in task for parent in parents_of(there[name])}
        assert parents & there.keys() <= {*task}
    for task, other in combinations(tasks, 2):
        lists = [there[name].fetch for name in task]
        assert not [name for name in other if there[name].fetch in lists]


def test_limits_of_single_services_are_drawn_on_by_one_task() -> None:
    """Microsoft Graph's limit for the directory is divided among the tasks, its services' own are not."""
    drawing: dict[str, set[int]] = {}
    tasks = shards(Plan(entity_types()))
    for number, task in enumerate(tasks):
        for call in [call for name in task for call in _calls(name)]:
            path = call.builder.replace(".", "/").replace("_", "")
            (bucket,) = buckets_of(WireRequest("GET", f"https://graph.microsoft.com/v1.0/{path}"))
            drawing.setdefault(bucket.name, set()).add(number)
            assert bucket.processes in (1, len(tasks))
            assert bucket.processes == 1 or bucket.name.endswith("directory")
    directory = drawing.pop("graph.microsoft.com, directory")
    assert len(directory) > 1
    assert len(drawing) > 1, "no service was recognized"
    assert [name for name, by in drawing.items() if len(by) > 1] == []


@pytest.mark.parametrize(
    ("names", "tasks"), [(("azure_vm",), []), (("azure_vm", "azure_domain"), [("azure_domain",)]), ((), [])]
)
def test_only_what_is_loaded_is_a_task(names: tuple[str, ...], tasks: list[tuple[str, ...]]) -> None:
    assert shards(Plan({name: entity_types()[name] for name in names})) == tasks
