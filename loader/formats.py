"""The formats of reports, and how files of them are called."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path


class ReportFormat(StrEnum):
    """How a pack's result is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"
    OCSF = "ocsf"

    @property
    def ending(self) -> str:
        """How the name of a file of it ends, with the dot."""
        return _ENDINGS.get(self, f".{self}")


# What is not called as the format itself.
_ENDINGS = {
    ReportFormat.TABLE: ".txt",
    ReportFormat.MARKDOWN: ".md",
    ReportFormat.JUNIT: ".xml",
    ReportFormat.OCSF: ".json",
}
_ALSO = {".htm": ReportFormat.HTML}


def format_by_name(file: Path) -> ReportFormat | None:
    """What a file's name says of its format, the first in the list of several; None where it says nothing."""
    ending = file.suffix.lower()
    return _ALSO.get(ending) or next((one for one in ReportFormat if one.ending == ending), None)
