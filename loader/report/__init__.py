"""What people and scripts read: query rows and pack results as table, JSON, CSV, Markdown and HTML."""

from loader.report.documents import as_csv, as_document, as_json
from loader.report.html import as_html
from loader.report.table import print_pack

__all__ = ["as_csv", "as_document", "as_html", "as_json", "print_pack"]
