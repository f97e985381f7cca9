"""The export, held to a schema written from BloodHound's published description of its format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from loader.graph import Database
from loader.paths import opengraph, read_network
from loader.paths.kinds import hop_kinds
from tests.paths.contoso import SUB, Small, people, scopes

SCHEMA = json.loads((Path(__file__).parent / "opengraph" / "schema.json").read_text())
HOSTILE = 'x"`\n}],"edges":[{\\<b>'


@pytest.mark.graph
def test_the_export_holds_to_the_schema_whatever_things_are_called(database: Database) -> None:
    small = Small()
    scopes(small)
    people(small)
    small.node("azure_user", "mallory", HOSTILE)
    small.edge("mallory", "MEMBER_OF", "inner")
    small.can("mallory", SUB, "run-code", name=HOSTILE)
    small.write(database)
    written = json.loads("".join(opengraph(database, read_network(database))))
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(written)] == []
    nodes = {one["id"]: one for one in written["graph"]["nodes"]}
    assert len(nodes) == len(written["graph"]["nodes"])
    assert nodes["MALLORY"]["properties"]["name"] == HOSTILE
    edges = {(one["start"]["value"], one["kind"], one["end"]["value"]) for one in written["graph"]["edges"]}
    assert {("ADA", "AZGMemberOf", "INNER"), ("ADMINS", "AZGGiveRoles", SUB.upper())} <= edges
    assert {end for start, _, other in edges for end in (start, other)} <= nodes.keys()


def test_every_edge_kind_of_bloodhound_has_its_row_in_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "paths.md").read_text(encoding="utf-8")
    for kind in hop_kinds():
        assert f"`{kind.id}`" in page
        for name in kind.bloodhound:
            assert f"`{name}`" in page
