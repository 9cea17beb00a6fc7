"""Hide secrets in the bytes of a connection: heads, chunks and frames keep their places and their lengths."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from ..servers.provenance import Field, HeadMap, map_head, skip_blank
from ..span import Span
from .hiding import Hider

_CHUNK = re.compile(rb"\r?\n?([0-9A-Fa-f]{1,16})[^\n]{0,65536}+\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")


def hide_message(hider: Hider, data: bytes) -> bytes:
    """One request or response, whole or not, interim responses before it included."""
    changed = bytearray(data)
    position = skip_blank(data, 0)
    while position < len(data):
        head = map_head(data, position)
        status = _STATUS.match(data, position)
        if head.lines and status is None:
            is_request = head.version.start < head.version.end
            place, hide = (head.target, hider.target) if is_request else (head.lines[0], hider.text)
            changed[place.start : place.end] = hide(place.of(data))
        _hide_fields(hider, data, changed, head)
        position = head.span.end
        if status is not None and status[1] == b"101":
            changed[position:] = hide_frames(hider, data[position:])
        elif status is None or not status[1].startswith(b"1"):
            _hide_body(hider, data, changed, head)
        else:
            continue
        break
    return bytes(changed)


def _hide_body(hider: Hider, data: bytes, changed: bytearray, head: HeadMap) -> None:
    type_, encoding = _value(data, head, b"content-type"), _value(data, head, b"content-encoding")
    pieces = [Span(head.span.end, len(data))]
    if b"chunked" in _value(data, head, b"transfer-encoding").lower():
        pieces = list(_chunks(data, head.span.end))
        _hide_between(hider, data, changed, head.span.end, pieces)
    contents = [piece.of(data) for piece in pieces]
    hidden = hide_pieces(contents, lambda all_, cuts: hider.content(all_, type_, encoding, cuts))
    for piece, content in zip(pieces, hidden, strict=True):
        changed[piece.start : piece.end] = content


def hide_pieces(pieces: list[bytes], hide: Callable[[bytes, list[int]], bytes]) -> Iterator[bytes]:
    """Hide in what the pieces are together; a secret may begin in one and end in the next."""
    cuts = [0]
    for piece in pieces:
        cuts.append(cuts[-1] + len(piece))
    if not pieces:
        return iter(())
    hidden = hide(pieces[0] if len(pieces) == 1 else b"".join(pieces), cuts[1:-1])
    return (hidden[start:end] for start, end in pairwise(cuts))


def _hide_fields(hider: Hider, data: bytes, changed: bytearray, head: HeadMap) -> None:
    seen: list[Span] = []
    for field in head.fields:
        changed[field.value.start : field.value.end] = hider.field(field.name.of(data), field.value.of(data))
        seen.append(Span(field.name.start, field.value.end))
    for line in head.lines[1:]:  # what is no field, as a line without a colon
        if not any(span.start <= line.start < span.end for span in _near(seen, line)):
            changed[line.start : line.end] = hider.text(line.of(data))


def _near(spans: list[Span], line: Span) -> Iterable[Span]:
    place = bisect(spans, line)
    return spans[max(place - 1, 0) : place + 1]


def _value(data: bytes, head: HeadMap, name: bytes) -> bytes:
    return next((_of(field, data) for field in head.fields if field.name.of(data).lower() == name), b"")


def _of(field: Field, data: bytes) -> bytes:
    return field.value.of(data)


def _chunks(data: bytes, position: int) -> Iterator[Span]:
    """The contents of chunks; where the framing breaks, all that is left counts as content."""
    while position < len(data):
        line = _CHUNK.match(data, position)
        if line is None:
            yield Span(position, len(data))
            return
        size = int(line[1], 16)
        if size == 0:
            return
        yield Span(line.end(), min(line.end() + size, len(data)))
        position = line.end() + size


def _hide_between(hider: Hider, data: bytes, changed: bytearray, start: int, pieces: list[Span]) -> None:
    """Chunk extensions, and trailers behind the last chunk."""
    for piece in pieces:
        extension = data.find(b";", start, piece.start)
        if extension >= 0:
            changed[extension : piece.start] = hider.text(data[extension : piece.start])
        start = piece.end
    last = _CHUNK.match(data, start)
    if last is not None and start < len(data):
        trailers = map_head(data, last.end() - 1)  # the chunk line's own end stands in for a request line
        _hide_fields(hider, data, changed, trailers)


def hide_frames(hider: Hider, data: bytes) -> bytes:
    """WebSocket frames (RFC 6455 §5.2), their masking keys kept; what is compressed is hidden whole, unread."""
    changed = bytearray(data)
    message: list[tuple[Span, bytes]] = []
    for first, payload, key in _frames(data):
        if first & 0x40:
            changed[payload.start : payload.end] = _xor(b"*" * (payload.end - payload.start), key)
            continue
        control = bool(first & 0x08)
        frames = [(payload, key)] if control else [*message, (payload, key)]
        message = message if control else [] if first & 0x80 else frames
        if control or not message or payload.end == len(data):
            _hide_payloads(hider, data, changed, frames)
    return bytes(changed)


def _hide_payloads(hider: Hider, data: bytes, changed: bytearray, frames: list[tuple[Span, bytes]]) -> None:
    plain = [_xor(payload.of(data), key) for payload, key in frames]
    hidden = hide_pieces(plain, lambda all_, cuts: hider.content(all_, cuts=cuts))
    for (payload, key), content in zip(frames, hidden, strict=True):
        changed[payload.start : payload.end] = _xor(content, key)


def _frames(data: bytes) -> Iterator[tuple[int, Span, bytes]]:
    """The first byte of each frame, where its payload stands (the last may be cut), and its masking key."""
    position = 0
    while position + 2 <= len(data):
        first, second = data[position], data[position + 1]
        width = {126: 2, 127: 8}.get(second & 0x7F, 0)
        size = int.from_bytes(data[position + 2 : position + 2 + width]) if width else second & 0x7F
        start = position + 2 + width
        key = data[start : start + 4] if second & 0x80 else b""
        start += 4 if second & 0x80 else 0
        end = min(start + size, len(data))
        yield first, Span(min(start, end), end), key if len(key) == 4 else b""
        position = start + size


def _xor(data: bytes, key: bytes) -> bytes:
    if not key or not data:
        return data
    keys = (key * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data) ^ int.from_bytes(keys)).to_bytes(len(data))
