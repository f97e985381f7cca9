"""What people and scripts read: query rows and pack results, in every format that `docs/reports.md` describes."""

from loader.report.documents import as_csv, as_document, as_json
from loader.report.html import as_html
from loader.report.junit import as_junit
from loader.report.markdown import as_markdown
from loader.report.ocsf import as_ocsf
from loader.report.sarif import as_sarif
from loader.report.table import View, print_pack

__all__ = [
    "View",
    "as_csv",
    "as_document",
    "as_html",
    "as_json",
    "as_junit",
    "as_markdown",
    "as_ocsf",
    "as_sarif",
    "print_pack",
]
