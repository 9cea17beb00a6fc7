"""A real Chromium, headless, as the system has it; tests that need one are skipped where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_BROWSER = "no chromium on the path: apt-get install chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)


@dataclass(slots=True)
class Watched:
    """A page, and everything it did that a report must not do."""

    page: Any
    said: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def open(self, path: Path) -> None:
        """Show a file; its own loading is the one request there may be."""
        self.page.goto(path.as_uri())
        self.requested = [url for url in self.requested if url.partition("#")[0] != path.as_uri()]


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser, closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def watched(browser: Any, path: Path | None = None, **context: Any) -> Iterator[Watched]:
    """A page of its own context; what it writes to the console, asks for, or opens is kept."""
    opened = browser.new_context(**context)
    page = opened.new_page()
    watch = Watched(page)
    page.on("console", lambda message: watch.said.append(message.text))
    page.on("pageerror", lambda error: watch.said.append(str(error)))
    page.on("dialog", lambda dialog: watch.said.append(f"dialog: {dialog.message}"))
    opened.on("request", lambda request: watch.requested.append(request.url))
    opened.on("page", lambda other: watch.said.append(f"opened {other.url}"))
    if path is not None:
        watch.open(path)
    yield watch
    opened.close()
