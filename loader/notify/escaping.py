"""Names of the tenant in texts of ours: each form of text has its own way in which a name could do harm.

A name may hold markup, links, mentions that ring somebody's telephone, and line breaks that would end a subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from markupsafe import Markup

from loader.visible import visible

FORMS = ("text", "html", "markdown")
# After any other sign than a letter of ASCII a chat, or GitHub, takes it for a mention: `.@here`, `é@here`.
_MENTION = re.compile(r"(?<![A-Za-z0-9_])@(?=\w)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&:$^=\"'])")
# Letters of an address that mean nothing to HTML, Markdown and chats.
_SAFE_IN_LINK = "/:?#@!$*+,;=%-._~"
_LINK = re.compile(r"https://[A-Za-z0-9.-]{1,253}(:\d{1,5})?([/?#]|$)")


def as_text(value: object) -> str:
    """As one line of plain text: no chat takes it for a mention or a link."""
    told = _MENTION.sub("\uff20", visible(_plain(value)))
    # Slack's `<!channel>` and `<@U1>`, Discord's `<@&1>`: what is within such brackets is theirs to read.
    told = re.sub(r"<(?=[!@#&:a-zA-Z])", "\u2039", told)
    return told.replace("://", "[:]//")


def as_markdown(value: object) -> str:
    """As one line within Markdown: every sign that means something to it is escaped."""
    return _MARKDOWN.sub(r"\\\1", as_text(value))


def as_html(value: object) -> str:
    """As one line of text within HTML, which Jinja escapes."""
    return _MENTION.sub("\uff20", visible(_plain(value))).replace("://", "[:]//")


def link(value: object) -> Markup:
    """An address of ours that may be followed; empty where it is none."""
    text = str(value or "")
    if not _LINK.match(text) or len(text) > 2_000:
        return Markup("")
    return Markup(quote(text, safe=_SAFE_IN_LINK))  # noqa: S704 - all that HTML and Markdown read is quoted


def finalizer(form: str) -> Callable[[object], object]:
    """What Jinja puts out of a value in a form of text; what is markup already stays as it is."""
    write = {"text": as_text, "html": as_html, "markdown": as_markdown}[form]
    return lambda value: value if isinstance(value, Markup) else write(value)


def _plain(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
