"""From scopes and rows to verdicts, on the real Neo4j: nothing passes by absence."""

from __future__ import annotations

from typing import ClassVar

import pytest
from neo4j.exceptions import ClientError
from pydantic import ValidationError

from loader.coverage import Coverage
from loader.errors import UsageError
from loader.graph import Database
from loader.library import Check, Library, Pack
from loader.library.example_format import CheckExample
from loader.library.examples import place_example, subscription_id
from loader.library.gate import admit
from loader.library.running import read
from loader.model import Quiet
from loader.packs import Verdict, evaluate_check, evaluate_pack
from loader.report import as_csv, as_html, as_json, as_junit, as_markdown, as_ocsf, as_sarif

pytestmark = pytest.mark.packs
ENDLESS = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b WITH a, b WHERE a = -b WITH count(*) AS n"


def check(**changes) -> Check:
    fields = {
        "id": "some-check",
        "title": "Machines are good",
        "severity": "high",
        "resource": "azure_vm",
        "cypher": "MATCH (vm:azure_vm) RETURN vm._key AS key, vm.name AS name, vm.good AS passed, 'So.' AS reason",
        "remediation": {"portal": "Make it good."},
        "examples": [{"name": "none", "graph": {}}],
    }
    return Check.model_validate(fields | changes)


def pack_of(*checks: str) -> Pack:
    """A pack with a control for each of these checks."""
    controls = [{"id": f"1.{number}", "title": "A", "check": name} for number, name in enumerate(checks, 1)]
    sections = [{"id": "1", "title": "One", "controls": controls}]
    return Pack.model_validate({"id": "p", "version": "1", "title": "P", "source": "Contoso", "sections": sections})


def place(database: Database, nodes: dict, scopes: dict | None = None, needs=("azure_vm",), relationships=()) -> dict:
    graph = {"nodes": nodes, "relationships": list(relationships)}
    example = CheckExample.model_validate({"name": "it", "graph": graph, "scopes": scopes or {}})
    return place_example(database, example, needs)


def verdicts(database: Database, one: Check, **given) -> tuple[Verdict, dict[str, Verdict]]:
    result = evaluate_check(database, one, Coverage.read(database), given)
    return result.verdict, {resource.name: resource.verdict for resource in result.resources}


def test_any_failure_fails_even_where_others_are_not_evaluated(database):
    place(
        database,
        {"a": {"type": "azure_vm", "properties": {"good": False}}, "b": {"type": "azure_vm", "subscription": "two"}},
        {"azure_vm": {"status": "failed", "subscription": "two"}},
    )
    verdict, each = verdicts(database, check())
    assert verdict is Verdict.FAIL
    assert each["a"] is Verdict.FAIL
    assert each["b"] is Verdict.NOT_EVALUATED


def test_a_broken_list_keeps_a_control_from_passing(database):
    """What was loaded passes, but the subscription that was not read may hold others."""
    keys = place(
        database,
        {
            "a": {"type": "azure_vm", "properties": {"good": True}},
            "far": {"type": "azure_subscription", "subscription": "two"},
        },
        {"azure_vm": {"status": "forbidden", "subscription": "two", "reason": "The role Reader is missing."}},
    )
    result = evaluate_check(database, check(), Coverage.read(database))
    assert result.verdict is Verdict.NOT_EVALUATED
    unseen = next(one for one in result.resources if one.verdict is Verdict.NOT_EVALUATED)
    assert (unseen.key, unseen.name) == (keys["far"], "far")
    assert "The role Reader is missing." in unseen.reason
    assert "Microsoft.Compute/virtualMachines/read" in unseen.reason


def test_a_subscription_that_was_never_loaded_is_not_evaluated(database):
    place(
        database,
        {
            "a": {"type": "azure_vm", "properties": {"good": True}},
            "new": {"type": "azure_subscription", "subscription": "two"},
        },
        {"azure_vm": {"status": "missing", "subscription": "two"}},
    )
    verdict, each = verdicts(database, check())
    assert verdict is Verdict.NOT_EVALUATED
    assert each == {"a": Verdict.PASS, "new": Verdict.NOT_EVALUATED}


