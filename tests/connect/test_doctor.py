"""`azgraph doctor` names each of the classic mistakes from what Entra, Graph, Azure and Key Vault really answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from loader.azure.transport.wire import Exchange
from loader.connect.app_roles import APP_ROLES
from loader.connect.finding import Finding, State, anchor
from loader.connect.rights import Kind, rights_for
from loader.connect.topics import NEO4J, NETWORK, RIGHTS
from loader.errors import ExitCode
from loader.model import Graph
from loader.services import entity_types
from tests.connect.answers import GRAPH_DENIED, SIGN_INS, VAULT_FIREWALL, VAULT_POLICY, VAULT_RBAC, arm_denied
from tests.connect.conftest import ROLES, TENANT, Doctor, amiss, answering
from tests.connect.planted import (
    denied,
    of_vaults,
    permissions,
    registered,
    with_one_group_only,
    with_rights,
    without_a_role,
    without_subscriptions,
    without_user_rights,
)
from tests.e2e.support import PLATFORM, PRODUCTION, SANDBOX, path_of
from tests.fakeazure.server import CLIENT, SECRET

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text(encoding="utf-8")


def only(told: list[Finding]) -> Finding:
    assert len(told) == 1, told
    return told[0]


def test_everything_is_there(doctor: Doctor) -> None:
    told = doctor()
    assert not amiss(told), amiss(told)
    assert told.exit_code == ExitCode.FINE
    # Each application permission was tested, by a call of its own that asks for one item.
    assert {one.subject for one in told.findings} >= {one.name for one in rights_for().graph}
    asked = [one for one in doctor.azure.requests if "/v1.0/" in one or "/beta/" in one]
    assert len(asked) <= 2 * len(ROLES)


@pytest.mark.parametrize("mistake", SIGN_INS)
def test_a_refused_sign_in_is_named(doctor: Doctor, mistake: str) -> None:
    topic, status, body = SIGN_INS[mistake]
    doctor.azure.refuse_sign_in(body, status)
    told = doctor()
    finding = only(told.findings)
    assert (finding.state, finding.topic) == (State.FAILED, topic)
    assert told.exit_code == ExitCode.UNREACHABLE
    assert f"docs/troubleshooting.md#{anchor(topic)}" in finding.says
    shown = json.dumps(told.as_json())
    assert SECRET not in shown
    assert "Trace ID" not in shown


def test_no_network_and_no_trust_are_named(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    finding = only(doctor(AZURE_TENANT_ID="contoso/ onmicrosoft").findings)
    assert finding.state is State.FAILED
    assert "AZURE_TENANT_ID" in finding.says
    monkeypatch.delenv("SSL_CERT_FILE")
    finding = only(doctor(SSL_CERT_FILE="").findings)
    assert (finding.topic, finding.command) == ("Private certificate authority", "export SSL_CERT_FILE=/path/to/ca.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:Pl4nted@127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    finding = only(doctor().findings)
    assert finding.topic == "Proxy"
    assert "127.0.0.1:9" in finding.says
    assert "Pl4nted" not in json.dumps(finding.as_json())


def test_a_clock_that_is_off_is_named(doctor: Doctor) -> None:
    doctor.azure.clock_behind = 3600
    finding = only(amiss(doctor("azure_vnet")))
    assert (finding.subject, finding.topic) == ("Clock", "The clock is off")
    assert "60 minutes ahead" in finding.says


# --- Microsoft Graph -----------------------------------------------------------------------------------------------


def test_nothing_granted_at_all(doctor: Doctor, contoso: list[Exchange]) -> None:
    doctor.azure.serve(denied(contoso))
    doctor.azure.claims = {"tid": TENANT, "appid": CLIENT}
    told = doctor()
    finding = only(amiss(told))
    assert finding.topic == "Missing application permission"
    assert told.exit_code == ExitCode.PARTIAL
    assert "none at all" in finding.says
    assert set(re.findall(r"(\S+)=Role", finding.command)) == {APP_ROLES[name] for name in ROLES}
    assert f"--id {CLIENT}" in finding.command
    assert finding.answers is not None
    assert {"azure_user", "azure_user_group", "azure_app_role_assignment"} <= set(finding.answers.types)
    assert "entra-users-mfa" in finding.answers.checks
    assert finding.answers.rules


def test_asked_for_but_not_consented_to(doctor: Doctor, contoso: list[Exchange]) -> None:
    doctor.azure.serve([*without_user_rights(contoso), *registered("Role", ["User.Read.All", "AuditLog.Read.All"])])
    finding = only(amiss(doctor()))
    assert finding.topic == "No admin consent"
    assert "User.Read.All" in finding.subject
    assert finding.command == f"az ad app permission admin-consent --id {CLIENT}"


def test_delegated_in_place_of_application_permissions(doctor: Doctor, contoso: list[Exchange]) -> None:
    doctor.azure.serve([*without_user_rights(contoso), *registered("Scope", ["User.Read.All", "AuditLog.Read.All"])])
    finding = only(amiss(doctor()))
    assert finding.topic == "Delegated in place of application permissions"
    assert f"{APP_ROLES['User.Read.All']}=Role" in finding.command


def test_a_signed_in_user_is_told_apart(doctor: Doctor, contoso: list[Exchange]) -> None:
    doctor.azure.serve(without_user_rights(contoso))
    doctor.azure.claims = {"tid": TENANT, "scp": "User.Read", "upn": "ada@contoso.example"}
    finding = only(amiss(doctor()))
    assert finding.topic == "Delegated in place of application permissions"
    assert "ada@contoso.example" in finding.says


def test_each_permission_costs_exactly_its_own_steps(doctor: Doctor, contoso: list[Exchange]) -> None:
    """Taken one by one: what is refused is named alone, with what only it gives."""
    lists = {
        right: {
            f"/{one.fetch.builder.replace('.', '/').replace('_', '')}".lower()
            for name, one in entity_types().items()
            if name in right.steps and isinstance(one.fetch, Graph) and not one.fetch.args
        }
        for right in rights_for().of(Kind.GRAPH)
    }
    for right in rights_for().of(Kind.GRAPH):
        if right.name not in ("Domain.Read.All", "AccessReview.Read.All", "GroupMember.Read.All"):
            continue
        doctor.azure.serve(
            answering(contoso, lambda path, mine=lists[right]: path.removeprefix("/v1.0") in mine, 403, GRAPH_DENIED)
        )
        finding = only(amiss(doctor(*(step for step in right.steps if "." not in step))))
        assert (finding.subject, finding.steps) == (right.name, right.steps)


# --- Azure Resource Manager ----------------------------------------------------------------------------------------


def test_no_subscription_at_all(doctor: Doctor, contoso: list[Exchange]) -> None:
    doctor.azure.serve(without_subscriptions(contoso))
    told = doctor("azure_vnet")
    finding = only(amiss(told))
    assert (finding.subject, finding.topic) == ("Subscriptions", "No role at that scope")
    assert told.exit_code == ExitCode.PARTIAL
    assert finding.command.startswith(
        f"az role assignment create --assignee {CLIENT} --role Reader --scope /providers/"
    )


def test_a_role_on_one_resource_group_only(doctor: Doctor, contoso: list[Exchange]) -> None:
    doctor.azure.serve(with_one_group_only(contoso, SANDBOX))
    finding = only(amiss(doctor("azure_vnet")))
    assert finding.topic == "A role on one resource group only"
    assert "rg-only" in finding.says
    assert finding.command.endswith(f"--scope /subscriptions/{SANDBOX}")
    assert "azure_vnet" in finding.steps


def test_no_role_in_one_subscription(doctor: Doctor, contoso: list[Exchange]) -> None:
    scope = f"/subscriptions/{SANDBOX}"
    doctor.azure.serve(without_a_role(contoso, SANDBOX))
    finding = only(amiss(doctor("azure_vnet")))
    assert finding.topic == "No role at that scope"
    assert finding.subject == "Subscription Contoso Sandbox"
    assert finding.command.endswith(scope)


def test_a_role_that_lacks_something(doctor: Doctor, contoso: list[Exchange]) -> None:
    doctor.azure.serve(with_rights(with_rights(contoso, SANDBOX, "*/read"), PLATFORM, "*/read"))
    finding = only(amiss(doctor("azure_policy_state")))
    assert finding.topic == "A role that lacks something"
    assert "Microsoft.PolicyInsights/policyStates/queryResults/action" in finding.says
    assert finding.steps == ("azure_policy_state",)
    assert "azgraph permissions" in finding.command


def test_management_groups_are_refused(doctor: Doctor, contoso: list[Exchange]) -> None:
    scope = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
    body = arm_denied("Microsoft.Management/managementGroups/read", scope)
    doctor.azure.serve(answering(contoso, lambda path: path == scope.lower(), 403, body))
    finding = only(amiss(doctor("azure_management_group")))
    assert finding.topic == "No role at that scope"
    assert '"Management Group Reader"' in finding.command
    assert finding.steps == ("azure_management_group",)


# --- Key Vault -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "topics"),
    [
        (VAULT_FIREWALL, {"The firewall of a key vault"}),
        (VAULT_RBAC, {"No access to a key vault"}),
        (VAULT_POLICY, {"No access to a key vault"}),
    ],
    ids=["firewall", "rbac", "policy"],
)
def test_key_vaults_are_told_apart(doctor: Doctor, contoso: list[Exchange], body: str, topics: set[str]) -> None:
    doctor.azure.serve(answering(contoso, of_vaults, 403, body))
    told = amiss(doctor("azure_keyvault_key"))
    assert {one.topic for one in told} == topics
    assert all(one.steps == ("azure_keyvault_key",) for one in told)
    if topics == {"No access to a key vault"}:
        commands = " ".join(one.command for one in told)
        assert '"Key Vault Reader"' in commands or "--key-permissions list" in commands


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", [*RIGHTS, *NETWORK, *NEO4J], ids=lambda one: anchor(one.heading))
def test_each_topic_has_its_section(topic) -> None:
    assert re.search(rf"^### {re.escape(topic.heading)}$", PAGE, re.MULTILINE)
    assert topic.do in PAGE


def test_the_demo_knows_the_subscriptions(contoso: list[Exchange]) -> None:
    """So that the tests above ask about what there is."""
    paths = {path_of(one) for one in contoso}
    assert all(permissions(one)[0] in paths for one in (PRODUCTION, PLATFORM, SANDBOX))
