"""From measurements to the sections of the page: which ratio answers which target."""

from __future__ import annotations

import os
from collections.abc import Sequence

from bench.alerts import ALERTS
from bench.alerts import Took as TookOfAlerts
from bench.asked import OLDER_PRODUCT, Asked
from bench.memory import Memory
from bench.paths import Cost
from bench.peer import VERSION
from bench.questions import Answers, Question
from bench.report import Figure, Section
from bench.rounds import Samples
from bench.took import Took

# What a person who asks waits for, and why some questions take longer.
LIMIT_SECONDS = 2.0
SLOW = {
    "resource-by-tag": "it compares the names of all tags of all entities, in any casing, and returns each that has it",
    "tag-values": "it compares the names of all tags of all entities, in any casing",
    "untagged-resources": "nearly all resources of Contoso lack the tag it looks for, and are its answer",
    "vnet-overlap": "the copies of Contoso have the same address space, and each pair of them is a row of the answer",
}
_SLOWEST_SHOWN = 10
_NO_PEER = f"cartography {VERSION} could not be installed here, so there is no comparison with it."
_SORTS_SHOWN = 6


def loading(samples: Samples, size: str, *, with_peer: bool) -> list[Section]:
    """First load and re-sync."""

    def ratio(what: str, slow: str, fast: str, target: float | None = None, *, at_most: bool = False) -> Figure:
        middle, least, greatest = samples.ratio(slow, fast)
        return Figure(what, middle, "", target, at_most, (least, greatest))

    first = [
        ratio("nodes, share of the ceiling's speed", "ceiling nodes", "nodes", 0.8),
        ratio("both together, share of the ceiling's speed", "ceiling", "first"),
        ratio("nodes, where the ceiling keeps the same constraint and indexes", "indexed nodes", "nodes"),
        ratio("both, where all far ends come last, share of the ceiling's speed", "ceiling", "reversed"),
    ]
    missing = [] if with_peer else [_NO_PEER]
    notes = [*missing]
    if untold := sum(one["edges"] <= 0 for one in samples.rounds):
        notes.append(_UNTOLD.format(untold=untold, rounds=len(samples.rounds)))
    else:
        first.insert(1, ratio("relationships, share of the ceiling's speed", "ceiling edges", "edges", 0.9))
    again = [
        ratio("unchanged re-sync, times faster than MERGE of everything", "merged again", "unchanged", 12),
        ratio("1 % changed, time in proportion to unchanged", "changed", "unchanged", 1.3, at_most=True),
    ]
    if with_peer:
        first.append(ratio("times faster than cartography", "cartography, first", "first", 4))
        # What writes to the same Neo4j can be no faster than that.
        first.append(ratio("times that the ceiling itself is faster than cartography", "cartography, first", "ceiling"))
        again.insert(1, ratio("times faster than cartography's re-load", "cartography, again", "unchanged", 25))
    return [
        Section("First load", f"{size} {_CEILING} {_PEER}", first, [*notes, _seconds(samples)]),
        Section("Loading the same again", _AGAIN, again, missing),
    ]


_CEILING = (
    "Both begin with an empty database. The ceiling is Neo4j itself: the same rows, already in memory, written by "
    "plain `CREATE` in two sessions; nodes without any constraint or index (which no loader that may run twice can do "
    "without), relationships by an indexed key. azgraph hashes, compares, makes its constraints and indexes, and keeps "
    "its books within its time. Relationships are what a load of everything takes longer than one of the nodes alone."
)
_UNTOLD = (
    "What relationships alone cost, to be at least 0.9 of the ceiling's speed, could not be told: in {untold} of "
    "{rounds} rounds a load of everything took no longer than one of the nodes alone, so their difference is noise."
)
_PEER = (
    f"cartography {VERSION} loads the same rows with its own `load()` and node schemas of the same properties and "
    "relationships, far ends first, in its own virtual environment with the driver it brings."
)
_AGAIN = (
    "azgraph gets the same records again, hashes each of them and compares; nothing has changed, or one tag of every "
    "hundredth entity has. MERGE of everything sends all rows again in one session (two deadlock), with the number of "
    "the run on each node, as is needed to find what is gone. cartography calls `load()` again."
)


def _seconds(samples: Samples) -> str:
    told = ", ".join(f"{name} {samples.median(name):.1f}" for name in samples.rounds[0])
    rounds = f"{len(samples.rounds)} rounds" if len(samples.rounds) > 1 else "one round"
    return f"Median seconds of {rounds} on this machine, for orientation: {told}."


