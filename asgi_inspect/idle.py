"""Tell when everything an application can do waits: that is when the next read comes."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable
from typing import Any

_QUIET_TURNS = 50
_LONGEST = 0.1
_OFTEN = 0.0005  # seconds between two looks at files and sockets while the loop is busy


class IdleSelector(selectors.DefaultSelector):
    """A selector that tells when the loop would sleep.

    asyncio asks its selector to wait (a timeout of None or more than 0) only when no callback is
    ready. So no guess at a number of turns is needed: `waiter` is woken at the very moment.
    """

    waiter: asyncio.Future[None] | None = None
    _looked = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Ready file objects; none where somebody waited for the loop to be idle."""
        if self.waiter is not None and (timeout is None or timeout > 0):
            ready = super().select(0)
            if not ready:
                _wake(self.waiter)
                self.waiter = None
            return ready
        now = time.monotonic()
        if timeout == 0 and now - self._looked < _OFTEN:
            return []  # callbacks are ready: the operating system need not be asked before each
        self._looked = now
        return super().select(timeout)


class Idle:
    """`await idle()` returns when nothing but timers, threads and other IO is left to wait for."""

    def __init__(self, selector: IdleSelector | None, progress: Callable[[], Any]) -> None:
        self._selector = selector
        self._progress = progress

    async def __call__(self) -> None:
        if self._selector is None:
            await self._settle()
            return
        loop = asyncio.get_running_loop()
        waiter = loop.create_future()
        self._selector.waiter = waiter
        # An application that polls with sleep(0) is never idle; a client would not wait for that either.
        timer = loop.call_later(_LONGEST, _wake, waiter)
        await waiter
        timer.cancel()

    async def _settle(self) -> None:
        """A loop that is not ours cannot tell: idle is what makes no progress for many turns."""
        before, quiet = self._progress(), 0
        latest = time.perf_counter() + _LONGEST
        while quiet < _QUIET_TURNS and time.perf_counter() < latest:
            await asyncio.sleep(0)
            now = self._progress()
            quiet = quiet + 1 if now == before else 0
            before = now


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
