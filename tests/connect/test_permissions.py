"""`azgraph permissions`: what follows from the declarations, and that the scripts are what their tools take."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loader.cli.main import app
from loader.config import settings
from loader.connect.app_roles import APP_ROLES
from loader.connect.granting import BUILT_IN, Script, as_role, as_script, as_text
from loader.connect.rights import Kind, rights_for
from loader.errors import UsageError
from loader.services import steps
from loader.services.shared.actions import allows
from loader.sync.choosing import chosen_types

SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555"
CHOICES = {
    "everything": [],
    "users only": ["azure_user"],
    "machines": ["Virtual machines"],
    "vaults": ["azure_keyvault_key", "azure_keyvault_secret"],
}


def run(*arguments: str) -> str:
    told = CliRunner().invoke(app, ["permissions", *arguments])
    assert told.exit_code == 0, (told.output, told.exception)
    return told.stdout


def test_every_step_has_its_rights_and_every_right_its_steps() -> None:
    rights = rights_for()
    assert {step for right in rights.all for step in right.steps} == set(steps())
    for step, permission in steps().items():
        for name in re.split(r", ?", permission.partition(" ")[0].rstrip(",")):
            assert any(step in one.steps and one.name.lower() == name.lower() for one in rights.all), step
    assert all(one.steps and not one.optional for one in rights.all)


def test_application_permissions_have_ids_and_each_is_used() -> None:
    used = {one.name for one in rights_for(optional=True).graph}
    assert used == set(APP_ROLES)
    assert len(set(APP_ROLES.values())) == len(APP_ROLES)
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one) for one in APP_ROLES.values())


def test_what_is_chosen_costs_its_own_rights_only() -> None:
    users = rights_for(chosen_types(["azure_user"]))
    assert [one.name for one in users.graph] == ["User.Read.All"]
    assert users.actions == ("Microsoft.Resources/subscriptions/read",)
    assert not users.data_actions
    vaults = rights_for(chosen_types(["azure_keyvault_key"]))
    assert vaults.data_actions == ("Microsoft.KeyVault/vaults/keys/read",)
    assert "Microsoft.KeyVault/vaults/read" in vaults.actions
    assert vaults.vault_policy == ("key",)
    assert not vaults.graph
    everything = rights_for()
    assert everything.beyond_reader == (
        "Microsoft.Network/networkManagers/listDeploymentStatus/action",
        "Microsoft.PolicyInsights/policyStates/queryResults/action",
    )
    assert "Microsoft.Web/sites/config/list/Action" not in everything.actions
    assert "Microsoft.Web/sites/config/list/Action" in rights_for(optional=True).actions


def test_the_role_allows_what_is_needed_and_no_more() -> None:
    rights = rights_for()
    role = as_role(rights, [SUBSCRIPTION])
    for one in rights.of(Kind.ACTION):
        assert allows([{"actions": role["Actions"]}], one.name)
    assert not any("*" in action for action in role["Actions"] + role["DataActions"])
    assert {action.rpartition("/")[2].lower() for action in role["Actions"]} == {"read", "action"}
    assert role["AssignableScopes"] == [SUBSCRIPTION]
    # Azure refuses data actions in a role that is assigned on a management group.
    assert as_role(rights, ["/providers/Microsoft.Management/managementGroups/contoso"])["DataActions"] == []


@pytest.mark.parametrize("names", CHOICES.values(), ids=CHOICES)
def test_the_text_names_each_right(names: list[str]) -> None:
    rights = rights_for(chosen_types(names), optional=True)
    text = as_text(rights)
    for one in rights.all:
        assert one.kind is Kind.READER or one.name in text
    for name, identifier in APP_ROLES.items():
        assert (identifier in text) == any(one.name == name for one in rights.graph)
    assert "\n\n\n" not in text


@pytest.mark.parametrize("names", CHOICES.values(), ids=CHOICES)
def test_terraform_reads_it_and_it_names_each_right(names: list[str], tmp_path: Path) -> None:
    hcl2 = pytest.importorskip("hcl2")
    rights = rights_for(chosen_types(names), optional=True)
    text = as_script(rights, Script.TERRAFORM)
    read = hcl2.loads(text)
    made = [
        (kind.strip('"'), name.strip('"'))
        for one in read["resource"]
        for kind, body in one.items()
        if not kind.startswith("__")
        for name in body
        if not name.startswith("__")
    ]
    assert len(set(made)) == len(made)
    assert {"azuread_application", "azuread_service_principal"} <= {kind for kind, _ in made}
    assert ("azuread_app_role_assignment" in dict(made)) == bool(rights.graph)
    for one in rights.graph:
        assert APP_ROLES[one.name] in text
    assert all(f'"{action}",' in text for action in rights.actions)
    # Whatever is referred to is made, read or declared.
    for kind, name in re.findall(r"(?<![\w.])((?:azuread|azurerm)_\w+)\.(\w+)\.", re.sub(r"(?m)#.*$", "", text)):
        assert (kind, name) in made or f'data "{kind}" "{name}"' in text, f"{kind}.{name}"
    for name in re.findall(r"\bvar\.(\w+)", text):
        assert f'variable "{name}"' in text
    if terraform := shutil.which("terraform"):
        (tmp_path / "main.tf").write_text(text, encoding="utf-8")
        told = subprocess.run([terraform, "fmt", "-check", "-diff", tmp_path], capture_output=True, text=True)
        assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("names", CHOICES.values(), ids=CHOICES)
def test_bicep_reads_it_and_it_names_each_right(names: list[str]) -> None:
    tree_sitter, grammar = pytest.importorskip("tree_sitter"), pytest.importorskip("tree_sitter_bicep")
    rights = rights_for(chosen_types(names), optional=True)
    text = as_script(rights, Script.BICEP)
    # The grammar is older than extensions.
    known, extensions = re.subn(r"(?m)^extension microsoftGraphV1$", "", text)
    assert extensions == 1
    tree = tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(known.encode())
    assert not tree.root_node.has_error
    declared = re.findall(r"(?m)^(?:resource|var|param) (\w+)", known)
    assert len(set(declared)) == len(declared)
    for name in re.findall(r"\b(\w+)\.(?:id|appId)\b", known):
        assert name in {*declared, "permission"}, name
    assert all(APP_ROLES[one.name] in text for one in rights.graph)
    assert all(f"'{action}'" in text for action in rights.actions)


@pytest.fixture
def played_az(tmp_path: Path) -> Path:
    """A folder with an `az` that writes down how it was called and answers as Azure's does, and a quick `sleep`."""
    (tmp_path / "az").write_text(
        "#!/usr/bin/env bash\n"
        f'printf "%s\\n" "$*" >> "{tmp_path}/calls"\n'
        f'for word in "$@"; do case "$word" in @*) cat "${{word#@}}" > "{tmp_path}/role.json" ;; esac; done\n'
        'case "$1 $2 $3" in\n'
        '  "account show --query") echo 7c9f0a52-1111-4222-8333-444455556666 ;;\n'
        f'  "ad app list") if [ -e "{tmp_path}/made" ]; then echo the-client; fi ;;\n'
        f'  "ad app create") touch "{tmp_path}/made"; echo the-client ;;\n'
        f'  "ad sp list") if [ -e "{tmp_path}/made" ]; then echo the-principal; fi ;;\n'
        '  "ad sp create") echo the-principal ;;\n'
        '  "role assignment list") echo /subscriptions/x/providers/Microsoft.Authorization/roleAssignments/1 ;;\n'
        '  "keyvault list --query") printf "kv-one\\nkv-two\\n" ;;\n'
        "esac\n"
    )
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    for name in ("az", "sleep"):
        (tmp_path / name).chmod(0o755)
    return tmp_path