def test_a_broken_list_of_subscriptions_keeps_a_control_from_passing(database):
    place(
        database,
        {"a": {"type": "azure_vm", "properties": {"good": True}}},
        {"azure_subscription": "forbidden"},
        needs=("azure_vm", "azure_subscription"),
    )
    assert verdicts(database, check()) == (
        Verdict.NOT_EVALUATED,
        {"a": Verdict.PASS, "the tenant": Verdict.NOT_EVALUATED},
    )


def test_a_needed_detail_that_failed_spares_no_resource(database):
    place(
        database,
        {"a": {"type": "azure_storage_account"}},
        {"azure_storage_account.blobServices": "failed"},
        needs=("azure_storage_account.blobServices",),
    )
    one = check(
        resource="azure_storage_account",
        needs=["azure_storage_account.blobServices"],
        cypher="MATCH (a:azure_storage_account) RETURN a._key AS key, a.name AS name, true AS passed, 'So.' AS reason",
    )
    assert verdicts(database, one) == (Verdict.NOT_EVALUATED, {"a": Verdict.NOT_EVALUATED})


def test_a_refused_list_of_parents_spares_no_child(database):
    """The graph room writes the empty parent for a step without one; a key is not found under its vault by its id."""
    nodes = {
        "vault": {"type": "azure_keyvault_service"},
        "key": {
            "type": "azure_keyvault_key",
            "parent": "vault",
            "properties": {"_key": "https://vault.example/keys/key"},
        },
    }
    needs = ("azure_keyvault_key", "azure_keyvault_service")
    place(database, nodes, {"azure_keyvault_service": "forbidden"}, needs)
    database.write(lambda one: one.run("MATCH (s:SyncScope {status: 'forbidden'}) SET s.incompleteParents = ['']"))
    one = check(
        resource="azure_keyvault_key",
        cypher="MATCH (k:azure_keyvault_key) RETURN k._key AS key, k.name AS name, true AS passed, 'So.' AS reason",
    )
    verdict, each = verdicts(database, one)
    assert verdict is Verdict.NOT_EVALUATED
    assert each["key"] is Verdict.NOT_EVALUATED
    assert "" not in each


def test_a_resource_that_the_check_is_silent_about_does_not_pass(database):
    place(database, {"a": {"type": "azure_vm"}})
    silent = check(cypher="MATCH (x:azure_vm) WHERE false RETURN 1 AS key, 1 AS name, true AS passed, '' AS reason")
    assert verdicts(database, silent) == (Verdict.NOT_EVALUATED, {"a": Verdict.NOT_EVALUATED})


def test_a_tenant_wide_resource_needs_every_subscription(database):
    nodes = {
        "ada": {"type": "azure_user"},
        "one": {"type": "azure_subscription"},
        "two": {"type": "azure_subscription", "subscription": "two"},
    }
    needs = ("azure_user", "azure_role_assignment")
    place(database, nodes, {"azure_role_assignment": {"status": "forbidden", "subscription": "two"}}, needs)
    one = check(
        resource="azure_user",
        needs=["azure_role_assignment"],
        cypher="MATCH (u:azure_user) RETURN u._key AS key, u.name AS name, true AS passed, 'Fine.' AS reason",
    )
    assert verdicts(database, one) == (Verdict.NOT_EVALUATED, {"ada": Verdict.NOT_EVALUATED})


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ("vm._key AS key, vm.name AS name, true AS passed", "column 'reason'"),
        ("vm._key AS key, vm.name AS name, 1 / (size(vm.name) - 1) = 0 AS passed, 'Fine.' AS reason", "by zero"),
        ("nothing AS key, vm.name AS name, true AS passed, 'Fine.' AS reason", "not valid Cypher"),
    ],
)
def test_a_check_that_cannot_be_asked_costs_itself_only(database, columns, reason):
    """Its resources are not evaluated and say why; the pack's other checks are."""
    place(database, {"a": {"type": "azure_vm", "properties": {"good": True}}})
    bad = check(id="bad-check", cypher=f"MATCH (vm:azure_vm) RETURN {columns}")
    library = Library(checks={"some-check": check(), "bad-check": bad})
    result = evaluate_pack(database, library, pack_of("bad-check", "some-check"))
    assert [one.verdict for one in result.controls] == [Verdict.NOT_EVALUATED, Verdict.PASS]
    assert reason in result.controls[0].reason
    for written in (as_csv, as_html, as_json, as_junit, as_markdown, as_ocsf, as_sarif):
        assert "bad-check" in written(result)


