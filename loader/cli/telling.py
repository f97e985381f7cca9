"""What an evaluation of rules tells people, where the configuration has routes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loader.cli.common import Format
from loader.cli.notify import print_told, say_problems, tell_all
from loader.errors import AzgraphError

if TYPE_CHECKING:
    from loader.alerts.library import RuleLibrary
    from loader.alerts.rule import Rule
    from loader.graph import Database
    from loader.notify.sending import Told


@dataclass
class Telling:
    """write: the `also` of the evaluation; None where nobody is to be told. told: what became of it, afterwards."""

    write: Callable[[Any, Any], None] | None = None
    told: list[Told] = field(default_factory=list)

    @property
    def went_wrong(self) -> bool:
        """Whether something could not be told."""
        return any(one.went_wrong for one in self.told)

    def as_json(self) -> dict[str, Any]:
        """What an evaluation's JSON says of it; nothing where nobody was to be told."""
        say_problems(self.told)
        return {"told": [one.as_json for one in self.told]} if self.write else {}

    def print(self) -> None:
        """The same for people."""
        if any(one.messages or one.went_wrong for one in self.told):
            print_told(self.told, Format.TABLE)
        else:
            say_problems(self.told)


@contextmanager
def telling(database: Database, rules: Sequence[Rule], library: RuleLibrary, *, sends: bool) -> Iterator[Telling]:
    """Around an evaluation: what it opens and ends goes into the outbox with it, and out of it afterwards.

    sends: whether it goes out at once; what is in the outbox then waits for `azgraph notify send`.
    """
    from loader.config import written

    found = written()
    if not found.configuration.notify.routes:
        yield Telling()
        return
    from loader.notify.configured import packs_in, post_of
    from loader.notify.outbox import ensure_schema
    from loader.notify.sending import Told

    post = post_of(found, rules, packs_in(library))
    ensure_schema(database)
    notices = Telling(post.outbox.write)
    yield notices
    if sends:
        try:
            notices.told = tell_all(database, post)
        except AzgraphError as error:
            # The alerts are in the graph, and what is to be told of them is too.
            notices.told = [Told("notify", problems={str(error).rstrip("."): None})]
