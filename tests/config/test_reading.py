"""Each mistake of a configuration is told, all in one go: with its line, its place and what to write."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from loader.config import ConfigurationError, Known, config_file, instances, read_configuration, settings, written
from loader.config.interval import Cron, parse_interval
from loader.config.secret_values import from_file, from_variable
from loader.errors import UsageError

KNOWN = Known(types={"azure_vm"}, packs={"cis-6"}, rule_packs={"essentials"})


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a configuration that is the one of this process; gives its path."""
    for name in list(os.environ):
        if name.startswith(("AZURE_", "NEO4J_", "AZGRAPH_LIBRARY", "AZGRAPH_INTERVAL")):
            monkeypatch.delenv(name)

    def one(text: str) -> Path:
        path = tmp_path / "azgraph.yaml"
        path.write_text(text)
        monkeypatch.setenv("AZGRAPH_CONFIG", str(path))
        settings.cache_clear()
        return path

    yield one
    settings.cache_clear()


WRONG = """\
neo4j:
  url: bolt://x
  user: ada
neo4j_user: bo
instances:
  - name: contoso
    intervall: 1h
    interval: 5m
    tenant: "x/y"
    secret: hunter2-Pl4nted
    client_secret: Pl4nted
    cloud: pubic
    sign_in: client_secrt
  - name: Contoso
    interval: 61 * * * *
    secret: {env: X, file: y}
    types: {skip: [azure_vmm]}
    subscriptions: {exclude: {tag: x}}
    ingest_directory: maybe
  - interval: 1d
    name: third
    sign_in: browser
    certificate: {path: a, pasword: {env: X}}
    ingest_directory: false
    cloud: {arm: "http://arm.example"}
after_run: {packs: [cis-5], rule_packs: [esentials]}
retention: {changes: {days: 0}, resolved_alerts: {dayz: 3}}
watch: {listen: here}
"""
TOLD = [
    (2, "neo4j.url", "did you mean uri?"),
    (4, "neo4j_user", "take one of them out"),
    (7, "instances[0].intervall", "did you mean interval?"),
    (8, "instances[0].interval", "not between 30 minutes and 1 week; write DISABLED"),
    (9, "instances[0].tenant", "such as contoso.onmicrosoft.com"),
    (10, "instances[0].secret", "a secret never stands in this file"),
    (11, "instances[0].client_secret", "a secret never stands in this file"),
    (12, "instances[0].cloud", "did you mean public?"),
    (13, "instances[0].sign_in", "did you mean client_secret?"),
    (14, "instances[1].name", "give each a name of its own"),
    (15, "instances[1].interval", "'61' is no minute of a cron line"),
    (16, "instances[1].secret", "exactly one of env, file and key_vault"),
    (17, "instances[1].types.skip[0]", "did you mean azure_vm?"),
    (18, "instances[1].subscriptions.exclude.tag", "did you mean tags?"),
    (19, "instances[1].ingest_directory", "true or false"),
    (22, "instances[2].sign_in", "nobody sits before a schedule"),
    (23, "instances[2].certificate.pasword", "did you mean password?"),
    (23, "instances[2].certificate", "sign_in: browser has no use for this"),
    (25, "instances[2].cloud.arm", "an https address"),
    (26, "after_run.packs[0]", "there is no pack 'cis-5'; did you mean cis-6?"),
    (26, "after_run.rule_packs[0]", "there is no pack of rules 'esentials'; did you mean essentials?"),
    (27, "retention.changes.days", "greater than or equal to 1"),
    (27, "retention.resolved_alerts.dayz", "did you mean days?"),
    (28, "watch.listen", "HOST:PORT"),
]


def test_all_mistakes_are_told_at_once(write) -> None:
    path = write(WRONG)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(path, KNOWN)
    found = [(one.line, one.place) for one in caught.value.problems]
    assert found == [(line, place) for line, place, _ in TOLD]
    for problem, (line, place, says) in zip(caught.value.problems, TOLD, strict=True):
        assert says in problem.sentence
        assert f"{path}:{line}: {place}: " in str(caught.value)
    assert "Pl4nted" not in str(caught.value)


def test_two_directories_of_a_tenant_are_refused(write) -> None:
    one = "  - {name: %s, tenant: contoso.com%s}\n"
    path = write("instances:\n" + one % ("a", "") + one % ("b", ""))
    with pytest.raises(ConfigurationError, match=r":3: instances\[1\]: 'a' loads the directory .*already"):
        read_configuration(path)
    for more in (", ingest_directory: false", ""):
        tenant = "contoso.com" if more else "fabrikam.com"
        path = write("instances:\n" + one % ("a", "") + f"  - {{name: b, tenant: {tenant}{more}}}\n")
        assert len(read_configuration(path).configuration.instances) == 2


@pytest.mark.parametrize("text", ["instances: 3\n", "instances: [1]\n", "neo4j: [a]\nafter_run: 1\n", "types: {}\n"])
def test_what_has_another_shape_is_a_sentence(write, text: str) -> None:
    with pytest.raises(UsageError, match=r"azgraph\.yaml:1: "):
        read_configuration(write(text), KNOWN)


