"""How far long work has come, on standard error; nothing where nobody looks, and nothing for what is done at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .inspection import Inspection

if TYPE_CHECKING:
    from rich.progress import Progress

_AFTER = 1.0  # seconds of work before a bar is drawn


def watched(parts: Iterable[Inspection], *, output: str) -> Iterator[Inspection]:
    """The parts as they are; a bar with the rate and the time that is left is drawn meanwhile, on a terminal.

    A report that goes to the terminal too, for want of an `output` file, shows by itself how it goes.
    """
    if not sys.stderr.isatty() or (sys.stdout.isatty() and not output):
        yield from parts
        return
    began, requests, done = time.monotonic(), 0, 0
    bar: Progress | None = None
    try:
        for part in parts:
            yield part
            requests += len(part.exchanges)
            done += sum(exchange.span.end - exchange.span.start for exchange in part.exchanges)
            if bar is None and time.monotonic() - began > _AFTER:
                bar = _bar(sum(len(client.data) for client in part.capture.connections))
            if bar is not None:
                rate = requests / (time.monotonic() - began)
                bar.update(bar.task_ids[0], completed=done, description=f"{requests:,} requests, {rate:,.0f}/s")
    finally:
        if bar is not None:
            bar.stop()


def _bar(size: int) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task("", total=size)
    bar.start()
    return bar