def bash(folder: Path, text: str, *arguments: str) -> list[str]:
    """The calls of `az` that the script makes."""
    script = folder / "grant.sh"
    script.write_text(text, encoding="utf-8")
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    told = subprocess.run(["bash", script, *arguments], env=environment, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    calls = (folder / "calls").read_text().splitlines()
    (folder / "calls").unlink()
    return calls


@pytest.mark.parametrize("names", CHOICES.values(), ids=CHOICES)
def test_the_script_makes_everything_and_takes_it_away(names: list[str], played_az: Path) -> None:
    rights = rights_for(chosen_types(names))
    text = as_script(rights, Script.AZ)
    assert subprocess.run(["bash", "-n"], input=text, text=True).returncode == 0
    calls = bash(played_az, text)
    asked = next((call for call in calls if call.startswith("ad app permission add")), "")
    assert set(re.findall(r"(\S+)=Role", asked)) == {APP_ROLES[one.name] for one in rights.graph}
    assert any(call.startswith("ad app permission admin-consent") for call in calls) == bool(rights.graph)
    role = json.loads((played_az / "role.json").read_text())
    assert role["Actions"] == list(rights.actions)
    assert role["AssignableScopes"] == [
        "/providers/Microsoft.Management/managementGroups/7c9f0a52-1111-4222-8333-444455556666"
    ]
    assigned = [call for call in calls if call.startswith("role assignment create")]
    assert all("--assignee-object-id the-principal" in call for call in assigned)
    assert any(BUILT_IN["Key Vault Reader"] in call for call in assigned) == bool(rights.data_actions)
    policies = [call for call in calls if call.startswith("keyvault set-policy")]
    assert len(policies) == (2 if rights.data_actions else 0)
    assert all(f"--{one}-permissions list" in call for call in policies for one in rights.vault_policy)

    gone = bash(played_az, text, "--remove")
    assert any(call.startswith("ad app delete --id the-client") for call in gone)
    assert any(call.startswith("role definition delete") for call in gone)
    assert sum(call.startswith("keyvault delete-policy") for call in gone) == len(policies)
    assert any(call.startswith("role assignment delete --ids /subscriptions/x") for call in gone)


def test_the_command_prints_each_form() -> None:
    assert (
        json.loads(run("--format", "json", "--type", "azure_user"))["graph"]["permissions"][0]["name"]
        == "User.Read.All"
    )
    role = json.loads(run("--format", "role", "--service", "Key vault", "--scope", SUBSCRIPTION))
    assert role["AssignableScopes"] == [SUBSCRIPTION]
    assert role["DataActions"]
    for form in ("text", "az", "bicep", "terraform"):
        assert "User.Read.All" in (text := run("--format", form)) or APP_ROLES["User.Read.All"] in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--type", "azure_usr"], "azure_user"),
        (["--service", "Key volt"], "Key vault"),
        (["--scope", "/subscriptions/x"], "no scope"),
        (["--scope", "/subscriptions/x'; rm -rf / #"], "no scope"),
    ],
)
def test_what_does_not_exist_is_refused(arguments: list[str], says: str) -> None:
    told = CliRunner().invoke(app, ["permissions", *arguments])
    assert isinstance(told.exception, UsageError)
    assert says.lower() in str(told.exception).lower()


