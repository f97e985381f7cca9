"""HTML pages from templates, in which everything is escaped and nothing undefined passes for empty."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


def page_template(package: str, name: str, **filters: Callable[..., object]) -> Template:
    """A template of a package's `templates/`. filters: what its text may call besides jinja's own."""
    environment = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(name)
