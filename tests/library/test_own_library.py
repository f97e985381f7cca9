"""A user's own library folder: it joins what is shipped, overrides it openly, and is read as strictly."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from loader import config
from loader.alerts.library import library_folder, load_rules, shipped_rules
from loader.errors import UsageError
from loader.library import Severity, shipped_library
from loader.library.exceptions import ResourceException
from loader.library.library import shipped_folder
from loader.library.own import library_with
from loader.packs import Verdict
from loader.packs.exceptions import apply_exceptions
from loader.packs.history import series
from loader.packs.results import CheckOutcome, ControlResult, PackResult, ResourceResult
from loader.packs.telling import tell_overridden
from loader.tier0 import declared

CIS = "cis-azure-foundations-6.0.0"
PACK = """\
id: contoso-baseline
version: "1"
title: Contoso baseline
source: Contoso
sections:
  - id: "1"
    title: One
    controls:
      - {id: "1.1", title: Storage speaks HTTPS, level: 1, assessment: automated, check: storage-secure-transfer}
"""
QUERY = """\
id: some-machines
title: Which machines are there?
area: contoso
needs: [azure_vm]
cypher: MATCH (vm:azure_vm) RETURN vm._key AS key
identity: [key]
examples: [{name: one, graph: {nodes: {vm: {type: azure_vm}}}, returns: [{key: "@vm"}]}]
"""


@pytest.fixture
def write(tmp_path):
    """Writes a file of a library folder and gives the folder."""

    def write(name: str, text: str, folder: str = "contoso") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path / folder

    return write


def test_own_entries_join_the_shipped_ones(write):
    write("queries/contoso/some-machines.yaml", QUERY)
    library = library_with([write("queries/packs/contoso-baseline.yaml", PACK)])
    assert library.query("some-machines").area == "contoso"
    assert [control.check for _, control in library.pack("contoso-baseline").controls()] == ["storage-secure-transfer"]
    assert library.queries.keys() - shipped_library().queries.keys() == {"some-machines"}
    assert library.pack(CIS) == shipped_library().pack(CIS)
    assert library_with([]) is shipped_library()


def test_a_check_that_is_none_is_refused_with_the_nearest(write):
    folder = write("queries/packs/contoso-baseline.yaml", PACK.replace("secure-transfer", "secure-tranfer"))
    with pytest.raises(
        UsageError, match=r"baseline\.yaml:9: .*'storage-secure-tranfer' .*Perhaps: storage-secure-transfer"
    ):
        library_with([folder])


def test_several_folders_join_and_take_an_id_once(write):
    one = write("queries/contoso/some-machines.yaml", QUERY)
    two = write("queries/packs/contoso-baseline.yaml", PACK, "more")
    assert library_with([one, two]).query("some-machines")
    write("queries/contoso/some-machines.yaml", QUERY, "more")
    with pytest.raises(UsageError, match=r"more/.*some-machines.yaml:1: id: another query, .*contoso/queries"):
        library_with([one, two])


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [("query", "network/*.yaml"), ("check", "checks/storage/*.yaml"), ("pack", f"packs/{CIS}.yaml")],
)
def test_a_shipped_id_is_refused_with_the_way_to_override_it(write, kind, pattern):
    shipped = next(shipped_folder().glob(pattern))
    folder = write(f"queries/{shipped.relative_to(shipped_folder())}", shipped.read_text())
    with pytest.raises(UsageError, match=rf"{shipped.name}:\d+: id: a shipped {kind} has this id .*overrides\.yaml"):
        library_with([folder])


def test_a_shipped_rules_id_is_refused_with_the_way_to_override_it(write, tmp_path):
    shutil.copytree(library_folder() / "sql", tmp_path / "contoso" / "alertrules" / "sql")
    with pytest.raises(UsageError, match=r"\.yaml:1: id: a shipped rule has this id .*overrides\.yaml"):
        load_rules(libraries=[tmp_path / "contoso"])


OVERRIDES = f"""\
queries:
  public-ip-addresses:
    title: Which public addresses hold nothing?
    parameters: {{unattached: true}}
