"""The demo tenant in a real graph: all of the promised model is in it, and an awkward day takes nothing away."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from loader.demo import exchanges
from loader.graph import Database
from loader.library import shipped_library
from loader.library.definitions import Section
from loader.model import Status
from loader.packs import evaluate_pack
from loader.report import View, print_pack
from loader.services.identity.authorization import PRINCIPALS, UNKNOWN_KIND
from tests.e2e.support import ROOT, dump, ended, load
from tests.model.promised import missing_entities, missing_relationships

pytestmark = [pytest.mark.graph, pytest.mark.first_neo4j]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_all_of_the_promised_model_is_in_contoso(database: Database) -> None:
    summary = load(database, exchanges())
    assert summary.status == "complete"
    assert missing_entities(summary.entities) == set()
    assert missing_relationships(summary.relationships) == set()
    counts = sum(summary.entities.values()), sum(summary.relationships.values())
    assert "{:,} entities, {:,} relationships.".format(*counts) in README
    assigned = [
        name.split("|")[2] for name in summary.relationships if name.startswith("azure_role_assignment|ASSIGNED|")
    ]
    assert {*PRINCIPALS.values(), UNKNOWN_KIND} - set(assigned) == set()


def test_the_readme_shows_what_a_check_prints(database: Database) -> None:
    """`make demo` ends with the second day."""
    load(database, exchanges(2), only=["azure_security_group"])
    library = shipped_library()
    pack = library.pack("cis-azure-foundations-6.0.0")
    controls = [one for _, one in pack.controls() if one.id in ("7.1", "7.2")]
    part = pack.model_copy(update={"sections": [Section(id="7", title="Networking", controls=controls)]})
    out = Console(width=100, file=io.StringIO())
    print_pack(out, evaluate_pack(database, library, part), view=View.LINES)
    shown = [" ".join(line.split()) for line in README.splitlines() if re.match(r"  7\.\d +\d", line)]
    assert len(shown) == 2
    printed = " ".join(out.file.getvalue().split())
    assert [line for line in shown if line not in printed] == []


@pytest.mark.slow
def test_an_awkward_tenant_ends_partial_and_loses_nothing(database: Database) -> None:
    """Base, awkward, base: what is refused stays, what is added comes and goes, and the graph is the first again."""
    load(database, exchanges())
    base = dump(database)

    awkward = load(database, exchanges(awkward=True))
    assert awkward.status == "partial"
    statuses = ended(awkward)
    assert set(statuses.values()) == {Status.FORBIDDEN, Status.SKIPPED}
    closed = {area for area in (name.split("|")[1] for name in statuses) if area != "shared"}
    assert len(closed) == 2, "the closed subscription, and that of the vault that refuses its keys"
    there = dump(database)
    assert base.nodes.keys() - there.nodes.keys() == set()
    edges = {edge[:3] for edge in there.edges}
    assert [edge for edge in base.edges if edge[:3] not in edges] == []
    came = there.nodes.keys() - base.nodes.keys()
    assert sum("roledefinitions" in key for key in came) == 3_000
    assert awkward.changes["deleted"] == 0

    # Two subscriptions and 3,000 roles less is more than a run deletes unasked.
    again = load(database, exchanges(), accept_deletions=True)
    assert again.status == "complete"
    assert dump(database) == base
