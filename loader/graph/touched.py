"""What a run has written so far, as far as it decides what has to be derived anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Touched:
    """types: of whose entities or relationships something was written, or may have been; lost: derivations of which
    relationships went with the nodes they ended at; relabelled: a node that others speak of turned out to be of another
    type, which any query may ask for.

    Told while a transaction is at work: one that comes to nothing makes work for the next derivation, no more.
    """

    types: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    relabelled: bool = False

    def __bool__(self) -> bool:
        return bool(self.types or self.lost or self.relabelled)

    def concerns(self, name: str, inputs: Iterable[str]) -> bool:
        """Whether a derivation or naming of these inputs may come to something else now."""
        return self.relabelled or name in self.lost or not self.types.isdisjoint(inputs)

    def add(self, other: Touched) -> None:
        """What another process wrote for the same run."""
        self.types |= other.types
        self.lost |= other.lost
        self.relabelled |= other.relabelled
