"""The two ends of a connection: what the server asks of its event loop, and where its bytes go.

No IO and no event loop: what the server would ask of its loop goes to a `Host`, what it would write
goes through a `Transport` that remembers whether it is closing, as asyncio's selector transport does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..recording import BYTES_LIKE
from .called import Called, Event


def nowhere(data: bytes) -> None:
    """Bytes that nobody keeps."""


class Host(Protocol):
    """What a connection asks of its event loop; each call takes effect on the loop's next turn."""

    def event(self) -> Event:
        """A new event that a cycle's receive() waits for."""

    def start(self, cycle: Called) -> None:
        """Run the application for `cycle`."""

    def soon(self, callback: Callable[[], None]) -> None:
        """Call it on the loop's next turn."""

    def lose(self, error: BaseException | None) -> None:
        """Call the connection's `connection_lost`."""


class Transport:
    """The server's end of the socket: where bytes stop going once it is closing."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.closing = False
        self.reading_paused = False

    def write(self, data: Any) -> bytes:
        """What really goes out: nothing once the transport is closing."""
        if not isinstance(data, BYTES_LIKE):
            raise TypeError(f"data argument must be a bytes-like object, not {type(data).__name__!r}")
        return b"" if self.closing else bytes(data)

    def close(self, error: BaseException | None = None) -> None:
        """Close; the loss of the connection is told on the next turn, once."""
        if not self.closing:
            self.closing = True
            self._host.lose(error)


class Flow:
    """Reading is paused while a body waits to be fetched, or a pipelined request its turn."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._paused = False

    def pause_reading(self) -> None:
        if not self._paused:
            self._paused = self._transport.reading_paused = True

    def resume_reading(self) -> None:
        if self._paused:
            self._paused = self._transport.reading_paused = False
