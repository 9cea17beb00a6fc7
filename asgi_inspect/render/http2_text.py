"""The frames of an HTTP/2 stream as two lanes, client and server, with the fields that HPACK made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..exchange import By, Exchange
from ..http2 import Fields, Http2Frame, error_name
from ..recording import Folded
from ..span import Span, printable, visible
from .layout import Line, Page, Role, size, words

_FIRST, _LAST = 60, 20
_NARROW = 56
_PREVIEW = 32
_HEX = 16
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")


def request_line(exchange: Exchange) -> str:
    """Method, path and version as a request line would have them."""
    stream = exchange.http2
    assert stream is not None
    if exchange.request is not None:
        return f"{visible(exchange.request.method)} {visible(exchange.request.target)}  HTTP/2, stream {stream.number}"
    fields = dict(stream.fields)
    asked = " ".join(visible(fields[name]) for name in (b":method", b":path") if name in fields)
    where = f"stream {stream.number}" if stream.number else "the connection"
    return f"{asked or '(no request)'}  HTTP/2, {where}"


def stream_lines(exchange: Exchange, page: Page, *, first: bool) -> Iterator[Line]:
    """The frames of the stream; with the `first` exchange of a connection the connection's own too."""
    stream = exchange.http2
    if stream is None:
        return
    frames = list(stream.frames)
    if first or not stream.number:
        frames = [frame for frame in stream.connection.frames if frame.stream in (stream.number, 0)]
    if exchange.response is not None and exchange.response.by is By.STAND_IN:
        frames = [frame for frame in frames if frame.by_client or not frame.stream]
    if page.width >= _NARROW and frames:
        yield [(f"{'client':{_lane(page)}}{'':6}server", Role.QUIET)]
    for frame in _shown(frames):
        if frame is None:
            hidden = len(frames) + stream.connection.left_out - _FIRST - _LAST
            yield [(f"{page.glyphs.ellipsis} {hidden:,} frames more", Role.QUIET)]
        else:
            yield from _drawn(frame, page)
    if stream.reset is not None:
        by = "client" if stream.reset_by_client else "server"
        yield from (
            [(line, Role.WARNING)] for line in words(f"the {by} reset it: {error_name(stream.reset)}", page.width)
        )


def frame_hex(exchange: Exchange, page: Page) -> Iterator[Line]:
    """The octets of the client's frames on this stream, header and payload."""
    stream = exchange.http2
    if stream is None:
        return
    left = page.body_limit
    for frame in stream.frames:
        if not frame.by_client or frame.span is None:
            continue
        for line in words(f"byte {frame.span.start}: {headline(frame)}", page.width):
            yield [(line, Role.LABEL)]
        shown = Span(frame.span.start, min(frame.span.end, frame.span.start + max(left, _HEX)))
        left -= shown.end - shown.start
        yield from _hex(exchange.data, shown, page)
        if shown.end < frame.span.end:
            yield [
                (f"{page.glyphs.ellipsis} {size(frame.span.end - shown.end)} more; --body-limit shows more", Role.QUIET)
            ]


def _hex(data: bytes, span: Span, page: Page) -> Iterator[Line]:
    row = _HEX if page.width >= 5 * _HEX else 8 if page.width >= 40 else 4
    for start in range(span.start, span.end, row):
        octets = data[start : min(start + row, span.end)]
        text = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in octets)
        yield [(f"  {octets.hex(' '):{3 * row}} ", Role.BYTES), (text, Role.QUIET)]


def _lane(page: Page) -> int:
    return (page.width - 6) // 2


def _shown(frames: list[Http2Frame]) -> Iterator[Http2Frame | None]:
    if len(frames) <= _FIRST + _LAST:
        yield from frames
        return
    yield from frames[:_FIRST]
    yield None
    yield from frames[-_LAST:]


def _drawn(frame: Http2Frame, page: Page) -> Iterator[Line]:
    role = Role.ERROR if frame.fault else Role.PLAIN
    rows = [(text, role) for text in [headline(frame)]]
    rows += [(text, Role.QUIET) for text in _field_rows(frame.fields)]
    if page.width < _NARROW:
        who = "client: " if frame.by_client else "server: "
        for number, (text, of_row) in enumerate(rows):
            for line in words((who if number == 0 else "  ") + text, page.width):
                yield [(line, of_row)]
        return
    lane = _lane(page)
    room = lane - 1 if frame.by_client else page.width - lane - 6
    arrow = page.glyphs.right if frame.by_client else page.glyphs.left
    for number, (text, of_row) in enumerate(rows):
        indent = "  " if number else ""
        for line in words(text, room - len(indent)):
            shaft = f"{arrow:6}"
            arrow = ""
            if frame.by_client:
                yield [(f"{indent + line:{lane}}", of_row), (shaft, Role.QUIET)]
            else:
                yield [(" " * lane, Role.PLAIN), (shaft, Role.QUIET), (indent + line, of_row)]


def headline(frame: Http2Frame) -> str:
    """Type, flags, length, and what a frame without fields says."""
    parts = [frame.type, *frame.flags]
    told = f"{' '.join(parts)}, {size(frame.length)}"
    if frame.type == "DATA":
        told = f"{told} {_preview(frame)}".rstrip()
    elif frame.told:
        told = f"{' '.join(parts)}, {printable(frame.told)}"
    return f"{told}: {printable(frame.fault)}" if frame.fault else told


def _preview(frame: Http2Frame) -> str:
    data = frame.data.head if isinstance(frame.data, Folded) else frame.data
    shown = data[:_PREVIEW]
    if not shown or _NOT_TEXT.search(shown):
        return ""
    return f'"{visible(shown)}"' + (".." if len(data) > _PREVIEW else "")


def _field_rows(fields: Fields) -> Iterator[str]:
    for name, value in fields:
        shown = visible(value[:200]) + (".." if len(value) > 200 else "")
        yield f"{visible(name)}: {shown}"