def memory(found: dict[str, Memory], entities: int) -> Section:
    """Memory of the loading process."""
    figures = [
        Figure(f"{name}, above the idle process", one.growth, " MB", 150, at_most=True) for name, one in found.items()
    ]
    idle = ", ".join(f"{one.idle:.0f} MB" for one in found.values())
    how = (
        f"{entities:,} entities with their relationships are made up row by row and stream through one run in a "
        f"process of its own. Its resident memory is looked at fifty times a second; idle, it is {idle}. Each was "
        "measured once."
    )
    return Section("Memory of the loader", how, figures)


def requests(asked: Asked | None) -> Section:
    """Requests to Azure."""
    how = (
        f"The older product that recorded our test answers sent {OLDER_PRODUCT:,} requests to load that tenant. "
        "azgraph loads the same tenant from those recordings."
    )
    if asked is None:
        return Section("Requests to Azure", f"{how} The recordings were not at hand, so this was not measured.")
    where, share = "requests for the subscriptions that were recorded", "share of the older product's"
    figures = [
        Figure(
            f"{where}, answered as Azure answers azgraph: {share}",
            asked.calls_as_azure_answers / OLDER_PRODUCT, "", 1 / 5, at_most=True,
        ),
        Figure(f"{where}, as recorded: {share}", asked.calls_where_recorded / OLDER_PRODUCT, ""),
        Figure(f"requests for all visible subscriptions, as recorded: {share}", asked.calls / OLDER_PRODUCT, ""),
    ]  # fmt: skip
    counts = f"In numbers: {asked.calls_as_azure_answers:,}, {asked.calls_where_recorded:,} and {asked.calls:,}."
    caveat = _CAVEAT.format(recorded=asked.recorded)
    return Section("Requests to Azure", how, figures, [counts, _saved(asked), caveat])


_CAVEAT = (
    "That product asked otherwise: for no inventory and no permissions of a subscription, without which azgraph "
    "asks for every list of every type, and for no owners in lists of Microsoft Graph, which azgraph then asks for "
    "one by one. The first figure and the table are of the same recordings with an inventory made of the resources "
    "that they name, the right to read, and no owners. In a live tenant most requests to Microsoft Graph go in "
    "batches of 20 besides, which is not counted. Not all of it is thrift. {recorded:,} of its answers were kept, "
    "which is what the table shows; what belongs to a list that was not kept cannot be asked for, so a live run "
    "over that tenant would send more. On the other side, azgraph asks for more types than that product did, in "
    "every subscription, also where nothing was recorded."
)


def _saved(asked: Asked) -> str:
    shown = list(asked.by_sort.items())[:_SORTS_SHOWN]
    rows = "\n".join(f"| {name} | {theirs:,} | {ours:,} |" for name, (theirs, ours) in shown)
    return f"Where most was saved:\n\n| asked for | recorded | azgraph |\n| --- | --- | --- |\n{rows}"


def questions(answers: Answers) -> Section:
    """The queries of the library."""
    slow = [one for one in answers.asked if one.seconds is None or one.seconds > LIMIT_SECONDS]
    how = (
        f"Contoso many times over: {answers.entities:,} entities with {answers.relationships:,} relationships in "
        f"hundreds of subscriptions. Each of the {len(answers.asked)} queries is asked with its defaults, its check of "
        "what was loaded whole included; what it takes once its plan is known counts. Seconds, because people wait "
        "them."
    )
    share = (len(answers.asked) - len(slow)) / len(answers.asked)
    figures = [Figure(f"share of the queries that end within {LIMIT_SECONDS:g} seconds", share, "", 1)]
    rows = "\n".join(f"| `{one.id}` | {_told(one)} | {one.rows:,} |" for one in answers.asked[:_SLOWEST_SHOWN])
    notes = [f"The slowest:\n\n| query | seconds | rows |\n| --- | --- | --- |\n{rows}"]
    if slow:
        reasons = "\n".join(f"- `{one.id}`: {SLOW.get(one.id, 'not looked into yet')}" for one in slow)
        notes.append(f"Why some take longer than {LIMIT_SECONDS:g} seconds:\n\n{reasons}")
    return Section("Questions", how, figures, notes)


def _told(one: Question) -> str:
    return "stopped" if one.seconds is None else f"{one.seconds:.2g}"


