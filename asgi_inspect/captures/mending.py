"""Repaired bytes as they grow beside the file they come from.

What is kept is not copied until the end, and if nothing is replaced, the very object that was
read comes out again: a memory map stays one.
"""

from __future__ import annotations

from ..span import Span
from .capture import Repair

_BLOCK = 1 << 20


class Mending:
    """A file, read and repaired from front to back."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.repairs: list[Repair] = []
        self._pieces: list[bytes | memoryview] = []
        self._taken = self._length = 0
        self._line, self._counted = 1, 0

    def replace(self, start: int, end: int, new: bytes) -> Span:
        """Put `new` for the file's bytes `start` to `end`; returns its place in the repaired bytes."""
        kept = memoryview(self.data)[self._taken : start]
        self._pieces += [kept, new]
        place = Span(self._length + len(kept), self._length + len(kept) + len(new))
        self._taken, self._length = end, place.end
        return place

    def note(self, rule: str, span: Span, message: str) -> None:
        """List a repair."""
        self.repairs.append(Repair(rule=rule, message=message, span=span))

    def line(self, offset: int) -> int:
        """The number of the file's line that holds `offset`; ask from front to back."""
        for start in range(self._counted, offset, _BLOCK):
            self._line += self.data[start : min(start + _BLOCK, offset)].count(b"\n")
        self._counted = max(self._counted, offset)
        return self._line

    def lines(self, start: int, end: int) -> str:
        """The lines of the file's bytes `start` up to `end`, in words."""
        first = self.line(start)
        last = self.line(max(start, end - 1))
        return f"line {first}" if first == last else f"lines {first} to {last}"

    def mended(self) -> bytes:
        """The repaired bytes."""
        if not self._pieces:
            return self.data
        return b"".join([*self._pieces, memoryview(self.data)[self._taken :]])