def test_a_check_that_writes_or_takes_too_long_costs_itself_only(database, monkeypatch):
    place(database, {"a": {"type": "azure_vm", "properties": {"good": True}}})
    writing = check(id="writing", cypher="MATCH (key:azure_vm) SET key.good = false RETURN key")
    slow = check(id="slow", cypher=f"{ENDLESS} RETURN n AS key, n AS name, true AS passed, 'Fine.' AS reason")
    library = Library(checks={"some-check": check(), "writing": writing, "slow": slow})
    result = evaluate_pack(database, library, pack_of("writing", "slow", "some-check"), timeout=1)
    assert [one.verdict for one in result.controls] == [Verdict.NOT_EVALUATED, Verdict.NOT_EVALUATED, Verdict.PASS]
    assert "only read" in result.controls[0].reason
    assert "longer than 1 seconds" in result.controls[1].reason


def test_a_failed_check_without_population_does_not_count_as_not_applicable(database):
    place(database, {}, needs=("azure_vm",))
    result = evaluate_check(database, check(cypher="MATCH (vm:azure_vm) RETURN 1 AS key"), Coverage.read(database))
    assert result.verdict is Verdict.NOT_APPLICABLE  # the shape of rows that are not there is nobody's fault
    result = evaluate_check(database, check(cypher="RETURN 1 / 0 AS key"), Coverage.read(database))
    assert result.verdict is Verdict.NOT_EVALUATED


def test_one_bad_row_costs_one_resource_only(database):
    """No key, no sentence, no boolean, two rows: the others keep their verdicts, a proven failure among them."""
    names = ("good", "bad", "wordless", "mute", "seven", "twice", "keyless")
    place(database, {name: {"type": "azure_vm", "properties": {"good": name != "bad"}} for name in names})
    one = check(
        cypher="""MATCH (vm:azure_vm) UNWIND CASE vm.name WHEN 'twice' THEN [1, 2] ELSE [1] END AS time
        RETURN CASE vm.name WHEN 'keyless' THEN null ELSE vm._key END AS key, vm.name AS name,
          CASE vm.name WHEN 'seven' THEN 1 ELSE vm.good END AS passed,
          CASE vm.name WHEN 'wordless' THEN null WHEN 'mute' THEN ' ' ELSE 'So.' END AS reason"""
    )
    result = evaluate_check(database, one, Coverage.read(database))
    told = {resource.name: (resource.verdict, resource.reason) for resource in result.resources}
    assert (told["good"][0], told["bad"][0]) == (Verdict.PASS, Verdict.FAIL)
    assert {told[name][0] for name in names[2:]} == {Verdict.NOT_EVALUATED}
    words = {"wordless": "no sentence", "mute": "no sentence", "seven": "true, false or null", "twice": "twice"}
    assert all(word in told[name][1] for name, word in words.items())


def test_a_writing_query_is_refused_by_the_server_too(database):
    with pytest.raises(UsageError, match="may only read the graph and was not run"):
        admit(database, "The query", "CREATE (n) RETURN n", {})
    with pytest.raises(UsageError, match="not valid Cypher"):
        admit(database, "The query", "MATCH (n RETURN n", {})
    with pytest.raises(ClientError, match="in read access mode"):
        database.read("CREATE (n) RETURN n")
    assert database.read("MATCH (n) RETURN n") == []


def test_a_query_that_takes_too_long_is_stopped(database):
    with pytest.raises(UsageError, match="longer than"):
        read(database, "The query", f"{ENDLESS} RETURN n", {}, 0.5)


