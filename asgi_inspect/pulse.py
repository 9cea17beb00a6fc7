"""Whether an event loop comes round: asked from another thread, which can look where it is stuck meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from .blame import stuck_line

SLOW = 0.1  # seconds


class Pulse:
    """`look` is called again and again by the thread that watches; `late` is told how long it took, and where.

    One look that finds the loop busy may be chance, on a machine that has much to do: it counts where
    two find it in the application's code.
    """

    def __init__(self, late: Callable[[float, str], None]) -> None:
        self._late = late
        self._asked: float | None = None
        self._seen: list[str] = []

    def look(self, loop: asyncio.AbstractEventLoop | None, thread: int | None) -> None:
        """Ask the loop to answer, or see where it is while it does not."""
        if self._asked is not None:
            if line := stuck_line(thread):
                self._seen.append(line)
        elif loop is not None:
            self._asked, self._seen = time.perf_counter(), []
            try:
                loop.call_soon_threadsafe(self._answer, self._asked)
            except RuntimeError:  # closed meanwhile
                self._asked = None

    def _answer(self, asked: float) -> None:
        took, self._asked = time.perf_counter() - asked, None
        if took >= SLOW and len(self._seen) > 1:
            self._late(took * 1000, self._seen[0])