def alerts(took: TookOfAlerts) -> Section:
    """Ten thousand alerts at once."""
    how = (
        f"{ALERTS:,} key vaults fail one rule in one run. The ceiling is Neo4j itself: the same alerts with their "
        "relationships, already in memory, written by plain `CREATE`. azgraph asks the rule's query, looks up names, "
        "owners and what is stored, and writes each alert with its history and, where a route wants it, its notice. "
        "All are told as one summary."
    )
    figures = [
        Figure("opening them, time in proportion to the ceiling", took.opened / took.ceiling, "", 8, at_most=True),
        Figure("evaluating again, in proportion to opening", took.again / took.opened, "", 1, at_most=True),
        Figure("listing all, in proportion to opening", took.listed / took.opened, "", 1, at_most=True),
        Figure("telling all, in proportion to opening", took.told / took.opened, "", 1.5, at_most=True),
        Figure("resolving all, in proportion to opening", took.resolved / took.opened, "", 1.5, at_most=True),
        Figure("memory that all of this takes", took.megabytes, " MB", 300, at_most=True),
    ]
    seconds = ", ".join(
        f"{name} {value:.1f}"
        for name, value in (
            ("the ceiling", took.ceiling),
            ("opened", took.opened),
            ("again", took.again),
            ("listed", took.listed),
            ("told", took.told),
            ("resolved", took.resolved),
        )
    )
    return Section("Ten thousand alerts", how, figures, [f"In seconds: {seconds}."])


def paths(costs: Sequence[Cost]) -> Section:
    """Effective access and the paths over it; the last of the sizes is judged."""
    first, last = costs[0], costs[-1]
    how = (
        f"Tenants of {', '.join(f'{one.entities:,}' for one in costs)} entities: a fifth are users, each in two "
        "groups, and a tenth assignments of roles. Everything is derived from what a load leaves; then a run finds "
        "nothing different, and one an assignment more. Of some users and vaults the dearest question counts; a path "
        "is the shortest to tier 0 or the three shortest to a vault, and like all that follows includes reading what "
        "it takes of the graph. The ceiling is Neo4j itself: the relationships that were derived, already in memory, "
        "written by plain `CREATE`. Seconds, because people wait them, are of the largest tenant, and of processor "
        "time of azgraph and Neo4j together: about what the clock says where nothing else is at work. Here "
        f"{last.load:.0f} programs wanted {os.cpu_count()} cores, so the clock, which is told last, said more."
    )

    def growth(name: str) -> float:
        ends = getattr(last, name).processor / getattr(first, name).processor
        return float(ends / (last.entities / first.entities))

    deriving = last.derive.processor / last.ceiling.processor
    figures = [
        Figure("deriving where nothing changed", last.unchanged.processor, " s", 1, at_most=True),
        Figure("deriving everything, time in proportion to the ceiling", deriving, "", 4, at_most=True),
        Figure("derived for each assignment and membership", last.derived / last.given, "", 1.1, at_most=True),
        Figure("who can do what on a resource", last.who_can.processor, " s", 1, at_most=True),
        Figure("what one principal was given", last.access_of.processor, " s"),
        Figure("how one comes by it on a resource", last.explain.processor, " s"),
        Figure("a path", last.path.processor, " s", 2, at_most=True),
        Figure("`azgraph paths` to tier 0, the start of the command included", last.command.processor, " s"),
        Figure("all that one gets at", last.radius.processor, " s"),
        Figure("choke points", last.choke.processor, " s", 60, at_most=True),
    ]
    if last is not first:
        figures += [
            Figure(f"growth of {called} in proportion to entities", growth(name), "", 1.2, at_most=True)
            for called, name in (("deriving", "derive"), ("a path", "path"), ("choke points", "choke"))
        ]
    names = ("derive", "ceiling", "unchanged", "one_more", "who_can", "access_of", "explain", "path", "command",
             "radius", "choke")  # fmt: skip
    heads = ("entities", "given", "derived", "paths found", "deriving", "ceiling", "nothing changed", "one more",
             "who can", "access of", "explain", "paths", "command", "gets at", "choke points")  # fmt: skip
    rows = [
        " | ".join([*(f"{count:,}" for count in (one.entities, one.given, one.derived, one.found)),
                    *(_both(getattr(one, name)) for name in names)])
        for one in costs
    ]  # fmt: skip
    table = "\n".join(f"| {row} |" for row in [" | ".join(heads), " | ".join(["---"] * len(heads)), *rows])
    return Section("Access and paths", how, figures, [f"Seconds of processor time, and by the clock:\n\n{table}"])


def _both(one: Took) -> str:
    return f"{one.processor:.2g}, {one.clock:.2g}"


def cold_start(ours: float, theirs: float) -> Section:
    """`azgraph --help`."""
    how = (
        '`azgraph --help` against `python -c "import azure.mgmt.network.aio"`, turn by turn: loading one of Azure\'s '
        "SDK packages takes longer than the whole command should."
    )
    return Section("Cold start", how, [Figure("time in proportion to the import", ours / theirs, "", 1, at_most=True)])
