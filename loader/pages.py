"""HTML pages from templates, in which everything is escaped and visible, and nothing undefined passes for empty."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from loader.visible import visible


def page_template(package: str, name: str, **filters: Callable[..., object]) -> Template:
    """A template of a package's `templates/`. filters: what its text may call besides jinja's own."""
    environment = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(name)


def _shown(value: object) -> object:
    """What a template puts out, before it is escaped; markup of ours is as it is."""
    return visible(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup) else value