def test_the_flat_file_still_works(write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("neo4j_uri: bolt://flat\nneo4j_user: ada\naccount_name_tag: x\npeople_file: p.csv\n")
    assert (settings().neo4j_uri, settings().neo4j_user, settings().account_name_tag) == ("bolt://flat", "ada", "x")
    write("neo4j: {uri: bolt://nested, database: az}\n")
    assert (settings().neo4j_uri, settings().neo4j_user, settings().neo4j_database) == ("bolt://nested", "neo4j", "az")
    monkeypatch.setenv("NEO4J_URI", "bolt://variable")
    monkeypatch.setenv("NEO4J_USERNAME", "aura")
    settings.cache_clear()
    assert (settings().neo4j_uri, settings().neo4j_user) == ("bolt://variable", "aura")


def test_the_file_is_found_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZGRAPH_CONFIG", raising=False)
    monkeypatch.setenv("AZGRAPH_HOME", str(tmp_path))
    assert config_file().name == "azgraph.yaml"
    (tmp_path / "config.yaml").write_text("")
    assert config_file().name == "config.yaml"
    (tmp_path / "azgraph.yaml").write_text("")
    assert config_file().name == "azgraph.yaml"


def test_variables_speak_for_one_instance_and_fill_what_several_leave_open(
    write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_TENANT_ID", "variable.com")
    write("instances: [{name: a, tenant: file.com}]\n")
    assert [one.tenant for one in instances(written())] == ["variable.com"]
    write("instances: [{name: a, tenant: file.com}, {name: b}]\n")
    assert [one.tenant for one in instances(written())] == ["file.com", "variable.com"]
    monkeypatch.setenv("AZURE_TENANT_ID", "no tenant")
    with pytest.raises(UsageError, match="AZURE_TENANT_ID: this is not an id"):
        instances(written())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("disabled", None),
        ("30m", 1800),
        ("45 minutes", 2700),
        ("1h", 3600),
        ("1 week", 604800),
        ("0 3 * * *", Cron((0,), (3,), None, None, None)),
        ("*/20 0-4/2 1,15 jan-mar sun", Cron((0, 20, 40), (0, 2, 4), (1, 15), (1, 2, 3), (0,))),
        ("5 4 * * 5-7", Cron((5,), (4,), None, None, (0, 5, 6))),
        ("0 0 * * */2", Cron((0,), (0,), None, None, (0, 2, 4, 6))),
    ],
)
def test_intervals(text: str, expected: object) -> None:
    found = parse_interval(text)
    assert (getattr(found, "total_seconds", lambda: found)()) == expected


@pytest.mark.parametrize("text", ["29m", "8d", "1y", "", "daily", "* * * *", "0 24 * * *", "0 0 0 * *", "5-1 * * * *"])
def test_intervals_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"DISABLED|cron line"):
        parse_interval(text)


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("Pl4nted\n")
    path.chmod(0o604)
    with pytest.raises(UsageError, match=r"other users .*mode 0604.*chmod 600") as caught:
        from_file(path)
    assert "Pl4nted" not in str(caught.value)
    path.chmod(0o600)
    assert from_file(path) == "Pl4nted"
    path.write_text("\n")
    with pytest.raises(UsageError, match="empty"):
        from_file(path)
    with pytest.raises(UsageError, match="cannot be read"):
        from_file(tmp_path / "none")
    with pytest.raises(UsageError, match=r"NOT_THERE.*is not set"):
        from_variable("NOT_THERE", {})


def test_every_key_is_described() -> None:
    from loader.config.model import schema

    missing = [
        f"{part}.{name}"
        for part, definition in schema()["$defs"].items()
        for name, one in definition["properties"].items()
        if not one.get("description")
        and not re.fullmatch(r"(Kept|Watch|PackReport|AfterRun|Subscriptions|Instance)", part)
    ]
    assert missing == []


def test_an_age_is_a_span_of_time_for_a_step_that_may_be_older(write) -> None:
    path = write(
        "instances:\n  - name: contoso\n    freshness:\n      azure_diagnostic_setting: soon\n"
        "      azure_diagnostic_settings: 1h\n      all: 24h\n"
    )
    with pytest.raises(ConfigurationError) as refused:
        read_configuration(path, Known(refreshable={"azure_diagnostic_setting"}))
    told = [str(one) for one in refused.value.problems]
    assert told[0] == (
        f"{path}:4: instances[0].freshness.azure_diagnostic_setting: 'soon' is no span of time; write a span of time "
        "such as 30m, 24h, 7d or 2w."
    )
    assert told[1].startswith(f"{path}:5: instances[0].freshness.azure_diagnostic_settings: ")
    assert told[1].endswith("did you mean azure_diagnostic_setting?")
    path.write_text("instances:\n  - name: contoso\n    freshness: {all: 24h, azure_diagnostic_setting: 30m}\n")
    (one,) = read_configuration(path, KNOWN).configuration.instances
    assert one.freshness == {"all": "24h", "azure_diagnostic_setting": "30m"}
