"""The frames of a WebSocket among the messages that they became, or that they came from.

A frame has no time of its own: a client's stands before the message it gave, a server's behind the
send() that wrote it, and those without a message (ping, pong) keep their order between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..conversation import FrameRecord
from ..exchange import Exchange
from .scene import CLIENT, SERVER, Kind, Row
from .websocket_text import frame_words

_DATA = ("text", "binary", "continuation")


class _Frames:
    """Frames that wait to be drawn, in their order."""

    def __init__(self, frames: tuple[FrameRecord, ...], prefix: str) -> None:
        self._frames = frames
        self._prefix = prefix
        self._position = 0
        self._gone: set[tuple[bool, bool]] = set()

    def through(self, *, by_client: bool, closing: bool) -> Iterator[Row]:
        """All up to the next message, or close frame, of one side; none where no more of it comes."""
        if (by_client, closing) in self._gone:
            return

        def wanted(frame: FrameRecord) -> bool:
            kind = frame.opcode == "close" if closing else frame.opcode in _DATA and frame.final
            return kind and frame.by_client == by_client

        ahead = range(self._position, len(self._frames))
        found = next((number for number in ahead if wanted(self._frames[number])), None)
        if found is None:
            self._gone.add((by_client, closing))
        else:
            yield from self._rows(found + 1)

    def rest(self) -> Iterator[Row]:
        """What no message tells of."""
        return self._rows(len(self._frames))

    def _rows(self, end: int) -> Iterator[Row]:
        for number in range(self._position, end):
            frame = self._frames[number]
            start, to = (CLIENT, SERVER) if frame.by_client else (SERVER, CLIENT)
            kind = Kind.ERROR if frame.fault or not frame.sent else Kind.FRAME
            opens = f"{self._prefix}-f{number + 1}"
            yield Row(at=None, start=start, end=to, text=frame_words(frame), kind=kind, opens=opens)
        self._position = end


def with_frames(rows: tuple[Row, ...], exchange: Exchange, prefix: str) -> Iterator[Row]:
    """`rows` of the calls with the frames in their places; a frame stands for the bytes it was written as."""
    kinds = {
        f"{prefix}-s{number}": str((step.message or {}).get("type")) for number, step in enumerate(exchange.steps, 1)
    }
    frames = _Frames(exchange.messages, prefix)
    for row in rows:
        drawn = list(_before(row, kinds.get(row.opens, ""), frames))
        yield from (replace(one, at=row.at) for one in drawn)
        if not (drawn and row.kind is Kind.WIRE):
            yield row
    yield from frames.rest()


def _before(row: Row, kind: str, frames: _Frames) -> Iterator[Row]:
    find: dict[tuple[Kind, str], Callable[[], Iterator[Row]]] = {
        (Kind.GIVE, "websocket.receive"): lambda: frames.through(by_client=True, closing=False),
        (Kind.GIVE, "websocket.disconnect"): lambda: frames.through(by_client=True, closing=True),
        (Kind.WIRE, "websocket.send"): lambda: frames.through(by_client=False, closing=False),
        (Kind.WIRE, "websocket.close"): lambda: frames.through(by_client=False, closing=True),
        (Kind.WIRE, "websocket.disconnect"): lambda: frames.through(by_client=False, closing=True),
    }
    wanted = find.get((row.kind, kind))
    return wanted() if wanted is not None else iter(())
