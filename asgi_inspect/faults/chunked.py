"""Walk a chunked body (RFC 9112 §7.1) as far as its lines can be followed, and keep what is odd.

Like map_head it points and never judges: a chunk is followed wherever a size can be read and the
line ends in CRLF, which is as far as the more lenient of the two parsers goes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from ..span import Span

LONGEST_LINE = 64 * 1024
_PLAIN = re.compile(rb"([0-9A-Fa-f]{1,16})\r\n")
_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]*)")


class Stop(StrEnum):
    """Where the walk ended."""

    COMPLETE = "complete"
    SIZE = "in the line of a chunk size"
    DATA = "in the data of a chunk"
    TAIL = "behind the data of a chunk"
    TRAILERS = "behind the last chunk"
    LOST = "where the next chunk cannot be found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One chunk. `line` is its first line without the line end, `size` the digits in it.

    `line_end` are the CR and LF, the LF alone, or empty where the line is not finished. `tail` are the
    two bytes behind the data, less where the bytes end.
    """

    line: Span
    line_end: Span
    size: Span
    length: int
    data: Span
    tail: Span


@dataclass(slots=True, kw_only=True)
class Chunked:
    """A walk's outcome: the odd chunks, the trailer lines, and the last chunk that was looked at.

    `trailer_section` begins behind the line of the last chunk; the empty line belongs to it.
    """

    odd: list[Chunk] = field(default_factory=list)
    trailer_section: Span | None = None
    trailers: list[Span] = field(default_factory=list)
    last: Chunk | None = None
    stop: Stop = Stop.COMPLETE
    received: int = 0


def plain_end(data: bytes, position: int) -> int | None:
    """The end of a chunked body that has nothing odd about it, and no trailers; None for any other."""
    while match := _PLAIN.match(data, position):
        length = int(match[1], 16)
        position = match.end() + length + 2
        if data[position - 2 : position] != b"\r\n":
            return None
        if length == 0:
            return position
    return None


def walk(data: bytes, position: int) -> Chunked:
    """Follow the chunks from `position`."""
    seen = Chunked()
    while True:
        chunk = _plain_chunk(data, position) or _odd_chunk(data, position)
        if chunk is None:
            seen.stop = Stop.SIZE
            return seen
        seen.last = chunk
        if _is_odd(data, chunk):
            seen.odd.append(chunk)
        if followable(data, chunk):
            seen.received += min(chunk.data.end, len(data)) - min(chunk.data.start, len(data))
        if (stop := _stop(data, chunk)) is not None:
            seen.stop = stop
            return seen
        if chunk.length == 0:
            _read_trailers(data, chunk.line_end.end, seen)
            return seen
        position = chunk.tail.end


def _plain_chunk(data: bytes, position: int) -> Chunk | None:
    match = _PLAIN.match(data, position)
    return _chunk(data, Span(*match.span(1)), Span(*match.span(1)), match.end()) if match else None


def _odd_chunk(data: bytes, position: int) -> Chunk | None:
    """A chunk whose first line is not digits and CRLF; None at the end of the bytes."""
    if position >= len(data):
        return None
    found = data.find(b"\n", position, position + LONGEST_LINE)
    stop = found if found >= 0 else min(len(data), position + LONGEST_LINE)
    line = Span(position, stop - 1 if stop > position and data[stop - 1 : stop] == b"\r" else stop)
    size = _SIZE.match(data, line.start, line.end)
    assert size is not None
    return _chunk(data, line, Span(*size.span(1)), found + 1 if found >= 0 else line.end)


def _chunk(data: bytes, line: Span, size: Span, start: int) -> Chunk:
    length = int(size.of(data) or b"0", 16)
    end = start + length
    return Chunk(
        line=line,
        line_end=Span(line.end, start),
        size=size,
        length=length,
        data=Span(start, end),
        tail=Span(min(end, len(data)), min(end + 2, len(data))),
    )


def _is_odd(data: bytes, chunk: Chunk) -> bool:
    if chunk.line != chunk.size or chunk.size.end - chunk.size.start > 16 or not followable(data, chunk):
        return chunk.line != chunk.size or chunk.line_end.start < chunk.line_end.end
    return chunk.length > 0 and not b"\r\n".startswith(chunk.tail.of(data))


def followable(data: bytes, chunk: Chunk) -> bool:
    """Whether its first line tells where the data is: a size, nothing but an extension behind it, CRLF."""
    rest = data[chunk.size.end : chunk.line.end].lstrip(b" \t")
    told = chunk.size.start < chunk.size.end and rest[:1] in (b"", b";")
    return told and chunk.line_end.end - chunk.line_end.start == 2


def _stop(data: bytes, chunk: Chunk) -> Stop | None:
    if chunk.line_end.start == chunk.line_end.end:
        return Stop.SIZE
    if not followable(data, chunk):
        return Stop.LOST
    if chunk.length == 0:
        return None
    if chunk.data.end > len(data):
        return Stop.DATA
    if not b"\r\n".startswith(chunk.tail.of(data)):
        return Stop.LOST
    return Stop.TAIL if chunk.tail.end - chunk.tail.start < 2 else None


def _read_trailers(data: bytes, start: int, seen: Chunked) -> None:
    """The trailer lines from `start` without their line ends, up to the empty line."""
    position, seen.stop = start, Stop.TRAILERS
    while (line_feed := data.find(b"\n", position)) >= 0:
        line, position = Span(position, line_feed + 1), line_feed + 1
        if line.of(data) in (b"\r\n", b"\n"):
            seen.stop = Stop.COMPLETE
            break
        seen.trailers.append(Span(line.start, line.start + len(line.of(data).rstrip(b"\r\n"))))
    else:
        if position < len(data):
            seen.trailers.append(Span(position, len(data)))
            position = len(data)
    seen.trailer_section = Span(start, position)
