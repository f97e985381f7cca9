"""The text of messages: templates of Jinja in a sandbox, one for each form of text; a folder of yours may replace them.

`CHANNEL.text.j2` wins over `text.j2`, and a file of yours over ours. A template gets the message's document as
`docs/notify-webhook.schema.json` has it, and nothing else: no files, no environment, no attributes of Python.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from loader.notify.document import Document, cut
from loader.notify.escaping import FORMS, finalizer, link

logger = logging.getLogger(__name__)

LONGEST_TITLE = 200
# Mails and issues take this much; what is too long for a chat is cut into pieces there (`channels/chat.py`).
LONGEST_BODY = 30_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """What people read. title: one line."""

    title: str
    body: str


class Templates:
    """The templates that hold. folder: the user's own, if there is one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._own = {form: _environment(form, _loader(folder)) for form in FORMS} if folder else {}
        self._ours = {form: _environment(form, _loader(None)) for form in FORMS}

    def render(self, form: str, document: Document, channel: str = "") -> Rendered:
        """A message in a form of text: text, html or markdown. A template of yours that fails costs its looks alone."""
        told = document.as_json()
        data = {**told, "more": document.more, "alert": told["alerts"][0] if told["alerts"] else None}
        title = self._written("text", "title", channel, data)
        return Rendered(cut(" ".join(title.split()), LONGEST_TITLE), self._written(form, form, channel, data).strip())

    def _written(self, form: str, name: str, channel: str, data: dict[str, Any]) -> str:
        if self._own:
            try:
                return _render(self._own[form], (f"{channel}.{name}.j2", f"{name}.j2"), data)
            except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError, OSError) as error:
                where = f"{getattr(error, 'name', None) or name}:{getattr(error, 'lineno', None) or 1}"
                logger.error("The template %s cannot be used (%s); ours is.", where, type(error).__name__)
        return _render(self._ours[form], (f"{name}.j2",), data)


def _loader(folder: Path | None) -> BaseLoader:
    ours = PackageLoader("loader.notify", "templates")
    return ChoiceLoader([FileSystemLoader(folder), ours]) if folder else ours


def _environment(form: str, loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=form == "html",
        undefined=StrictUndefined,
        finalize=finalizer(form),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["link"] = link
    environment.filters["count"] = lambda number: f"{number:,}"
    return environment


def _render(environment: ImmutableSandboxedEnvironment, names: Iterable[str], data: dict[str, Any]) -> str:
    """The text of the first template there is, no longer than anybody reads."""
    template = environment.select_template([name for name in names if not name.startswith(".")])
    pieces, length = [], 0
    for piece in template.generate(data):
        pieces.append(piece)
        length += len(piece)
        if length > LONGEST_BODY:
            break
    return _cut("".join(pieces))


def _cut(text: str) -> str:
    """Whole lines up to the bound, so that no markup is cut in the middle."""
    if len(text) <= LONGEST_BODY:
        return text
    return text[:LONGEST_BODY].rpartition("\n")[0] + "\n…\n"
