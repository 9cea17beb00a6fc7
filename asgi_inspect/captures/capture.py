"""What was read: the client's bytes, in the pieces they came in, and what was changed on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from ..findings import Finding
from ..span import Span

_HELD = 8 * 1024 * 1024  # of a mapped file at a time


class CaptureError(Exception):
    """The input cannot be read as a request. The text says what was seen and what to do."""


class Fidelity(StrEnum):
    """How close the bytes are to those the client sent."""

    EXACT = "exact"
    REPAIRED = "repaired"  # typed or pasted text, mended where `repairs` says
    RECONSTRUCTED = "reconstructed"  # the same request, but not the same bytes on the wire


class Repair(NamedTuple):
    """One thing changed to make typed or pasted text into bytes a client would send.

    `span` covers the changed place in the repaired bytes of connection `connection`.
    """

    rule: str
    message: str
    span: Span
    connection: int = 1


class Missing(NamedTuple):
    """A body that left the client but not its trace here: `length` bytes, None where nothing tells.

    `framed` says that the bytes on the wire were chunks, so the body's own bytes are fewer.
    """

    length: int | None
    framed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConnection:
    """One client connection: its bytes, and how many came in each segment (they add up).

    No segments means that the capture does not tell: the bytes came at once. `responses` are
    those the capture holds, one for each request, as far as it holds them. `missing` tells of
    a body that the capture does not hold; the bytes end where it would begin.
    """

    number: int
    data: bytes
    segments: tuple[int, ...] = ()
    responses: tuple[bytes, ...] = ()
    missing: Missing | None = None

    def pieces(self) -> tuple[int, ...]:
        """The lengths of the segments, one for all where the capture does not tell."""
        return self.segments or ((len(self.data),) if len(self.data) else ())

    def parts(self, size: int) -> Iterator[bytes]:
        """The bytes in order: each segment, cut to `size` at most. A mapped file is never held whole."""
        start = held = 0
        look = getattr(self.data, "still_whole", None)
        for length in self.pieces():
            for position in range(start, start + length, size):
                if look is not None:
                    look()
                yield self.data[position : min(position + size, start + length)]
                if position - held >= _HELD:
                    held = _let_go(self.data, held, position)
            start += length
        _let_go(self.data, held, start)

    def sha256(self) -> str:
        """The hash of all bytes, in hex."""
        whole = sha256()
        for part in self.parts(_HELD):
            whole.update(part)
        return whole.hexdigest()


def _let_go(data: bytes, start: int, end: int) -> int:
    """Give the pages of a mapped file back; they are read again where they are asked for. Returns up to where."""
    advise = getattr(data, "madvise", None)
    if advise is None:
        return end
    import mmap

    start -= start % mmap.PAGESIZE
    if end > start:
        advise(mmap.MADV_DONTNEED, start, end - start)
    return end


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A text or dump that holds traffic, read: `why` says how the format was recognised.

    `findings` are faults of the capture itself (bytes that it does not hold, guesses it needs).
    """

    source: str
    format: str
    why: str = ""
    fidelity: Fidelity = Fidelity.EXACT
    connections: tuple[ClientConnection, ...]
    repairs: tuple[Repair, ...] = ()
    findings: tuple[Finding, ...] = ()
