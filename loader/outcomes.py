"""How fetching ended: the words for it, and what each of them allows. The rooms import them from `loader.model`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a step (or one scope of it) ended. Only `COMPLETE` lets anything be deleted or resolved."""

    COMPLETE = "complete"
    FORBIDDEN = "forbidden"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"
    SKIPPED = "skipped"


class Quiet(StrEnum):
    """An end that is nobody's fault and that no second run changes: told once, and no failure of the run.

    NOT_OFFERED: the subscription has not registered the provider, or its region or offer is without the service.
    NOT_LICENSED: the tenant has not bought the feature. RETIRED: Azure has ended the service. GONE: the resource was
    deleted between the list that named it and the call about it. DISABLED: the subscription is not enabled. WITHHELD:
    Azure does not let the subscription use it, for its offer does not permit that, or a feature is not registered.
    LEFT_OUT: the configuration leaves it out; the status is then `SKIPPED`. OPTIONAL: nothing else of the graph rests
    on it (who made a change; resources of no declared type, where the identity may not read all of them).
    """

    NOT_OFFERED = "not-offered"
    NOT_LICENSED = "not-licensed"
    RETIRED = "retired"
    GONE = "gone"
    DISABLED = "disabled"
    WITHHELD = "withheld"
    LEFT_OUT = "left-out"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How fetching one scope ended, with a sentence that tells the user what to do when it did not end well.

    quiet: why a scope that was not read is no failure; its status is `UNAVAILABLE` (`SKIPPED` where it was left out).
    """

    status: Status = Status.COMPLETE
    reason: str = ""
    quiet: Quiet | None = None

    @property
    def whole(self) -> bool:
        """Whether all that Azure has of the scope was read."""
        return self.status is Status.COMPLETE

    @property
    def known_empty(self) -> bool:
        """Whether Azure said that there can be nothing of the sort: as good as an empty list read to its end.

        A licence that has run out, a disabled subscription, one that may not use a service, and a resource that is gone
        say nothing of what there is.
        """
        return self.quiet in (Quiet.NOT_OFFERED, Quiet.RETIRED)

    @property
    def settled(self) -> bool:
        """Whether what is stored of the scope and was not met is gone: the one thing that lets it be deleted."""
        return self.whole or self.known_empty

    @property
    def accounted(self) -> bool:
        """Whether a run is complete with it: what is missing is nothing that a second run could read."""
        return self.whole or self.quiet is not None
