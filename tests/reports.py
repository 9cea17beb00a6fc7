"""Reports of real runs, shared by the tests of the pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asgi_inspect
from asgi_inspect.render.as_html import as_html
from tests.commands import ROOT

DATE = "Sun, 22 Nov 2026 08:00:00 GMT"
RUNS: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    "plain": ("hello.http", "plain", {}),
    "without an application": ("hello.http", None, {}),
    "pipelined": ("pipelined.http", "plain", {}),
    "in several reads": ("upload.http", "plain", {"read_size": 100}),
    "a body": ("order.http", "fastapi_app", {}),
    "chunks": ("chunked.http", "fastapi_app", {"read_size": 90}),
    "a stream": ("stream.http", "streaming", {}),
    "a WebSocket": ("chat.http", "chat", {"ws_text": ["hello"]}),
    "raises": ("hello.http", "raises", {}),
    "never": ("order.http", "never", {"timeout": 0.2}),
    "HTTP/2": ("http2.bin", "fastapi_app", {}),
    "over HTTP/2": ("hello.http", None, {"http2": True}),
    "refused": ("broken/bare-line-feed.http", "plain", {}),
    "broken chunk": ("broken/bad-chunk.http", "fastapi_app", {}),
    "cut short": ("broken/short-body.http", "plain", {}),
}


def inspected(name: str) -> asgi_inspect.Inspection:
    """One of RUNS, run."""
    sample, app, changes = RUNS[name]
    source = f"samples/{sample}"
    named = None if app is None else f"samples/apps/{app}.py:app"
    options = asgi_inspect.Options(source=source, app=named, app_dir=str(ROOT), loop="asyncio", date=DATE)
    return asgi_inspect.inspect((ROOT / source).read_bytes(), options, **changes)


def report(name: str, **changes: Any) -> str:
    """The page of one of RUNS."""
    return as_html(inspected(name), **{"body_limit": 2048, **changes})


def written(folder: Path, text: str) -> Path:
    """The page as a file to open."""
    path = folder / "report.html"
    path.write_text(text, encoding="utf-8")
    return path
