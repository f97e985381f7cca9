"""Which derivations and namings still hold, and doing the others anew: nothing is read of a graph that did not change.

A run notes in its `SyncRun` what it derived, each with the version of the code that did; `derived` says that it came to
the end of it. The next run takes for granted only what the last run noted so, by the same code, and of whose inputs
nothing was written since. What cannot be told apart is done again: all of it after a run that did not get that far.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from loader.graph.database import Database
from loader.graph.derivations import Deriver
from loader.graph.naming import Namer
from loader.graph.touched import Touched
from loader.graph.writer import GraphWriter
from loader.model import Derivation, Naming

_LAST = """
OPTIONAL MATCH (last:SyncRun) WHERE last.refused IS NULL WITH last ORDER BY last.seq DESC LIMIT 1
RETURN last.seq IS NOT NULL AS any, coalesce(last.derived, false) AS derived, head(COLLECT {
  MATCH (run:SyncRun) WHERE run.derivations IS NOT NULL RETURN run.derivations ORDER BY run.seq DESC LIMIT 1
}) AS noted
"""
_TYPES = "CALL db.labels() YIELD label RETURN collect(label) AS labels"
_NOTE = "MATCH (r:SyncRun {id: $id}) SET r.derivations = $noted, r.derived = $derived"
# Names of namings, which own no relationships, stand among those of derivations with this before them.
_NAMING = "naming:"


class Derived:
    """What earlier runs derived, as the graph has it before a run begins."""

    def __init__(self, database: Database) -> None:
        self._database = database
        row = database.read(_LAST)[0]
        noted = dict(str(one).partition(" ")[::2] for one in row["noted"] or ())
        self._earlier = frozenset(one for one in noted if not one.startswith(_NAMING))
        # An older azgraph noted no names: whatever it left is looked for once.
        self._is_older = row["any"] and row["noted"] is None
        self._versions: dict[str, str] = noted if row["derived"] else {}

    def bring_up(
        self,
        derivations: Iterable[Derivation],
        namings: Iterable[Naming],
        *,
        code: str,
        run: str,
        deriver: Deriver,
        namer: Namer,
        writer: GraphWriter,
    ) -> None:
        """Does what does not hold any more, in this order, and notes what holds now. run: the id of its `SyncRun`.

        code: names the code that derivations and namings use; with another one nothing holds.
        """
        declared, called = list(derivations), list(namings)
        names = {one.name for one in declared}
        self._note(writer, run, [f"{one} " for one in sorted(names | self._earlier)], derived=False)
        now: dict[str, str] = {}
        written: set[str] = set()
        types = set(self._database.read(_TYPES)[0]["labels"])
        for one in declared:
            version = _version(code, one.name, one.query, one.inputs, one.relationships)
            known = self._versions.get(one.name) == version
            holds = known and written.isdisjoint(one.after) and not writer.touched.concerns(one.name, one.inputs)
            # Most graphs lack most types, and a query that finds nothing has to be planned all the same.
            nothing = (known or one.name not in self._earlier) and not one.is_possible(types)
            if holds or nothing:
                now[one.name] = version
                continue
            result = deriver.derive(one)
            now[one.name] = version if result.whole else ""
            if result.written:
                written.add(one.name)
                types |= {made.type for made in one.makes if made.type}
        if self._is_older or self._earlier - names:
            deriver.drop_others(names)
        for naming in called:
            if types.isdisjoint(naming.types):
                continue
            name, inputs = f"{_NAMING}{naming.name}", (*naming.types, *naming.inputs)
            now[name] = _version(code, naming.name, naming.query, inputs)
            if self._versions.get(name) != now[name] or writer.touched.concerns(name, inputs):
                namer.name(naming)
        self._note(writer, run, [f"{name} {version}" for name, version in now.items()], derived=True)
        self._versions, self._earlier, self._is_older = now, frozenset(names), False
        writer.touched = Touched()

    def end(self, run: str, writer: GraphWriter) -> None:
        """Before a run ends: what it wrote after it derived leaves all of it to the next run."""
        if writer.touched:
            names = [f"{one} " for one in sorted(self._earlier)]
            self._note(writer, run, names, derived=False)

    def _note(self, writer: GraphWriter, run: str, noted: list[str], *, derived: bool) -> None:
        writer.leased(lambda transaction: transaction.run(_NOTE, id=run, noted=noted, derived=derived))


def _version(*told: object) -> str:
    return sha256(repr(told).encode()).hexdigest()[:16]
