"""When each read of a connection came, and what it brought."""

from __future__ import annotations

from typing import NamedTuple

from .recording import KEPT_FIRST, Arrived
from .span import Span


class _Read(NamedTuple):
    at: float  # milliseconds since the first
    span: Span


class Reads:
    """The first KEPT_FIRST reads of one connection, by a clock that counts seconds; where none ran, all at 0."""

    def __init__(self) -> None:
        self._reads: list[_Read] = []
        self._began: float | None = None
        self._first = 0  # of the reads that the next request may have come with

    def note(self, seconds: float, start: int, length: int) -> None:
        """A read is about to bring `length` bytes, from offset `start` of the connection's on."""
        if self._began is None:
            self._began = seconds
        if len(self._reads) < KEPT_FIRST:
            self._reads.append(_Read(self.since_first(seconds), Span(start, start + length)))

    def since_first(self, seconds: float) -> float:
        """Milliseconds from the first read to that time."""
        return 0.0 if self._began is None else (seconds - self._began) * 1000

    def of(self, span: Span, began: float) -> tuple[Arrived, ...]:
        """The reads that overlap `span`, timed from `began`; asked for in the order of the wire."""
        start, end = span
        arrived = []
        for number in range(self._first, len(self._reads)):
            at, brought = self._reads[number]
            if brought[0] >= end:
                break
            if brought[1] <= start:
                self._first = number + 1
            else:
                arrived.append(Arrived(at - began, brought))
        return tuple(arrived)
