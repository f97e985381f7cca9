"""What a user's own files try past the gate, in each place where a library has Cypher."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loader.alerts.library import load_rule
from loader.browser.scripts import own_scripts, script
from loader.cli.main import app
from loader.errors import UsageError
from loader.library import run_query
from loader.library.gate import admit
from loader.library.own import library_with

pytestmark = pytest.mark.packs

TRICK = "// harmless\rLOAD CSV FROM 'file:///etc/passwd' AS line RETURN line[0] AS key"
QUERY = """\
id: some-machines
title: {title}
area: contoso
needs: [azure_vm]
cypher: {cypher}
graph: {graph}
identity: [key]
examples: [{{name: one, graph: {{nodes: {{vm: {{type: azure_vm}}}}}}, returns: [{{key: "@vm"}}]}}]
"""
CHECK = """\
id: machine-owner
title: Virtual machines have an owner
severity: medium
resource: azure_vm
population: {{where: {where}, meaning: machines}}
cypher: {cypher}
remediation: {{portal: Add it.}}
examples: [{{name: one, graph: {{nodes: {{vm: {{type: azure_vm}}}}}}, pass: [vm]}}]
"""
RULE = """\
id: machine-without-owner
title: A virtual machine has no owner
severity: low
kind: state
description: Nobody can be asked.
remediation: Find out who made it.
needs: [azure_vm]
identity: [entity]
message: "{{name}} has no owner"
cypher: {cypher}
examples: [{{name: one, graph: {{nodes: {{a: {{type: azure_vm}}, b: {{type: azure_vm}}}}}}, opens: [a], not: [b]}}]
"""
MACHINES = "MATCH (vm:azure_vm) RETURN vm._key AS key"
VERDICTS = "MATCH (vm:azure_vm) RETURN vm._key AS key, vm.name AS name, true AS passed, 'It is.' AS reason"
FILES = {
    "query": ("queries/contoso/some-machines.yaml", QUERY, {"cypher": MACHINES, "graph": MACHINES, "title": "Which?"}),
    "check": ("queries/checks/contoso/machine-owner.yaml", CHECK, {"cypher": VERDICTS, "where": "true"}),
    "rule": ("alertrules/contoso/machine-without-owner.yaml", RULE, {"cypher": MACHINES}),
}


@pytest.fixture
def write(tmp_path):
    """Writes one file of a library, one of its texts put in another's place, and gives the library's folder."""

    def write(kind: str, *, ends: str = "\n", **texts: str) -> Path:
        name, form, plain = FILES[kind]
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = form.format(**{key: json.dumps(text) for key, text in {**plain, **texts}.items()})
        path.write_bytes(filled.replace("\n", ends).encode())
        return tmp_path / "own"

    return write


@pytest.mark.parametrize(
    ("kind", "key"),
    [("query", "cypher"), ("query", "graph"), ("check", "cypher"), ("check", "where"), ("rule", "cypher")],
)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TRICK, r"U\+000D"),
        ("true\u200b) CREATE (n) //", r"U\+200B \(zero width space\)"),
        ("true) CALL dbms.listConfig() YIELD name RETURN name //", "CALL dbms"),
        ("apoc.load.json('http://127.0.0.1:9') IS NULL", r"apoc\.load\.json"),
        ("true) CALL (vm) { CREATE (n) } IN TRANSACTIONS RETURN vm //", "CREATE"),
    ],
)
def test_a_file_is_refused_with_its_line_wherever_the_text_stands(write, kind, key, text, reason):
    folder = write(kind, **{key: text})
    with pytest.raises(UsageError, match=rf"\.yaml:\d+: .*{reason}"):
        load_rule(folder / FILES[kind][0]) if kind == "rule" else library_with([folder])


def test_files_with_line_ends_of_windows_work(write, database):
    comment = "// all of them\n" + MACHINES
    folder = write("query", ends="\r\n", title="Which?")
    path = folder / FILES["query"][0]
    block = "cypher: |\r\n  " + comment.replace("\n", "\r\n  ") + "\r\n"
    path.write_bytes(path.read_bytes().replace(f'cypher: "{MACHINES}"\r\n'.encode(), block.encode()))
    query = library_with([folder]).query("some-machines")
    assert query.cypher == comment + "\n"
    assert run_query(database, query).rows == []


def test_the_plan_refuses_a_graph_form_before_its_link_is_given(write, database):
    query = library_with([write("query")]).query("some-machines")
    evil = query.model_copy(update={"graph": TRICK})
    with pytest.raises(UsageError, match=r"The query some-machines .*reads a file or an address"):
        run_query(database, evil)


def test_browser_gets_no_script_that_does_more_than_read(write, database, neo4j_connection, tmp_path, monkeypatch):
    """A text that the first gate lets through: here a comment is ended by an escape, as a title could try to."""
    monkeypatch.setattr("loader.library.library.writing", lambda _: None)
    folder = write("query", graph="MATCH (n) // \\u000aSET n.x = 1 RETURN n")
    uri, _, password = neo4j_connection
    monkeypatch.setenv("NEO4J_PASSWORD", password)
    out = tmp_path / "out.zip"
    asked = ["browser", "favourites", "--library", str(folder), "--output", str(out), "--neo4j-uri", uri]
    result = CliRunner().invoke(app, asked)
    assert isinstance(result.exception, UsageError)
    assert "The query some-machines may only read the graph" in str(result.exception)
    assert not out.exists()


def test_an_override_changes_no_text(write, database):
    """What an override may give, a title and values of parameters, stays a comment and literals in Browser."""
    folder = write("query")
    title = "x \\u000a CREATE (:Planted) //\rCREATE (:Planted) \u2028?"
    (folder / "overrides.yaml").write_text(
        json.dumps(
            {
                "queries": {
                    "some-machines": {"title": title},
                    "resource-by-name": {"parameters": {"text": "') CREATE (:Planted) // \\u0027 \r"}},
                }
            }
        )
    )
    library = library_with([folder])
    scripts = own_scripts(library)
    assert {owner for owner, _ in scripts} == {"The query some-machines", "The query resource-by-name"}
    for owner, text in scripts:
        assert "CREATE (:Planted)" in text
        admit(database, owner, text, {})
    assert script(library.query("some-machines")).startswith("// x \\ u000a CREATE (:Planted) //")
