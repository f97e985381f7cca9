"""What findings mean where their resource stands: raised where the Internet gets there or a way leads to tier 0."""

from __future__ import annotations

import csv
import io
import json

import pytest

from loader.graph import Database
from loader.library import Check, Library, Pack
from loader.library.example_format import CheckExample
from loader.library.examples import place_example
from loader.packs import Verdict, evaluate_pack
from loader.report import as_csv, as_html, as_json, as_junit, as_markdown, as_ocsf, as_sarif
from loader.verdicts import Severity

pytestmark = pytest.mark.packs

CHECK = Check.model_validate(
    {
        "id": "some-check",
        "title": "Machines are good",
        "severity": "medium",
        "resource": "azure_vm",
        "cypher": "MATCH (m:azure_vm) RETURN m._key AS key, m.name AS name, m.good AS passed, 'It is open.' AS reason",
        "remediation": {"portal": "Make it good."},
        "examples": [{"name": "none", "graph": {}}],
    }
)
PACK = Pack.model_validate(
    {
        "id": "p",
        "version": "1",
        "title": "P",
        "source": "Contoso",
        "sections": [{"id": "1", "title": "One", "controls": [{"id": "1.1", "title": "A", "check": "some-check"}]}],
    }
)
# Each machine by its name: what its finding says, and how severe it is.
EXPECTED = {
    "plain": ("It is open.", "medium"),
    "reached": ("It is open, and the Internet reaches it.", "high"),
    "giving": ("It is open, and its identity can give roles on subscription Production.", "high"),
    "both": (
        "It is open, and the Internet reaches it, and its identity can give roles on the root of Contoso.",
        "critical",
    ),
    "admin": ("It is open, and its identity holds Global Administrator.", "high"),
    "narrow": ("It is open.", "medium"),
    "taking-up": ("It is open.", "medium"),
    "conditional": ("It is open.", "medium"),
    "fine": ("It is open.", "medium"),
    "elsewhere": ("It is open.", "medium"),  # the security groups of its subscription were not loaded
}
GRAPH = {
    "nodes": {
        "internet": {"type": "internet"},
        "contoso": {"type": "azure_account", "properties": {"name": "Contoso"}},
        "production": {"type": "azure_subscription", "properties": {"name": "Production"}},
        "rg": {"type": "azure_resource_group"},
        "owner": {"type": "azure_role_definition", "properties": {"roleName": "Owner", "actions": ["*"]}},
        "ga": {"type": "azure_ad_role_definition", "properties": {"displayName": "Global Administrator"}},
        "team": {"type": "azure_user_group"},
        **{
            name: {"type": "azure_vm", "properties": {"good": name == "fine"}, "subscription": subscription}
            for name in EXPECTED
            for subscription in ["two" if name == "elsewhere" else "one"]
        },
        **{f"id-{name}": {"type": "azure_service_principal"} for name in EXPECTED},
        **{f"nic-{name}": {"type": "azure_nic"} for name in ("reached", "both", "fine")},
        "nic-elsewhere": {"type": "azure_nic", "subscription": "two"},
        "a1": {"type": "azure_role_assignment"},
        "a2": {"type": "azure_role_assignment"},
        "a3": {"type": "azure_role_assignment"},
        "a4": {"type": "azure_role_assignment", "properties": {"condition": "@Resource[x] == 'y'"}},
        "e1": {"type": "azure_role_eligibility"},
        "g1": {"type": "azure_ad_role_assignment"},
    },
    "relationships": [
        *(f"{name} USES id-{name}" for name in EXPECTED),
        *(f"{name} USES nic-{name}" for name in ("reached", "both", "fine", "elsewhere")),
        *(f"internet REACHES nic-{name}" for name in ("reached", "both", "fine", "elsewhere")),
        *("a1 ASSIGNED id-giving", "a1 USES owner", "a1 ALLOWS production", "team HAS id-both"),
        *("a2 ASSIGNED team", "a2 USES owner", "a2 ALLOWS contoso"),
        *("a3 ASSIGNED id-narrow", "a3 USES owner", "a3 ALLOWS rg"),
        *("a4 ASSIGNED id-conditional", "a4 USES owner", "a4 ALLOWS production"),
        *("e1 ASSIGNED id-taking-up", "e1 USES owner", "e1 ALLOWS production"),
        *("g1 ASSIGNED id-admin", "g1 USES ga", "g1 ALLOWS contoso"),
    ],
}
NEEDS = [
    *("azure_vm", "azure_nic", "azure_public_ip", "azure_lb", "azure_subnet", "azure_vnet", "azure_security_group"),
    *("azure_network_manager", "azure_network_group", "azure_security_admin_collection", "azure_security_admin_rule"),
    *("azure_network_firewall", "azure_network_firewall_policy", "azure_network_firewall_rule_collection_group"),
    *("azure_application_gateway", "azure_deny_assignment"),
]


def test_findings_are_raised_where_they_mean_more_and_every_format_says_so(database: Database, monkeypatch) -> None:
    forbidden = {"azure_security_group": {"status": "forbidden", "subscription": "two"}}
    example = CheckExample.model_validate({"name": "it", "graph": GRAPH, "scopes": forbidden})
    place_example(database, example, NEEDS, ["CAN MEMBER_OF ACTS_AS"])
    asked: list[str] = []
    read = Database.read
    monkeypatch.setattr(
        Database, "read", lambda self, query, *given, **named: asked.append(query) or read(self, query, *given, **named)
    )
    result = evaluate_pack(database, Library(checks={CHECK.id: CHECK}), PACK)
    assert sum("REACHES" in query for query in asked) == 1, "one question for all findings"
    control = result.controls[0]
    told = {one.name: (one.reason, check.severity_of(one).value) for check, one in control.rows}
    assert told == EXPECTED
    assert {one.name for one in control.resources if one.raised} == {"reached", "giving", "both", "admin"}
    assert control.resources[0].name == "both", "the worst first"
    assert (control.verdict, control.severity, control.raised) == (Verdict.FAIL, Severity.MEDIUM, Severity.CRITICAL)
    assert result.findings(Severity.CRITICAL) == [control]

    written = json.loads(as_json(result))["controls"][0]
    assert (written["severity"], written["raised"]) == ("medium", "critical")
    assert {one["name"]: (one["reason"], one["severity"]) for one in written["resources"]} == EXPECTED
    lines = csv.DictReader(io.StringIO(as_csv(result)))
    assert {line["resource_name"]: (line["reason"], line["severity"]) for line in lines} == EXPECTED
    found = {one["resources"][0]["name"]: one["severity"] for one in json.loads(as_ocsf(result))}
    assert (found["both"], found["reached"], found["plain"]) == ("Critical", "High", "Medium")
    sarif = {one["properties"].get("severity") for one in json.loads(as_sarif(result))["runs"][0]["results"]}
    assert sarif == {"critical", "high", "medium"}
    assert '<failure message="It is open, and the Internet reaches it." type="high">' in as_junit(result)
    assert "(raised from medium)" in as_html(result)
    assert "Raised to critical" in as_markdown(result)
