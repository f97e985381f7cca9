"""A report in Chromium: the page may ask for nothing, and say no error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page


@contextmanager
def opened(chromium: Browser, report: str, **options: Any) -> Iterator[Page]:
    """The report at an address. options: of Playwright's `new_page`. Fails at the end for what went wrong meanwhile."""
    page = chromium.new_page(**options)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if request.url != report else None)
    page.goto(report)
    yield page
    page.close()
    assert wrong == []
