"""Hide secrets in the frames of HTTP/2 (RFC 9113 §4): a field block whole, as HPACK cannot be changed in part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..events import PREFACE
from ..http2 import Http2Frame
from ..recording import Folded
from ..span import Span
from .hiding import Hider
from .streams import hide_pieces

_HEADER = 9
_DATA, _BLOCKS = 0, (1, 5, 9)  # HEADERS, PUSH_PROMISE and CONTINUATION carry blocks


def hide_http2(hider: Hider, data: bytes) -> bytes:
    """The bytes of one side, from its preface or from a frame on; those of a frame that is cut included."""
    changed = bytearray(data)
    contents: dict[int, list[Span]] = {}
    for kind, stream, payload in _frames(data):
        if kind in _BLOCKS:
            changed[payload.start : payload.end] = b"*" * (payload.end - payload.start)
        elif kind == _DATA:
            contents.setdefault(stream, []).append(payload)
    for pieces in contents.values():
        hidden = hide_pieces([piece.of(data) for piece in pieces], lambda all_, cuts: hider.content(all_, cuts=cuts))
        for piece, content in zip(pieces, hidden, strict=True):
            changed[piece.start : piece.end] = content
    return bytes(changed)


def _frames(data: bytes) -> Iterator[tuple[int, int, Span]]:
    """The type, the stream and the payload of each frame."""
    position = len(PREFACE) if data.startswith(PREFACE) else 0
    while position + _HEADER <= len(data):
        size, kind = int.from_bytes(data[position : position + 3]), data[position + 3]
        stream = int.from_bytes(data[position + 5 : position + 9]) & 0x7FFFFFFF
        start = position + _HEADER
        yield kind, stream, Span(start, min(start + size, len(data)))
        position = start + size


def hide_payloads(hider: Hider, frames: Iterable[Http2Frame]) -> dict[int, bytes | None]:
    """The hidden payload of each frame, by its number; None where it is to be hidden as any other value."""
    frames = list(frames)
    hidden: dict[int, bytes | None] = dict.fromkeys(range(len(frames)))
    contents: dict[tuple[bool, int], list[int]] = {}
    for number, frame in enumerate(frames):
        if frame.type in ("HEADERS", "CONTINUATION", "PUSH_PROMISE"):
            hidden[number] = b"*" * len(frame.data.head if isinstance(frame.data, Folded) else frame.data)
        elif frame.type == "DATA" and isinstance(frame.data, bytes):
            contents.setdefault((frame.by_client, frame.stream), []).append(number)
    for numbers in contents.values():
        pieces = [data for number in numbers if isinstance(data := frames[number].data, bytes)]
        told = hide_pieces(pieces, lambda all_, cuts: hider.content(all_, cuts=cuts))
        hidden.update(zip(numbers, told, strict=True))
    return hidden
