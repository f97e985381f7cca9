"""Why a run is not begun, and why one came to no end of its own."""

from __future__ import annotations

from datetime import datetime

from loader.errors import AzgraphError, UsageError, first_of
from loader.graph.bookkeeping import newest_answers
from loader.graph.database import Database
from loader.graph.refusals import refusal
from loader.secrets import scrub_text


def why_ended(error: BaseException) -> str:
    """Why a run came to no end of its own. What azgraph does not know may quote anything, so only its kind is kept."""
    first = first_of(error)
    told = first if isinstance(first, AzgraphError) else refusal(first)
    if told is not None:
        return scrub_text(str(told))
    if isinstance(first, Exception):
        return f"azgraph met something it does not know: {type(first).__name__}."
    return "It was stopped before it finished."


def refuse_older(database: Database, tenant: str | None, answers_at: datetime | None) -> None:
    """Raises UsageError where the graph holds newer answers of the tenant than those."""
    newest = newest_answers(database, tenant) if answers_at is not None else None
    if newest is not None and answers_at is not None and answers_at < newest:
        raise UsageError(
            f"These answers are of {answers_at:%Y-%m-%d %H:%M} UTC, and the graph holds newer ones of the same tenant "
            f"({newest:%Y-%m-%d %H:%M} UTC). Load them into another database, or run again with --accept-older."
        )
