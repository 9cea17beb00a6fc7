"""When each read of a connection came, and what it brought."""

from __future__ import annotations

from typing import NamedTuple

from .recording import KEPT_FIRST, Arrived
from .span import Span


class _Read(NamedTuple):
    seconds: float
    span: Span


class Reads:
    """The first KEPT_FIRST reads of one connection, by a clock that counts seconds; where none ran, all at 0."""

    def __init__(self) -> None:
        self._reads: list[_Read] = []
        self._first = 0

    def note(self, seconds: float, start: int, length: int) -> None:
        """A read is about to bring `length` bytes, from offset `start` of the connection's on."""
        if len(self._reads) < KEPT_FIRST:
            self._reads.append(_Read(seconds, Span(start, start + length)))

    def since_first(self, seconds: float) -> float:
        """Milliseconds from the first read to that time."""
        return (seconds - self._reads[0].seconds) * 1000 if self._reads else 0.0

    def of(self, span: Span, began: float) -> tuple[Arrived, ...]:
        """The reads that overlap `span`, timed from `began`; asked for in the order of the wire."""
        reads = self._reads
        while self._first < len(reads) and reads[self._first].span.end <= span.start:
            self._first += 1
        end = self._first
        while end < len(reads) and reads[end].span.start < span.end:
            end += 1
        overlapping = reads[self._first : end]
        return tuple([Arrived(at=self.since_first(read.seconds) - began, span=read.span) for read in overlapping])