def test_a_pack_shows_every_control_in_order_and_refuses_unknown_parameters(database):
    place(database, {"a": {"type": "azure_vm", "properties": {"good": True}}})
    pack = Pack.model_validate(
        {
            "id": "some-pack",
            "version": "1",
            "title": "A pack",
            "source": "Contoso",
            "sections": [
                {
                    "id": "1",
                    "title": "One",
                    "controls": [
                        {
                            "id": "1.1",
                            "title": "A",
                            "level": 1,
                            "assessment": "automated",
                            "check": "some-check",
                            "remains": "Ask.",
                        },
                        {"id": "1.2", "title": "B", "level": 2, "assessment": "manual", "manual": "Look."},
                        {"id": "1.3", "title": "C", "level": 2, "assessment": "automated", "pending": "the moon."},
                    ],
                }
            ],
        }
    )
    library = Library(checks={"some-check": check()})
    result = evaluate_pack(database, library, pack)
    assert [(one.id, one.verdict) for one in result.controls] == [
        ("1.1", Verdict.PASS),
        ("1.2", Verdict.MANUAL),
        ("1.3", Verdict.NOT_EVALUATED),
    ]
    assert "Ask." in result.controls[0].reason
    assert "no check" in result.controls[2].reason
    with pytest.raises(UsageError, match="has a parameter"):
        evaluate_pack(database, library, pack, {"nothing": "1"})


def test_a_control_sets_parameters_of_its_check(database):
    """One check serves several controls; what they set cannot be overruled, what they leave open can."""
    place(database, {"small": {"type": "azure_vm"}, "big": {"type": "azure_vm"}})
    text = {"type": "string", "description": "x"}
    one = check(
        parameters={"wanted": text | {"default": "none"}, "word": text | {"default": "Yes"}},
        cypher="MATCH (vm:azure_vm) RETURN vm._key AS key, vm.name AS name, vm.name = $wanted AS passed, "
        "$word + ', ' + $wanted + '.' AS reason",
    )
    control = {"title": "A", "level": 1, "assessment": "automated", "check": one.id}
    controls = [control | {"id": f"1.{n}", "parameters": {"wanted": name}} for n, name in enumerate(("small", "big"))]
    sections = [{"id": "1", "title": "One", "controls": controls}]
    pack = Pack.model_validate({"id": "p", "version": "1", "title": "P", "source": "Contoso", "sections": sections})
    library = Library(checks={one.id: one})
    told = {
        control.id: {resource.name: (resource.verdict, resource.reason) for resource in control.resources}
        for control in evaluate_pack(database, library, pack, {"word": "No"}).controls
    }
    assert told == {
        "1.0": {"small": (Verdict.PASS, "No, small."), "big": (Verdict.FAIL, "No, small.")},
        "1.1": {"small": (Verdict.FAIL, "No, big."), "big": (Verdict.PASS, "No, big.")},
    }
    with pytest.raises(UsageError, match=r"'wanted' to set\. They have: word\."):
        evaluate_pack(database, library, pack, {"wanted": "big"})


class TestDoubts:
    """What can only take a pass away."""

    @pytest.mark.parametrize(
        ("scope", "good"),
        [
            (None, Verdict.PASS),
            ({"status": "complete"}, Verdict.PASS),
            ({"status": "unavailable"}, Verdict.PASS),
            ({"status": "skipped"}, Verdict.PASS),
            ({"status": "forbidden"}, Verdict.NOT_EVALUATED),
            ({"status": "failed"}, Verdict.NOT_EVALUATED),
        ],
        ids=["never asked", "whole", "not recorded", "under what is not recorded", "refused", "failed"],
    )
    def test_a_failure_stays_one_and_a_pass_does_where_nobody_was_refused(self, database, scope, good):
        wall = "azure_network_security_perimeter"
        nodes = {name: {"type": "azure_vm", "properties": {"good": name == "good"}} for name in ("good", "bad")}
        place(database, nodes, {wall: scope} if scope else {}, ("azure_vm", *([wall] if scope else [])))
        result = evaluate_check(database, check(needs=[], doubts=[wall]), Coverage.read(database))
        told = {one.name: one.verdict for one in result.resources}
        assert told == {"good": good, "bad": Verdict.FAIL}


