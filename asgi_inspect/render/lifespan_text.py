"""Startup and shutdown for a person, tracebacks, and what the application printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..span import printable
from .layout import Line, Page, Role, cut, duration, quoted, words
from .plain_values import plain_value

if TYPE_CHECKING:  # a report without an application loads no event loop
    from ..lifespan import LifespanReport, Phase

_ROLES = {
    "complete": Role.GOOD,
    "unsupported": Role.QUIET,
    "skipped": Role.QUIET,
    "failed": Role.ERROR,
    "crashed": Role.ERROR,
    "timed-out": Role.ERROR,
}


def startup_lines(lifespan: LifespanReport, page: Page) -> Iterator[Line]:
    """How startup went, and what it left in `state`."""
    phase = lifespan.startup
    yield from _phase_lines("startup", phase, page)
    if phase.status == "unsupported":
        yield from _told("the requests are served all the same: lifespan is optional", Role.QUIET, page)
    elif phase.status == "crashed":
        text = (
            "uvicorn ends here, as --lifespan on asks"
            if lifespan.mode == "on"
            else 'uvicorn hides this: it says that lifespan "appears unsupported" and serves all the same'
        )
        yield from _told(text, Role.WARNING, page)
    elif phase.status.bad:
        yield from _told("uvicorn ends here: no request is served", Role.WARNING, page)
    if lifespan.state:
        items = ", ".join(f"{quoted(key)}: {_short(value)}" for key, value in plain_value(lifespan.state).items())
        yield from _told(f"state {{{items}}}", Role.PLAIN, page)


def shutdown_lines(lifespan: LifespanReport, page: Page) -> Iterator[Line]:
    """How shutdown went; nothing where it was not asked for."""
    if lifespan.shutdown.status != "skipped":
        yield from _phase_lines("shutdown", lifespan.shutdown, page)


def _phase_lines(name: str, phase: Phase, page: Page) -> Iterator[Line]:
    took = f" in {duration(phase.milliseconds)}" if phase.status == "complete" else ""
    said = f": {printable(phase.message.strip().splitlines()[-1])}" if phase.message.strip() else ""
    yield from _told(f"{name} {phase.status}{took}{said}", _ROLES[phase.status], page)
    if phase.status in ("crashed", "failed") and phase.traceback:
        yield from traceback_lines(phase.traceback, page)


def _short(value: object) -> str:
    text = "" if isinstance(value, dict | list | tuple) else quoted(value)
    return text if 0 < len(text) <= 40 else f"<{printable(type(value).__name__)}>"


def _told(text: str, role: Role, page: Page) -> Iterator[Line]:
    return ([(line, role)] for line in words(text, page.width))


def traceback_lines(text: str, page: Page) -> Iterator[Line]:
    """A traceback as Python prints it, the application's frames only."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        role = Role.ERROR if number == len(lines) - 1 else Role.PLAIN
        for part in cut(printable(line), page.width):
            yield [(part, role)]


def printed_lines(text: str, page: Page) -> Iterator[Line]:
    """What went to standard output and error, and to loggers that write there."""
    for line in text.splitlines()[:100]:
        for part in cut(printable(line), page.width):
            yield [(part, Role.PLAIN)]
    hidden = len(text.splitlines()) - 100
    if hidden > 0:
        yield [(f"{page.glyphs.ellipsis} {hidden} lines more", Role.QUIET)]
