"""Parts of a pack: which controls, which resources, which verdicts; and what nobody has is refused with the nearest."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.coverage import Coverage
from loader.errors import UsageError
from loader.graph import Database
from loader.library import Check, Library, Pack, Severity
from loader.library.example_format import CheckExample
from loader.library.examples import place_example, subscription_id
from loader.packs import PackResult, Verdict, evaluate_pack
from loader.packs.selection import Selection, words

pytestmark = pytest.mark.packs


def check(name: str, entity_type: str, severity: str) -> Check:
    return Check.model_validate(
        {
            "id": name,
            "title": name,
            "severity": severity,
            "resource": entity_type,
            "cypher": f"MATCH (one:{entity_type}) "
            "RETURN one._key AS key, one.name AS name, one.good AS passed, 'So.' AS reason",
            "remediation": {"portal": "Make it good."},
            "examples": [{"name": "none", "graph": {}}],
        }
    )


CHECKS = [
    check("vm-good", "azure_vm", "high"),
    check("store-good", "azure_storage_account", "low"),
    check("user-good", "azure_user", "medium"),
]
LIBRARY = Library(
    checks={one.id: one for one in CHECKS},
    files={
        ("check", one.id): Path(f"queries/checks/{folder}/{one.id}.yaml")
        for one, folder in zip(CHECKS, ("compute", "storage", "identity"), strict=True)
    },
)
PACK = Pack.model_validate(
    {
        "id": "p",
        "version": "1",
        "title": "P",
        "source": "Contoso",
        "sections": [
            {
                "id": "1",
                "title": "Machines",
                "sections": [
                    {
                        "id": "1.1",
                        "title": "Hosts",
                        "controls": [{"id": "1.1.1", "title": "A", "level": 1, "check": "vm-good"}],
                    }
                ],
            },
            {
                "id": "2",
                "title": "The rest",
                "controls": [
                    {"id": "2.1", "title": "B", "level": 2, "checks": ["store-good", "vm-good"]},
                    {"id": "2.2", "title": "C", "level": 1, "manual": "Look."},
                    {"id": "2.3", "title": "D", "level": 1, "check": "user-good"},
                ],
            },
        ],
    }
)
GROUP = "/subscriptions/{}/resourcegroups/web"


def node(entity_type: str, good: bool = True, **properties: object) -> dict[str, object]:
    subscription = properties.pop("subscription", "one")
    return {"type": entity_type, "subscription": subscription, "properties": {"good": good} | properties}


@pytest.fixture
def shop(database: Database) -> Database:
    """Two subscriptions; a failing machine in a group, tagged; stores in both, those of the second not read."""
    one = subscription_id("one")
    graph = {
        "one": node("azure_subscription", name="Contoso Production"),
        "two": node("azure_subscription", name="Contoso Test", subscription="two"),
        "web": node("azure_resource_group", _key=GROUP.format(one), name="Web"),
        "vm-web": node("azure_vm", False, _key=GROUP.format(one) + "/vm-web", **{"tag.Owner": "Ana"}),
        "vm-old": node("azure_vm", True, **{"tag.owner": "Bo"}),
        "vm-far": node("azure_vm", True, subscription="two"),
        "st": node("azure_storage_account", True, _key=GROUP.format(one) + "/st"),
        "ana": node("azure_user", False),
    }
    scopes = {"azure_storage_account": {"status": "forbidden", "subscription": "two"}}
    example = CheckExample.model_validate({"name": "shop", "graph": {"nodes": graph}, "scopes": scopes})
    needs = ("azure_vm", "azure_storage_account", "azure_user", "azure_subscription")
    place_example(database, example, needs)
    return database


def part(database: Database, **wanted: object) -> PackResult:
    selection = Selection(**wanted)
    coverage = Coverage.read(database)
    narrow = selection.of_graph(database, coverage)
    result = evaluate_pack(database, LIBRARY, selection.of_pack(PACK, LIBRARY), coverage=coverage)
    return selection.listed(narrow(result), 4)


def told(result: PackResult) -> dict[str, tuple[str, list[str]]]:
    return {one.id: (one.verdict.value, [resource.name for resource in one.resources]) for one in result.controls}


def chosen(**wanted: object) -> list[tuple[str, list[str]]]:
    pack = Selection(**wanted).of_pack(PACK, LIBRARY)
    return [(control.id, [use.check for use in control.uses]) for _, control in pack.controls()]


def test_controls_are_chosen_before_anything_is_asked():
    assert [name for name, _ in chosen(control=["1.1.1", "2.2"])] == ["1.1.1", "2.2"]
    assert [name for name, _ in chosen(section=["1"])] == ["1.1.1"]
    assert [name for name, _ in chosen(section=["the  REST"])] == ["2.1", "2.2", "2.3"]
    assert [name for name, _ in chosen(level=[1])] == ["1.1.1", "2.2", "2.3"]
    assert chosen(severity=[Severity.HIGH]) == [("1.1.1", ["vm-good"]), ("2.1", ["vm-good"])]
    assert chosen(service=["storage", "identity"]) == [("2.1", ["store-good"]), ("2.3", ["user-good"])]
    assert chosen(service=["compute"], section=["2"]) == [("2.1", ["vm-good"])]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"control": ["1.1.2"]}, r"p has no control '1\.1\.2'\. Perhaps: 1\.1\.1"),
        ({"control": ["1.1"]}, r"It is a section: --section 1\.1"),
        ({"section": ["Host"]}, "Perhaps: Hosts"),
        ({"level": [3]}, "no level '3'. There are: 1, 2"),
        ({"service": ["storag"]}, "Perhaps: storage"),
        ({"severity": [Severity.INFO]}, "No control of p is all of this: severity info"),
        ({"control": ["2.2"], "service": ["storage"]}, "control 2.2; service storage"),
    ],
)
def test_what_the_pack_does_not_have_is_refused(wanted, reason):
    with pytest.raises(UsageError, match=reason):
        Selection(**wanted).of_pack(PACK, LIBRARY)


def test_resources_are_chosen_by_where_they_are_and_their_controls_judged_anew(shop):
    two = subscription_id("two")
    assert told(part(shop, subscription=["contoso test"])) == {
        "1.1.1": ("pass", ["vm-far"]),
        "2.1": ("not-evaluated", ["Contoso Test", "vm-far"]),
    }
    assert told(part(shop, subscription=[two])) == told(part(shop, subscription=["Contoso Test"]))
    in_group = {"1.1.1": ("fail", ["vm-web"]), "2.1": ("fail", ["vm-web", "st"])}
    assert told(part(shop, resource_group=["web"])) == in_group
    assert told(part(shop, resource=["Web"])) == in_group
    assert told(part(shop, resource=["VM-OLD"])) == {"1.1.1": ("pass", ["vm-old"]), "2.1": ("pass", ["vm-old"])}
    assert told(part(shop, resource=["ana"])) == {"2.3": ("fail", ["ana"])}


def test_tags_are_those_of_any_spelling_and_what_nobody_has_read_may_have_any(shop):
    result = part(shop, tag=["OWNER=Ana"])
    assert told(result) == {"1.1.1": ("fail", ["vm-web"]), "2.1": ("fail", ["vm-web", "Contoso Test"])}
    both = part(shop, tag=["owner"], control=["1.1.1"])
    assert told(both) == {"1.1.1": ("fail", ["vm-web", "vm-old"])}
    assert both.controls[0].reason == "1 of 2 fail."


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (
            {"subscription": ["Contoso Prod"]},
            "no subscription 'Contoso Prod' in the graph. Perhaps: Contoso Production",
        ),
        ({"resource_group": ["wep"]}, "Perhaps: Web"),
        ({"resource": ["vm-wep"]}, "Perhaps: vm-web"),
        ({"tag": ["Ownr"]}, "a tag 'Ownr'. Perhaps: Owner"),
        ({"tag": ["Owner=Anna"]}, "No tag 'Owner' in the graph has the value 'Anna'. Perhaps: Ana"),
        ({"resource": ["x' OR true //`"]}, "There is no resource"),
    ],
)
def test_what_the_graph_does_not_have_is_refused(shop, wanted, reason):
    with pytest.raises(UsageError, match=reason):
        part(shop, **wanted)


def test_verdicts_choose_what_is_listed_and_not_what_is_judged(shop):
    whole, failing = part(shop), part(shop, verdict=[Verdict.FAIL])
    assert told(failing) == {
        "1.1.1": ("fail", ["vm-web"]),
        "2.1": ("fail", ["vm-web"]),
        "2.3": ("fail", ["ana"]),
    }
    assert failing.summary == whole.summary
    assert told(part(shop, verdict=[Verdict.MANUAL])) == {"2.2": ("manual", [])}
    passing = part(shop, verdict=[Verdict.PASS])
    assert {name: resources for name, (_, resources) in told(passing).items()} == {
        "1.1.1": ["vm-far", "vm-old"],
        "2.1": ["vm-far", "vm-old", "st"],
    }
    assert (passing.findings(Severity.INFO), len(failing.findings(Severity.INFO))) == ([], 3)


def test_a_part_says_that_it_is_one(shop):
    result = part(shop, severity=[Severity.LOW, Severity.HIGH], resource_group=["web"])
    assert words(result.filters) == "severity low or high; resource group web"
    assert (result.of, part(shop).of, part(shop).filters) == (4, None, {})
