"""The files of `deploy/` can be read, and name only commands, options, variables and metrics that exist."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from loader import __version__
from loader.cli.main import app
from loader.config import read_configuration
from loader.config.interval import parse_interval
from loader.config.settings import INSTANCE_VARIABLES, VARIABLES
from loader.library.library import shipped_part
from loader.schedule.metrics import Metrics
from loader.schedule.state import Last

DEPLOY = Path(__file__).parents[1] / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
KNOWN_VARIABLES = {
    *("AZGRAPH_CONFIG", "AZGRAPH_HOME", "NEO4J_PASSWORD", "AZURE_CLIENT_SECRET"),
    *INSTANCE_VARIABLES.values(),
    *(name for names in VARIABLES.values() for name in names),
}
# What the files themselves take, for compose to fill in, and Neo4j's own image.
OWN = {"AZGRAPH_CONFIG_FILE", "AZURE_CLIENT_SECRET_FILE", "NEO4J_AUTH", "NEO4J_USERNAME"}
COMMAND = typer.main.get_command(app)


def documents(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every call of azgraph in the files, as arguments."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for line in text.splitlines():
            listed = re.search(r"(?:args|command): *(\[.*\])", line)
            if listed and "azgraph" in listed[1]:
                yield path.name, yaml.safe_load(listed[1])[1:]
            for called in re.findall(r"(?:/bin/azgraph|run: azgraph|`azgraph|^#\s+azgraph) ([^`|#…]*)", line):
                yield path.name, shlex.split(called)


@pytest.mark.parametrize(("name", "arguments"), list(commands()))
def test_commands_exist(name: str, arguments: list[str]) -> None:
    command: Any = COMMAND
    while arguments and arguments[0] in getattr(command, "commands", {}):
        command, arguments = command.commands[arguments[0]], arguments[1:]
    assert not hasattr(command, "commands"), f"{name}: {arguments} is no command"
    options = {one for parameter in command.params for one in parameter.opts}
    assert {one for one in arguments if one.startswith("-")} <= options, name
    if command is COMMAND.commands["check"]:  # type: ignore[attr-defined]
        assert shipped_part(arguments[0])


def test_commands_are_found_at_all() -> None:
    assert {name for name, _ in commands()} >= {
        *("azgraph.cron", "azgraph.service", "azgraph-once.service", "docker-compose.yml", "deployment.yaml"),
        *("cronjob.yaml", "workers.yaml", "container-apps-job.bicep", "load.yml"),
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_variables_exist(path: Path) -> None:
    named = set(re.findall(r"\b(?:AZGRAPH|AZURE|NEO4J)_[A-Z_0-9]+\b", path.read_text(encoding="utf-8")))
    assert named - OWN <= KNOWN_VARIABLES


@pytest.mark.parametrize("path", [one for one in FILES if one.suffix in (".yml", ".yaml")], ids=lambda path: path.name)
def test_yaml_can_be_read(path: Path) -> None:
    assert all(isinstance(one, dict) for one in documents(path))


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("systemd/*")), ids=lambda path: path.name)
def test_units_can_be_read(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text(encoding="utf-8"))
    assert {"Unit"} < set(unit.sections())
    if path.suffix == ".service":
        assert unit["Service"]["UMask"] == "0077"


def test_cron_lines_are_times() -> None:
    lines = (DEPLOY / "cron" / "azgraph.cron").read_text(encoding="utf-8").splitlines()
    (job,) = [line for line in lines if line[:1].isdigit()]
    assert parse_interval(" ".join(job.split()[:5]))
    for name in ("cronjob.yaml", "workers.yaml"):
        (cron,) = documents(DEPLOY / "kubernetes" / name)
        assert parse_interval(cron["spec"]["schedule"])


def test_the_configuration_in_it_is_right(tmp_path: Path) -> None:
    parts = documents(DEPLOY / "kubernetes" / "configuration.yaml")
    (held,) = [one for one in parts if one["kind"] == "ConfigMap"]
    path = tmp_path / "azgraph.yaml"
    path.write_text(held["data"]["azgraph.yaml"])
    (instance,) = read_configuration(path).configuration.instances
    assert instance.sign_in == "workload_identity"
    names = {(one["kind"], one["metadata"]["name"]) for one in parts}
    for file in ("deployment.yaml", "cronjob.yaml", "workers.yaml"):
        (made,) = documents(DEPLOY / "kubernetes" / file)
        spec = made["spec"].get("jobTemplate", made)["spec"]["template"]["spec"]
        container = spec["containers"][0]
        assert ("ServiceAccount", spec["serviceAccountName"]) in names
        assert ("ConfigMap", spec["volumes"][0]["configMap"]["name"]) in names
        assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in spec["volumes"]}
        secrets = [one["valueFrom"]["secretKeyRef"]["name"] for one in container["env"] if "valueFrom" in one]
        assert all(("Secret", one) in names for one in secrets)
        labels = made["spec"].get("jobTemplate", made)["spec"]["template"]["metadata"]["labels"]
        assert labels["azure.workload.identity/use"] == "true"


def test_images_are_of_this_version() -> None:
    """`latest` would be another azgraph whenever a pod starts anew; a release changes these with its own number."""
    named: set[str] = set()
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        tags = re.findall(r"image[:=] ?(?:\S*/)?azgraph(?::(\S+))?", text)
        assert set(tags) <= {__version__}, path.name
        named |= {path.name} if tags else set()
        assert not re.search(r"image: *\S*(?::latest|/[^:\s]+|^[^:\s]+)$", text, re.MULTILINE), path.name
    assert named == {"workers.yaml", "cronjob.yaml", "deployment.yaml", "container-apps-job.bicep"}


def test_azgraphs_home_can_be_written_and_stays() -> None:
    """It is what `~` is, too, so that reports and archives have somewhere to go (docs/configuration.md)."""
    for path in DEPLOY.glob("systemd/*.service"):
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(path.read_text(encoding="utf-8"))
        assert unit["Service"]["StateDirectory"] == "azgraph"
        assert "AZGRAPH_HOME=/var/lib/azgraph\n" in path.read_text(encoding="utf-8")
    (compose,) = documents(DEPLOY / "docker" / "docker-compose.yml")
    watch = compose["services"]["watch"]
    assert f"azgraph-state:{watch['environment']['AZGRAPH_HOME']}" in watch["volumes"]
    (claim,) = [one for one in documents(DEPLOY / "kubernetes" / "configuration.yaml") if "Claim" in one["kind"]]
    for file in ("deployment.yaml", "cronjob.yaml", "workers.yaml"):
        (made,) = documents(DEPLOY / "kubernetes" / file)
        spec = made["spec"].get("jobTemplate", made)["spec"]["template"]["spec"]
        container = spec["containers"][0]
        variables = {one["name"]: one.get("value") for one in container["env"]}
        assert variables["HOME"] == variables["AZGRAPH_HOME"]
        (mounted,) = [one for one in container["volumeMounts"] if one["mountPath"] == variables["AZGRAPH_HOME"]]
        assert not mounted.get("readOnly")
        (volume,) = [one for one in spec["volumes"] if one["name"] == mounted["name"]]
        assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]


def test_metrics_exist() -> None:
    metrics = Metrics(lambda: {"a": Last()}, lambda: {"a": 1.0}, lambda: {"a": True})
    metrics.ran("a", Last(status="complete"), 1, {"steps": []})
    metrics.follow_up_failed("a", "x")
    metrics.alerts([])
    told = set(re.findall(r"^(azgraph_\w+)", metrics.text().decode(), re.MULTILINE))
    for name in ("prometheus/azgraph.rules.yml", "grafana/azgraph.json"):
        asked = set(re.findall(r"\bazgraph_[a-z_]+", (DEPLOY / name).read_text(encoding="utf-8")))
        assert asked
        assert asked <= told, name
    panels = json.loads((DEPLOY / "grafana" / "azgraph.json").read_text(encoding="utf-8"))["panels"]
    assert len({one["id"] for one in panels}) == len(panels)


def test_bicep_is_closed() -> None:
    """Its own compiler is not at hand: brackets and names are."""
    text = (DEPLOY / "azure" / "container-apps-job.bicep").read_text(encoding="utf-8")
    code = re.sub(r"(?<!:)//[^\n]*", "", text)
    for opened, closed in ("{}", "[]", "()"):
        assert code.count(opened) == code.count(closed)
    declared = set(re.findall(r"^(?:param|var|resource) (\w+)", code, re.MULTILINE))
    assert set(re.findall(r": (\w+)$", code, re.MULTILINE)) - {"true", "false"} - set("0123456789") <= declared | {
        "1",
        "30",
        "21600",
    }


def test_manifests_are_what_kubernetes_takes() -> None:
    """By the schemas that Kubernetes publishes, where the package that brings them (100 MB) is installed."""
    validate = pytest.importorskip("kubernetes_validate")
    for path in sorted(DEPLOY.glob("kubernetes/*.yaml")):
        for one in documents(path):
            validate.validate(one, "1.30", strict=True)
