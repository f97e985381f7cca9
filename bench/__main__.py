"""`python -m bench` measures and writes docs/benchmarks.md; `--only` and `--scale` are to try."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench import alerts, asked, azure_runs, cold_start, figures, memory, paths, peer, questions, rounds
from bench.kept import forget, keep, kept
from bench.report import Report, Section, with_sections
from bench.server import Server, running
from bench.tenant import LEAST_ENTITIES, Tenant

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PARTS = ("help", "requests", "load", "memory", "azure", "alerts", "questions", "paths")
ENTITIES, STREAMED = 200_000, 1_000_000
ROUNDS = 5
# How often each query is asked, after the first time.
_ASKED = 1
# The only recordings of a real tenant; they are no part of the project.
RECORDINGS = ROOT.parent / "shared" / "recordings"


def main() -> None:
    options = _options()
    parts = options.only.split(",")
    if not options.go_on:
        forget()
    sections: list[Section] = []
    with running() as server:
        for part in PARTS:
            if part in parts:
                name = f"{part}-{options.scale:g}-{options.rounds}"
                found = kept(name)
                if found is None:
                    found = _measure(part, server, options)
                    keep(name, found)
                sections += found
        report = Report(f"{datetime.now(UTC):%Y-%m-%d}", _facts(server, options), sections)
    print(report.as_markdown())
    if options.into_page:
        PAGE.write_text(with_sections(PAGE.read_text(encoding="utf-8"), sections, report.date), encoding="utf-8")
        print(f"Written into {PAGE}.", file=sys.stderr)
    elif options.output is not None:
        options.output.write_text(report.as_markdown(), encoding="utf-8")
        print(f"Written to {options.output}.", file=sys.stderr)
    else:
        print("A trial run: docs/benchmarks.md stays as it is.", file=sys.stderr)
    # Only now: what was measured is on the page.
    forget()


def _measure(part: str, server: Server, options: argparse.Namespace) -> list[Section]:
    if part == "help":
        return [figures.cold_start(*cold_start.measure())]
    if part == "requests":
        at_hand = options.recordings.is_dir()
        return [figures.requests(asked.measure(server, options.recordings) if at_hand else None)]
    if part == "load":
        return _load(server, options)
    if part == "memory":
        entities = _scaled(STREAMED, options.scale)
        return [figures.memory(memory.measure(server, entities), entities)]
    if part == "azure":
        return [azure_runs.section(azure_runs.measure(server, options.tenants.split(",")))]
    if part == "alerts":
        return [figures.alerts(alerts.measure(server))]
    if part == "paths":
        return [figures.paths(paths.measure(server, [_scaled(one, options.scale) for one in paths.SIZES]))]
    return [figures.questions(questions.measure(server, ENTITIES, _ASKED))]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--scale",
        type=float,
        default=1.0,
        help="share of the full size of what is loaded and streamed; questions are always asked in full",
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--go-on", action="store_true", help="take what a run that was broken off has measured")
    parser.add_argument("--recordings", type=Path, default=RECORDINGS, help="HAR files of a real tenant")
    parser.add_argument("--tenants", default="small", help="sizes of the simulated Azure: some of small, medium, large")
    parser.add_argument("--cartography-python", type=Path, help="an interpreter that has cartography")
    parser.add_argument("--output", type=Path, help="where to write the page (default: docs/benchmarks.md if whole)")
    parser.add_argument("--into-page", action="store_true", help="put the measured parts into docs/benchmarks.md")
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(PARTS)
    if unknown or options.rounds < 1:
        parser.error(f"--only takes {', '.join(PARTS)}; --rounds takes 1 or more.")
    whole = set(options.only.split(",")) == set(PARTS) and options.scale >= 1 and options.rounds >= ROUNDS
    if options.output is None and whole:
        options.output = PAGE
    return options


def _load(server: Server, options: argparse.Namespace) -> list[Section]:
    tenant = Tenant(_scaled(ENTITIES, options.scale))
    python = options.cartography_python or peer.interpreter()
    samples = rounds.measure(server, tenant, options.rounds, python)
    size = f"{tenant.entities:,} entities of 15 properties with {tenant.relationships:,} relationships."
    return figures.loading(samples, size, with_peer=python is not None)


def _scaled(entities: int, scale: float) -> int:
    """Multiples of 100, so that the kinds of entities add up."""
    return max(LEAST_ENTITIES, round(entities * scale / 100) * 100)


def _facts(server: Server, options: argparse.Namespace) -> list[tuple[str, str]]:
    gigabytes = psutil.virtual_memory().total / 1e9
    return [
        ("machine", f"{os.cpu_count()} cores, {gigabytes:.0f} GB of memory, {platform.system()} {platform.machine()}"),
        ("Python", platform.python_version()),
        ("Neo4j", f"{server.version} on the same machine, {server.memory}"),
        ("rounds", f"{options.rounds}, after one at a tenth of the size to warm up; each in another order"),
    ]


if __name__ == "__main__":
    main()
