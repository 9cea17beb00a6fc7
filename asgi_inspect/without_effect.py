"""What was asked for on the command line and has no effect in this run: said, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import PurePath

from .inspection import Inspection
from .report import FORMATS

_OF_AN_APPLICATION = ("app_dir", "factory", "interface", "lifespan", "loop", "env_file", "disconnect_after")
_OF_A_WEBSOCKET = ("ws_text", "ws_bytes", "ws_json", "ws_script")
_TEXT = ("", ".txt", ".text", ".log", ".out")


def before_the_run(given: Collection[str], output: str, *, called: bool) -> Iterator[str]:
    """What is known from the names of the options that were `given`: a project's settings are none of them.

    `output` is a file whose ending picks the format, `called` tells that there is an application.
    """
    if not called:
        for name in _OF_AN_APPLICATION:
            if name in given:
                yield f"{_option(name)} has no effect: no application is called without --app MODULE:ATTR"
    ending = PurePath(output).suffix.lower()
    if ending not in (*FORMATS, *_TEXT):
        yield f"{output}: no format has the ending {ending}, so this is text; --format names another"


def after_the_run(given: Collection[str], inspection: Inspection) -> Iterator[str]:
    """What only the requests tell."""
    if not any(exchange.websocket is not None for exchange in inspection.exchanges):
        for name in _OF_A_WEBSOCKET:
            if name in given:
                yield f"{_option(name)} has no effect: no request here opens a WebSocket"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
