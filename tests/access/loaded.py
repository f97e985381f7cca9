"""A graph of answers in wire form, by entity type, of one tenant with one subscription."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from loader.conclusions import derivations, namings
from loader.graph import Database, Run
from loader.mapping import build_record
from loader.model import Json, Outcome
from loader.services import entity_types, in_each_subscription, type_of


@contextmanager
def loaded(connection: Any, answers: Mapping[str, list[Json]], tenant: str, subscription: str) -> Iterator[Database]:
    """The database with nothing but these answers, and what follows from them."""
    with Database(*connection) as database:
        database.write(lambda run: run.run("MATCH (n) DETACH DELETE n"))
        types = entity_types()
        with Run.start(database, loader_version="1", entity_types=types, resolve_type=type_of) as run:
            for name, found in answers.items():
                kept = [one for one in found if (keep := types[name].keep) is None or keep(one)]
                records = [build_record(types[name], {**one, "@tenant": tenant}) for one in kept]
                step = run.step(name, subscription if in_each_subscription(types[name]) else f"tenant:{tenant}")
                step.write("", [one for one in records if one])
                step.finish({"": Outcome()})
            run.derive(derivations(), namings())
            run.finish("complete")
        yield database