checks:
  storage-secure-transfer: {{severity: critical}}
  storage-keys-regenerated: {{parameters: {{key_age: 30d}}}}
packs:
  {CIS}:
    title: What Contoso asks
    controls:
      "9.3.1.2": {{title: Keys are young, parameters: {{key_age: 7d}}}}
rules:
  network-admin-ports-open: {{parameters: {{ports: ["5986"]}}}}
  key-vault-item-expiry: {{severity: low}}
"""


def test_overrides_change_what_they_name_and_say_so(write):
    library = library_with([write("overrides.yaml", OVERRIDES)])
    shipped = shipped_library()

    query = library.query("public-ip-addresses")
    assert query.title == "Which public addresses hold nothing?"
    assert query.parameters["unattached"].default is True
    assert query.cypher == shipped.query(query.id).cypher
    (told,) = query.overridden
    assert told.by.endswith("contoso/overrides.yaml:2")
    assert told.shipped == {"title": shipped.query(query.id).title, "parameters.unattached": False}

    check = library.check("storage-secure-transfer")
    assert (check.severity, check.title) == (Severity.CRITICAL, shipped.check(check.id).title)
    assert "severity is critical (shipped: high), by " in check.overridden[0].sentence

    pack = library.pack(CIS)
    controls = {control.id: control for _, control in pack.controls()}
    assert (pack.title, controls["9.3.1.2"].title) == ("What Contoso asks", "Keys are young")
    assert controls["9.3.1.2"].parameters == {"key_age": "7d"}
    # Not what the override of the check has.
    assert controls["9.3.1.2"].overridden[0].shipped["parameters.key_age"] == "90d"
    assert list(controls) == [control.id for _, control in shipped.pack(CIS).controls()]
    assert [one for one in controls.values() if one.overridden] == [controls["9.3.1.2"]]


def test_what_a_pack_sets_for_a_control_can_be_set_otherwise(write):
    library = shipped_library()
    shipped = next(one for _, one in library.pack(CIS).controls() if one.check == "defender-plan")
    text = f'packs:\n  {CIS}:\n    controls:\n      "{shipped.id}": {{parameters: {{plan: Contoso}}}}\n'
    pack = library_with([write("overrides.yaml", text)]).pack(CIS)
    (own,) = [control for _, control in pack.controls() if control.overridden]
    assert (own.id, own.parameters, own.title) == (shipped.id, {"plan": "Contoso"}, shipped.title)
    assert own.overridden[0].shipped == {"parameters.plan": shipped.parameters["plan"]}
    assert [use.parameters for use in own.uses] == [{"plan": "Contoso"}]


def test_what_is_shipped_stays_so(write):
    library_with([write("overrides.yaml", OVERRIDES)])
    library = shipped_library()
    everything = [
        *library.queries.values(),
        *library.checks.values(),
        *library.packs.values(),
        *shipped_rules().rules.values(),
    ]
    assert not [one.id for one in everything if one.overridden]
    assert library.check("storage-secure-transfer").severity is Severity.HIGH


def test_rules_are_overridden_an_expiry_rule_in_all_its_buckets(write):
    rules = {rule.id: rule for rule in load_rules(libraries=[write("overrides.yaml", OVERRIDES)])}
    assert rules.keys() == {rule.id for rule in list(shipped_rules().rules.values())}
    assert rules["network-admin-ports-open"].parameters["ports"].default == ["5986"]
    expiry = rules["key-vault-item-expiry"]
    assert {bucket.severity for bucket in expiry.buckets} == {Severity.LOW}
    assert expiry.overridden[0].shipped["buckets.0"] is Severity.CRITICAL
    assert "bucket 0 is low (shipped: critical)" in expiry.overridden[0].sentence
    assert {rule.id for rule in rules.values() if rule.overridden} == {"network-admin-ports-open", expiry.id}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("query: {}", 1, "not known here"),
        ("checks:\n  storage-secure-transfers: {severity: low}", 2, "perhaps storage-secure-transfer"),
        ("queries:\n  nothing-like-it: {title: What?}", 2, "there is no query 'nothing-like-it'"),
        ("checks:\n  storage-secure-transfer:\n    severity: bad", 3, "severity"),
        ("checks:\n  storage-secure-transfer:\n    cypher: RETURN 1", 3, "not known here"),
        ("checks:\n  storage-secure-transfer: {}", 2, "overrides nothing"),
        (
            "checks:\n  storage-secure-transfer:\n    parameters:\n      days: 7",
            4,
            "no such parameter; there are: none",
        ),
        ("checks:\n  storage-keys-regenerated:\n    parameters:\n      key_age: 7", 4, "is not a duration"),
        ("queries:\n  public-ip-addresses:\n    severity: low", 3, "not known here"),
        ("queries:\n  public-ip-addresses:\n    title: No question", 3, "title"),
        (f"packs:\n  {CIS}:\n    title: x\n    severity: low", 4, "not known here"),
        (f'packs:\n  {CIS}:\n    controls:\n      "99": {{title: x}}', 4, "there is no control of"),
        (f'packs:\n  {CIS}:\n    controls:\n      "5.7":\n        parameters: {{x: 1}}', 5, "fewest, most"),
        (f'packs:\n  {CIS}:\n    controls:\n      "5.7":\n        parameters: {{most: many}}', 5, "whole number"),
        ("checks:\n  a: {severity: low}\n  a: {severity: low}", 3, "second time"),
        ("# nothing", 1, "mapping"),
    ],
)
def test_wrong_overrides_are_refused_with_line_and_reason(write, text, line, reason):
    with pytest.raises(UsageError) as refused:
        library_with([write("overrides.yaml", text + "\n")])
    assert f"contoso/overrides.yaml:{line}: " in str(refused.value)
    assert reason in str(refused.value)


def test_parameters_of_a_control_without_a_check_are_refused(write):
    manual = next(control for _, control in shipped_library().pack(CIS).controls() if control.manual)
    text = f'packs:\n  {CIS}:\n    controls:\n      "{manual.id}": {{parameters: {{x: 1}}}}\n'
    with pytest.raises(UsageError, match=rf"overrides.yaml:4: .*the control {manual.id} has no check"):
        library_with([write("overrides.yaml", text)])


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("rules:\n  nothing-like-it: {severity: low}", 2, "there is no rule 'nothing-like-it'"),
        ("rules:\n  network-admin-ports-open:\n    parameters:\n      ports: true", 4, "a list of texts"),
        ("rules:\n  network-admin-ports-open:\n    kind: change", 3, "not known here"),
    ],
)
def test_wrong_overrides_of_rules_are_refused(write, text, line, reason):
    with pytest.raises(UsageError) as refused:
        load_rules(libraries=[write("overrides.yaml", text + "\n")])
    assert f"contoso/overrides.yaml:{line}: " in str(refused.value)
    assert reason in str(refused.value)


def test_an_entry_is_overridden_once(write):
    one = write("overrides.yaml", "checks:\n  storage-secure-transfer: {severity: low}\n")
    two = write("overrides.yaml", "checks:\n  storage-keys-regenerated: {severity: low}\n", "more")
    assert library_with([one, two]).check("storage-keys-regenerated").severity is Severity.LOW
    write("overrides.yaml", "checks:\n  storage-secure-transfer: {severity: high}\n", "more")
    with pytest.raises(UsageError, match=r"more/overrides.yaml:2: .*contoso/overrides.yaml:2 overrides it already"):
        library_with([one, two])


# What asks for tier 0; each has the parameters of its declaration.
FOLLOWING = ("tier0-inventory", "tier0-share", "path-app-to-tier0")


def test_a_declaration_of_tier_0_of_ones_own_reaches_queries_and_rules(write):
    shipped, permissions = shipped_library(), ["RoleManagement.ReadWrite.Directory"]
    folder = write(
        "tier0.yaml", f"tags: [tier=0]\ndirectory_roles: [User Administrator]\napplication_permissions: {permissions}\n"
    )
    write("overrides.yaml", "queries: {tier0-share: {parameters: {roles: [Helpdesk Administrator]}}}\n")
    library = library_with([folder])
    asked = {name: library.query(name) for name in FOLLOWING}
    rule = {one.id: one for one in load_rules(libraries=[folder])}["path-guest-to-tier0"]
    for entry in (*asked.values(), rule):
        own = ["Helpdesk Administrator"] if entry.id == "tier0-share" else ["User Administrator"]
        assert (entry.parameters["roles"].default, entry.parameters["permissions"].default) == (own, permissions)
    assert library.query("path-user-to-global-admin").parameters["permissions"].default == permissions
    assert [one.by.rpartition("/")[2] for one in rule.overridden] == ["tier0.yaml:2", "tier0.yaml:3"]
    assert [one.by.rpartition("/")[2] for one in asked["tier0-share"].overridden] == [
        "overrides.yaml:1",
        "tier0.yaml:3",
    ]
    assert 'parameter roles is "User Administrator" (shipped: ' in asked["tier0-inventory"].overridden[0].sentence
    declaration = declared(()).tier0
    assert shipped.query("tier0-inventory").parameters["roles"].default == declaration.followed("directory_roles")
    assert not shipped.query("tier0-inventory").overridden
    assert not library_with([write("tier0.yaml", "tags: [tier=0]", "tagging")]).query("tier0-inventory").overridden


def test_what_follows_tier_0_has_no_default_of_its_own(write):
    own = QUERY.replace(
        "cypher:", "parameters: {x: {type: list, tier0: directory_roles, default: [a], description: b}}\ncypher:"
    )
    with pytest.raises(UsageError, match="what follows `tier0` is a list and has no default of its own"):
        library_with([write("queries/contoso/some-machines.yaml", own)])


def test_no_file_says_of_itself_that_it_is_overridden(write):
    folder = write("queries/contoso/some-machines.yaml", QUERY + "_overridden: null\n")
    with pytest.raises(UsageError, match=r"some-machines.yaml:8: _overridden: this key is not known here"):
        library_with([folder])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("overrides.yml", r"overrides\.yml:1: .* perhaps it is meant to be overrides\.yaml; rename it"),
        ("override.yaml", r"override\.yaml:1: .* meant to be overrides\.yaml"),
        ("Overrides.yaml", r"meant to be overrides\.yaml"),
        ("tier0.yml", r"meant to be tier0\.yaml"),
        ("tier-0.yaml", r"meant to be tier0\.yaml"),
        ("some-machines.yaml", r"some-machines\.yaml:1: .* queries stand in queries/"),
        ("queries/contoso/some-machines.yml", "rename"),
        ("checks/contoso/some-check.yaml", "reads no others"),
        ("rules/some-rule.yml", "reads no others"),
        ("README.md", "neither queries/ nor alertrules/ nor overrides.yaml"),
    ],
)
def test_what_nothing_would_read_is_refused(write, name, reason):
    with pytest.raises(UsageError, match=reason):
        library_with([write(name, QUERY)])


def test_what_nothing_would_read_is_refused_by_the_rules_too(write):
    with pytest.raises(UsageError, match=r"override\.yaml:1: .* meant to be overrides\.yaml"):
        load_rules(libraries=[write("override.yaml", "rules: {}")])


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    for load in (library_with, lambda folders: load_rules(libraries=folders)):
        with pytest.raises(UsageError, match="nowhere does not exist"):
            load([tmp_path / "nowhere"])


def test_what_is_not_the_librarys_may_stand_beside_it(write):
    write("tier0.yaml", "tags: [tier=0]")
    beside = ("exceptions.yaml", "azgraph.yaml", ".pre-commit-config.yaml", ".github/workflows/ci.yml", "docs/page.md")
    for name in ("README.md", *beside):
        write(name, "x: 1")
    assert library_with([write("queries/contoso/some-machines.yaml", QUERY)]).query("some-machines")


def result_of(library, severity: Severity) -> PackResult:
    """What evaluating the CIS pack gives for two of its controls."""
    failing = ResourceResult("/subscriptions/1/a", "a", Verdict.FAIL, "It is old.")

    def control(number: str, name: str) -> ControlResult:
        check = library.check(name)
        outcome = CheckOutcome(
            check.id, check.title, severity, Verdict.FAIL, "1 of 1 fail.", [failing], check.remediation
        )
        return ControlResult(number, "A title", "9 Storage", 1, Verdict.FAIL, "1 of 1 fail.", [outcome])

    controls = [control("9.3.1.2", "storage-keys-regenerated"), control("9.3.4", "storage-secure-transfer")]
    return PackResult(CIS, "CIS", "6", "CIS", "run-1", None, controls)


def test_a_result_tells_what_is_overridden_also_of_excepted_resources(write):
    library = library_with([write("overrides.yaml", OVERRIDES)])
    accepted = ResourceException(
        check="storage-keys-regenerated",
        resources=["/subscriptions/1/a"],
        reason="So.",
        owner="ada@contoso.example",
        expires=date(2026, 12, 31),
    )
    result = apply_exceptions(result_of(library, Severity.HIGH), [accepted], date(2026, 1, 1))
    told = tell_overridden(result, library.pack(CIS), library)
    keys, transfer = told.controls
    assert keys.verdict is Verdict.EXCEPTED
    assert [one.of for one in keys.overridden] == [f"control 9.3.1.2 of {CIS}", "check storage-keys-regenerated"]
    assert "parameter key_age is 7d (shipped: 90d)" in keys.reason
    assert transfer.reason.startswith("1 of 1 fail. Of check storage-secure-transfer, severity is critical")
    assert "What Contoso asks" in told.source


def test_a_trend_is_of_one_set_of_parameters(write):
    shipped = shipped_library()
    plain = tell_overridden(result_of(shipped, Severity.HIGH), shipped.pack(CIS), shipped)
    assert series(plain) == CIS
    library = library_with([write("overrides.yaml", OVERRIDES)])
    own = tell_overridden(result_of(library, Severity.HIGH), library.pack(CIS), library)
    assert series(own).startswith(f"{CIS}|")
    # A severity asks nothing else.
    assert series(replace(own, controls=own.controls[1:])) == CIS


def test_the_configuration_names_folders(monkeypatch, tmp_path):
    file = tmp_path / "config.yaml"
    monkeypatch.setenv("AZGRAPH_CONFIG", str(file))
    monkeypatch.delenv("AZGRAPH_LIBRARY", raising=False)

    def configured(text: str) -> list[Path]:
        file.write_text(text)
        config.settings.cache_clear()
        return config.settings().library

    try:
        assert configured("") == []
        assert configured("library: ~/contoso") == [Path("~/contoso")]
        assert configured("library: [a, b]") == [Path("a"), Path("b")]
        with pytest.raises(UsageError, match=r"config.yaml:1: library"):
            configured("library: {a: b}")
        monkeypatch.setenv("LIBRARY", "c")
        assert configured("library: a") == [Path("a")]
        monkeypatch.setenv("AZGRAPH_LIBRARY", "b:c")
        assert configured("library: a") == [Path("b"), Path("c")]
        monkeypatch.setenv("AZGRAPH_LIBRARY", "")
        assert configured("library: a") == []
    finally:
        config.settings.cache_clear()
