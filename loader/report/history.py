"""Changes as people file them: a page of Markdown or HTML, with a sentence on what it tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from loader.report.rows import escaped, rows_markdown

if TYPE_CHECKING:
    from jinja2 import Template

Rows = Sequence[Mapping[str, object]]


def changes_markdown(title: str, about: str, columns: Sequence[str], rows: Rows) -> str:
    """A heading, the sentence and GitHub's table."""
    told = rows_markdown(list(columns), list(rows)) if rows else "Nothing is different."
    return f"# {escaped(title)}\n\n{escaped(about)}\n\n{told}"


def changes_html(title: str, about: str, columns: Sequence[str], rows: Rows) -> str:
    """One self-contained page without a script."""
    return _page().render(title=title, about=about, columns=columns, rows=rows)


@cache
def _page() -> Template:
    from loader.pages import page_template

    return page_template("loader.report", "changes.html.j2")
