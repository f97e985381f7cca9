"""What the runs found different, read back: the changes of some runs, the life of one entity, a net difference."""

from loader.changes.difference import Difference, difference
from loader.changes.life import Life, life_of
from loader.changes.reading import COLUMNS, ChangeRow, Filters, changes_since, far_names
from loader.changes.span import Span, refuse_wrong, span_of
from loader.changes.unread import unread_sentences

__all__ = [
    "COLUMNS",
    "ChangeRow",
    "Difference",
    "Filters",
    "Life",
    "Span",
    "changes_since",
    "difference",
    "far_names",
    "life_of",
    "refuse_wrong",
    "span_of",
    "unread_sentences",
]
