"""`--redact`: secrets are hidden in everything that was recorded, before any report is made of it.

What is a secret is told by names (names.py): of headers, of fields in a query or a body. A value that
was found so is then looked for everywhere else (needles.py). It is learnt in a first walk and hidden in
a second: an application may print in the first request what is sent in the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from ..captures.capture import Capture
from ..events import PREFACE
from ..exchange import Exchange
from .hiding import Hider
from .http2 import hide_http2
from .names import Names
from .streams import hide_frames, hide_message
from .walk import Walk

__all__ = ["Redaction", "hidden_text"]

T = TypeVar("T")


class Redaction:
    """Hides the secrets of one inspection. `fields` are names beside those that are known."""

    def __init__(self, whole: object, capture: Capture, exchanges: Iterable[Exchange], fields: Iterable[str]) -> None:
        names = Names(fields)
        self._capture, self._exchanges = capture, list(exchanges)
        learner = Hider(names)
        self._walk(learner).value(whole)
        self._hider = Hider(names, learner.found)

    def hide(self, whole: T) -> T:
        """Everything that a report may show, with its secrets hidden."""
        return self._walk(self._hider).value(whole)

    def hide_text(self, text: str) -> str:
        """What was printed."""
        return self._hider.string(text)

    def _walk(self, hider: Hider) -> Walk:
        return Walk(
            hider,
            {
                client.number: self._hidden_bytes(hider, client.number, client.data)
                for client in self._capture.connections
            },
        )

    def _hidden_bytes(self, hider: Hider, number: int, data: bytes) -> bytes:
        """The bytes of a connection, request by request; what belongs to none is read like one."""
        if data[: len(PREFACE)] == PREFACE:
            return hide_http2(hider, data[:])
        changed = bytearray(data)
        position = 0
        for start, end, frames in sorted({_places(e, len(data)) for e in self._exchanges if e.connection == number}):
            for place in (slice(position, start), slice(start, end)):
                changed[place] = hide_message(hider, bytes(changed[place]))
            position = max(position, end)
            if frames:
                changed[end:] = hide_frames(hider, bytes(changed[end:]))
                position = len(changed)
        changed[position:] = hide_message(hider, bytes(changed[position:]))
        return bytes(changed)


def _places(exchange: Exchange, length: int) -> tuple[int, int, bool]:
    """Where a request begins and ends, and whether frames follow."""
    talk = exchange.websocket
    if talk is None:
        return (*exchange.span, False)
    end = min(max(exchange.span.start, talk.handshake_end), length)
    return exchange.span.start, end, talk.accepted


def hidden_text(text: str, fields: Iterable[str]) -> str:
    """A text by names alone, where there is no inspection yet."""
    return Hider(Names(fields)).string(text)