class TestElsewhere:
    """What may stand in another subscription of the tenant than the resource that it opens or shuts."""

    WALL = "azure_network_security_perimeter"
    NODES: ClassVar = {
        "good": {"type": "azure_vm", "properties": {"good": True}},
        "bad": {"type": "azure_vm", "properties": {"good": False}},
        "far": {"type": "azure_subscription", "subscription": "two"},
    }

    def judged(
        self, database: Database, scope: dict | None = None, cypher: str = "", more: str = ""
    ) -> dict[str, tuple[Verdict, str]]:
        place(database, self.NODES, {self.WALL: scope} if scope else {}, ("azure_vm", self.WALL))
        if more:
            database.write(lambda one: one.run(more))
        one = check(needs=[self.WALL], elsewhere=[self.WALL], **({"cypher": cypher} if cypher else {}))
        result = evaluate_check(database, one, Coverage.read(database))
        return {one.name: (one.verdict, one.reason) for one in result.resources if one.name in ("good", "bad")}

    def test_a_step_that_is_whole_everywhere_takes_nothing_away(self, database):
        told = self.judged(database)
        assert {name: verdict for name, (verdict, _) in told.items()} == {"good": Verdict.PASS, "bad": Verdict.FAIL}

    def test_one_that_was_refused_elsewhere_takes_a_pass_away_and_no_failure(self, database):
        told = self.judged(database, {"status": "forbidden", "subscription": "two"})
        assert told["bad"][0] is Verdict.FAIL
        assert told["good"][0] is Verdict.NOT_EVALUATED
        assert "subscription far was not loaded whole" in told["good"][1]

    def test_a_subscription_that_is_left_out_takes_a_pass_away(self, database):
        area = subscription_id("two")
        left_out = f"CREATE (:SyncScope {{id: 'out', step: 'left-out', area: '{area}', reason: 'Skipped on purpose.'}})"
        verdict, reason = self.judged(database, more=left_out)["good"]
        assert (verdict, "Skipped on purpose." in reason) == (Verdict.NOT_EVALUATED, True)

    @pytest.mark.parametrize("quiet", ["not-offered", "disabled"])
    def test_where_azure_has_none_or_nothing_runs_nothing_is_missing(self, database, quiet):
        assert quiet in {str(one) for one in Quiet}
        quieted = f"MATCH (s:SyncScope {{status: 'unavailable'}}) SET s.quiet = '{quiet}'"
        told = self.judged(database, {"status": "unavailable", "subscription": "two"}, more=quieted)
        assert told["good"][0] is Verdict.PASS

    def test_a_subscription_of_another_tenant_says_nothing_of_this_one(self, database):
        tenants = (
            f"MATCH (s:SyncScope) SET s.tenant = CASE s.area WHEN '{subscription_id('two')}' THEN 'b' ELSE 'a' END "
            "WITH count(*) AS n CREATE (:SyncScope {id: 'a', area: 'tenant:a', tenant: 'a'}), "
            "(:SyncScope {id: 'b', area: 'tenant:b', tenant: 'b'})"
        )
        told = self.judged(database, {"status": "forbidden", "subscription": "two"}, more=tenants)
        assert told["good"][0] is Verdict.PASS

    def test_a_row_says_on_which_subscriptions_its_verdict_hangs(self, database):
        cypher = (
            "MATCH (vm:azure_vm) RETURN vm._key AS key, vm.name AS name, vm.good AS passed, 'So.' AS reason, "
            f"CASE WHEN vm.good THEN [] ELSE ['{subscription_id('two')}'] END AS elsewhere"
        )
        told = self.judged(database, {"status": "forbidden", "subscription": "two"}, cypher)
        assert told["good"][0] is Verdict.PASS
        assert told["bad"][0] is Verdict.NOT_EVALUATED

    def test_it_must_be_among_the_needs(self):
        with pytest.raises(ValidationError, match="and not under `needs`"):
            check(elsewhere=[self.WALL])
