"""Draws the pictures of the README: `python -m tests.pictures` writes them into samples/.

Most are what the command prints on a terminal of 80 columns, drawn by rich; `conversation.svg` is what
it draws itself, `report.png` its report in a browser. Dates and times are fixed, so that a picture
changes only when the output does.
"""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

import asgi_inspect
from asgi_inspect.render.as_html import as_html
from asgi_inspect.render.as_svg import as_svg
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import DRAWN, Page
from asgi_inspect.render.parts import PARTS
from asgi_inspect.span import ESCAPES
from tests.browser import chromium, watched

ROOT = Path(__file__).parent.parent
DATE = "Sun, 22 Nov 2026 08:00:00 GMT"
# The marks for CR and LF are missing from many fonts of browsers; a terminal finds them in another.
PAGE = Page(width=80, glyphs=replace(DRAWN, marks=ESCAPES), colour=True)
PICTURES = {
    "hello.svg": ("samples/hello.http", ""),
    "fault.svg": ("samples/broken/bare-line-feed.http", ""),
    "dry_run.svg": ("samples/hello.http", "samples.apps.fastapi_app:app"),
}


CONVERSATION = ("samples/stream.http", "samples.apps.streaming:app")
REPORT = ("samples/order.http", "samples.apps.fastapi_app:app")


def run(sample: str, app: str) -> asgi_inspect.Inspection:
    """The sample, called or not."""
    options = asgi_inspect.Options(source=sample, app=app or None, app_dir=str(ROOT), loop="asyncio", date=DATE)
    return asgi_inspect.inspect((ROOT / sample).read_bytes(), options)


def report(sample: str, app: str) -> str:
    """The coloured report, as on a terminal of 80 columns."""
    text = as_text(run(sample, app), PAGE, show=PARTS)
    return re.sub(r"0x[0-9a-f]{6,}", "0x…", text)


def conversation() -> str:
    """The picture of the conversation."""
    return as_svg(run(*CONVERSATION)) + "\n"


def photograph(path: Path) -> None:
    """The top of the report, with the pointer on the body."""
    with TemporaryDirectory() as folder, chromium() as browser:
        page = Path(folder) / "report.html"
        page.write_text(as_html(run(*REPORT), body_limit=2048), encoding="utf-8")
        with watched(browser, page, viewport={"width": 1040, "height": 985}, reduced_motion="reduce") as watch:
            watch.page.locator("#x1-b-m1").hover()
            watch.page.screenshot(path=path)


def picture(name: str) -> str:
    """The SVG, without an element that would fetch a font."""
    console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
    sample, app = PICTURES[name]
    console.print(Text.from_ansi(report(sample, app).rstrip("\n")))
    command = f"asgi-inspect {sample}" + (f" --app {app}" if app else "")
    svg = console.export_svg(title=command, theme=MONOKAI, unique_id=name.removesuffix(".svg"))
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    for chosen in sys.argv[1:] or (*PICTURES, "conversation.svg", "report.png"):
        if chosen == "report.png":
            photograph(ROOT / "samples" / chosen)
        else:
            drawn = conversation() if chosen == "conversation.svg" else picture(chosen)
            (ROOT / "samples" / chosen).write_text(drawn)
