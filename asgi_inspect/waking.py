"""What a call waits for on a real event loop."""

from __future__ import annotations

import asyncio


class LoopEvent:
    """asyncio.Event as a server uses it; most are set before anybody waits, and never make a future.

    asyncio's own comes with a queue of waiters: for a hundred thousand requests that is as many.
    """

    __slots__ = ("_set", "_waiters")

    def __init__(self) -> None:
        self._set = False
        self._waiters: list[asyncio.Future[None]] = []

    def set(self) -> None:
        """Wake up whoever waits."""
        if not self._set:
            self._set = True
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    async def wait(self) -> None:
        """Return when it is set."""
        if self._set:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        finally:
            self._waiters.remove(waiter)