# --- the configuration ---------------------------------------------------------------------------------------------

GROUP = "/providers/Microsoft.Management/managementGroups/landing-zones"
ANOTHER = "99999999-2222-3333-4444-555555555555"
# What stands in the instance, permissions of Graph that are there and not there, the same of actions, scopes of a role.
CONFIGURED = {
    "types on": (
        f"types: {{only: [azure_vnet]}}, subscriptions: [{ANOTHER}]",
        (set(), {"User.Read.All"}),
        ({"Microsoft.Network/virtualNetworks/read"}, {"Microsoft.Compute/virtualMachines/read"}),
        [f"/subscriptions/{ANOTHER}"],
    ),
    "types off": (
        "types: {skip: [azure_policy_state]}, ingest_directory: false",
        (set(), {"User.Read.All", "Policy.Read.All"}),
        ({"Microsoft.Compute/virtualMachines/read"}, {"Microsoft.PolicyInsights/policyStates/queryResults/action"}),
        ["/subscriptions/00000000-0000-0000-0000-000000000000"],
    ),
    "chosen by management group": (
        "types: {only: [azure_user]}, subscriptions: {management_groups: [landing-zones]}",
        ({"User.Read.All"}, {"AuditLog.Read.All"}),
        ({"Microsoft.Management/managementGroups/read"}, {"Microsoft.Network/virtualNetworks/read"}),
        [GROUP],
    ),
    "left out by who made it": (
        "types: {only: [azure_user]}, resource_groups: {provider_managed: leave_out}, subscriptions: [by name]",
        ({"User.Read.All"}, set()),
        ({"Microsoft.Resources/subscriptions/resourceGroups/read"}, set()),
        ["/subscriptions/00000000-0000-0000-0000-000000000000"],
    ),
}


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Writes a configuration, and lets it hold."""

    def write(text: str) -> None:
        (tmp_path / "azgraph.yaml").write_text(text)
        settings.cache_clear()

    monkeypatch.setenv("AZGRAPH_CONFIG", str(tmp_path / "azgraph.yaml"))
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    yield write
    settings.cache_clear()


@pytest.mark.parametrize(("instance", "graph", "actions", "scopes"), CONFIGURED.values(), ids=CONFIGURED)
def test_the_rights_are_those_of_what_is_configured(
    configure: Callable[[str], None],
    instance: str,
    graph: tuple[set[str], set[str]],
    actions: tuple[set[str], set[str]],
    scopes: list[str],
) -> None:
    configure(f"instances: [{{name: contoso, {instance}}}]\n")
    told = json.loads(run("--format", "json"))
    named = {one["name"] for one in told["graph"]["permissions"]}
    assert (graph[0] <= named, graph[1] & named) == (True, set())
    assert (actions[0] <= set(told["role"]["Actions"]), actions[1] & set(told["role"]["Actions"])) == (True, set())
    assert told["role"]["AssignableScopes"] == scopes
    assert json.loads(run("--format", "json", "--scope", SUBSCRIPTION))["role"]["AssignableScopes"] == [SUBSCRIPTION]
    # Flags win over the configuration.
    assert json.loads(run("--all", "--format", "json"))["role"]["Actions"] == list(rights_for().actions)
    assert "AuditLog.Read.All" in run("--type", "azure_user_registration_details")


def test_what_follows_the_runs_and_is_not_answered_is_told(configure: Callable[[str], None]) -> None:
    configure(
        "instances:\n  - {name: contoso, types: {skip: [azure_storage_account]}}\n  - {name: fabrikam, tenant: b.com}\n"
        "after_run: {packs: [mcsb-1]}\n"
    )
    told = CliRunner().invoke(app, ["permissions", "--instance", "contoso"])
    assert told.exit_code == 0, (told.output, told.exception)
    assert re.search(r"The pack mcsb-1 follows each run, and \d+ of its \d+ checks are not evaluated", told.stderr)
    assert "alert rules are not evaluated" in told.stderr
    assert CliRunner().invoke(app, ["permissions", "--instance", "fabrikam"]).stderr == ""
    several = CliRunner().invoke(app, ["permissions"])
    assert isinstance(several.exception, UsageError)
    assert "contoso, fabrikam" in str(several.exception)
