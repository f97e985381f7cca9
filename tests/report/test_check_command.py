"""`azgraph check` with exceptions and in every format, on a real Neo4j."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from loader import config
from loader.cli.check import check, format_of
from loader.errors import UsageError
from loader.formats import ReportFormat
from loader.graph import Database
from loader.library import shipped_library
from loader.library.examples import place_example

pytestmark = [pytest.mark.packs, pytest.mark.first_neo4j]
PACK, CHECK = "cis-azure-foundations-6.0.0", "keyvault-purge-protection"
# Most tests need no more than the checks of key vaults; planning those of the whole pack takes a server seconds.
KEYVAULT = ("--service", "keyvault")


@pytest.fixture
def run(neo4j_connection, monkeypatch, database: Database):
    """Runs the command on a graph in which a check fails; gives exit code, stdout and stderr."""
    for name, value in zip(("URI", "USER", "PASSWORD"), neo4j_connection, strict=True):
        monkeypatch.setenv(f"NEO4J_{name}", value)
    config.settings.cache_clear()
    one = shipped_library().check(CHECK)
    example = next(example for example in one.examples if example.fails)
    place_example(database, example, [*one.resource, *one.needs, *one.doubts])
    app = typer.Typer()
    app.command()(check)

    def command(*arguments: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [PACK, *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    yield command
    config.settings.cache_clear()


def failing(document: dict) -> list[dict]:
    controls = [one for one in document["controls"] if one["check"] == CHECK]
    return [one for control in controls for one in control["resources"] if one["verdict"] == "fail"]


def write(path: Path, keys: list[str], expires: str, about: str = f"check: {CHECK}") -> str:
    head = f"exceptions:\n  - {about}\n    resources: {json.dumps(keys)}\n"
    path.write_text(f"{head}    reason: Test.\n    owner: Contoso\n    expires: {expires}\n", encoding="utf-8")
    return str(path)


def test_keys_as_printed_are_accepted_and_end_the_failing(run, tmp_path):
    code, out, _ = run(*KEYVAULT, "--format", "json", "--fail-on", "medium")
    document = json.loads(out)
    keys = sorted({one["key"] for one in failing(document)})
    assert (code, bool(keys)) == (1, True)
    every = {one["key"] for control in document["controls"] for one in control["resources"] if one["verdict"] == "fail"}
    accepted = write(tmp_path / "accepted.yaml", sorted(every), "9999-12-31", about=f"pack: {PACK}")
    code, out, err = run(*KEYVAULT, "--format", "json", "--fail-on", "medium", "--exceptions", accepted)
    document = json.loads(out)
    assert (code, failing(document), err) == (0, [], "")
    assert document["summary"]["excepted"] >= 1
    expired = write(tmp_path / "expired.yaml", [*keys, "/nowhere"], "2020-01-01")
    code, out, err = run(*KEYVAULT, "--format", "json", "--fail-on", "medium", "--exceptions", expired)
    assert code == 1
    assert failing(json.loads(out))
    assert f"Exception for check {CHECK}, expired: It expired on 2020-01-01" in err


def test_a_malformed_file_stops_the_run(run, tmp_path):
    path = write(tmp_path / "bad.yaml", ["/x"], "soon")
    with pytest.raises(UsageError, match=r"bad\.yaml:6: exceptions\.0\.expires"):
        run("--exceptions", path)


@pytest.mark.parametrize("form", ["sarif", "junit", "ocsf", "markdown", "html", "csv"])
def test_every_format_has_every_control(run, tmp_path, form):
    path = tmp_path / f"report.{form}"
    assert run("--section", "8", "--format", form, "--output", str(path))[:2] == (0, "")
    text = path.read_text(encoding="utf-8")
    for _, control in shipped_library().pack(PACK).controls():
        assert control.id in text or not control.id.startswith("8.")


FORMATS = ["table", "markdown", "html", "sarif", "junit"]


def test_filters_hold_in_every_format_and_for_the_exit_code_and_are_told(run):
    number = "8.3.6"
    part = ("--control", number, "--severity", "medium")
    code, out, err = run("--format", "json", *part, "--fail-on", "medium")
    document = json.loads(out)
    assert (code, err, [one["id"] for one in document["controls"]]) == (1, "", [number])
    assert document["filters"] == {"control": [number], "severity": ["medium"]}
    assert document["scores"]["controls"] == {"percent": 0, "passed": 0, "judged": 1}
    assert run("--format", "json", *part, "--fail-on", "medium", "--verdict", "pass")[0] == 0
    for form in FORMATS:
        _, out, err = run("--format", form, *part)
        assert "Filtered: control 8.3.6; severity medium. 1 of 127 controls." in " ".join(out.split()), form
        assert ("9.3.4" in out, err) == (False, ""), form
    for form in ("csv", "ocsf"):
        assert "Filtered: control 8.3.6" in run("--format", form, *part)[2], form


def test_the_scores_are_in_json_with_their_trend_and_a_part_is_no_point_of_it(run, database: Database):
    query = "CREATE (:SyncRun {id: 'run-1', seq: 1, status: 'complete', derived: true, finishedAt: datetime()})"
    database.write(lambda transaction: transaction.run(query))
    part = json.loads(run("--format", "json", "--summary", "--service", "keyvault")[1])
    assert (part["scores"]["trend"], "controls" in part) == ([], False)
    scores = json.loads(run("--format", "json", "--summary")[1])["scores"]
    point = scores["trend"][0]
    assert {name: point[name] for name in ("resources", "weighted", "controls")} == {
        name: scores[name] for name in ("resources", "weighted", "controls")
    }
    assert scores["weights"] == {"critical": 16, "high": 8, "medium": 4, "low": 2, "info": 1}
    assert CHECK in [one["check"] for one in scores["helps"]]
    assert part["scores"]["resources"] == scores["resources"]


def test_quiet_is_a_line_for_each_failing_control(run, tmp_path):
    code, out, err = run("--quiet", "--control", "8.3.6", "--fail-on", "medium")
    assert (code, err) == (1, "")
    assert [line.split()[:6] for line in out.splitlines()] == [["medium", "8.3.6", "3", "of", "3", "fail"]]
    assert run("--quiet", "--control", "8.3.6", "--output", str(tmp_path / "x"))[1:] == ("", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--all", "--summary"), "opposites"),
        (("--all", "--format", "json"), "for the table"),
        (("--summary", "--format", "html"), "for the table and json"),
        (("--output", "json"), "names the file to write; for json write `--format json`"),
        (("--control", "8.3"), "It is a section"),
        (("--subscription", "nowhere"), "no subscription 'nowhere'"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, arguments, reason):
    with pytest.raises(UsageError, match=reason):
        run(*arguments)


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [
        ("report.html", None, ReportFormat.HTML),
        ("report.JSON", None, ReportFormat.JSON),
        ("report.html", ReportFormat.MARKDOWN, ReportFormat.MARKDOWN),
        ("report.txt", None, ReportFormat.TABLE),
        ("report.htm", None, ReportFormat.HTML),
        ("report.xml", None, ReportFormat.JUNIT),
        ("report.dat", None, ReportFormat.TABLE),
        (None, None, ReportFormat.TABLE),
    ],
)
def test_a_file_is_of_the_format_that_its_ending_says(name, form, expected):
    assert format_of(form, None if name is None else Path(name)) is expected
