"""The server's half of HTTP/2 as zttp 0.0.35 writes it: frames out, as many octets of content as the windows let go."""

from __future__ import annotations

import operator
import re
from typing import Any

from ..http2 import ErrorCode, Fields
from .http2_frames import MAX_FRAME_SIZE, Flag, FrameType, Setting, frame_bytes
from .http2_hpack import field_block
from .http2_request import CONNECTION_FIELDS, NOT_IN_TRAILERS
from .http2_stream import WINDOW, ClientSettings, Stream

_SETTINGS = (
    (Setting.MAX_CONCURRENT_STREAMS, 128),
    (Setting.MAX_HEADER_LIST_SIZE, 65536),
    (Setting.HEADER_TABLE_SIZE, 4096),
    (Setting.MAX_FRAME_SIZE, 16384),
    (Setting.ENABLE_CONNECT_PROTOCOL, 1),
)
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_VALUE = re.compile(rb"[\x00-\x1f\x7f]|\A | \Z")
_INVALID_FIELD = "invalid field: a header name/value contained CR/LF/NUL or an uppercase byte"
_INVALID_SEND = "invalid HTTP/2 send: a pseudo-header order, status, or stream id was rejected"


class LocalProtocolError(Exception):
    """What zttp refuses to write; it reaches the application out of its send()."""


class Sender:
    """What is written, the streams it is written on, and their windows."""

    def __init__(self) -> None:
        self.streams: dict[int, Stream] = {}
        self.client_settings = ClientSettings()
        self.send_window = WINDOW
        self.beyond = 0
        self.unlimited = False
        self._out = bytearray()

    def take(self) -> bytes:
        """What is to go out now: whole frames."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def write(self, type: int, flags: int, stream: int, payload: bytes = b"") -> None:
        """One frame."""
        self._out += frame_bytes(type, flags, stream, payload)

    def open(self) -> None:
        """The server's connection preface (RFC 9113 §3.4)."""
        settings = (int(name).to_bytes(2) + value.to_bytes(4) for name, value in _SETTINGS)
        self.write(FrameType.SETTINGS, 0, 0, b"".join(settings))

    def close(self, last: int) -> None:
        """A GOAWAY that says that all is well."""
        self.write(FrameType.GOAWAY, 0, 0, last.to_bytes(4) + ErrorCode.NO_ERROR.to_bytes(4))

    def send_head(self, stream: int, status: Any, fields: list[tuple[Any, Any]]) -> None:
        """A final or an interim response's HEADERS. Raises LocalProtocolError, TypeError or ValueError."""
        number = operator.index(status)
        if not 0 <= number <= 999:
            raise ValueError("status code out of range")
        listed = _bytes_pairs(fields)
        if not 100 <= number <= 599:
            raise LocalProtocolError(_INVALID_SEND)
        _check_fields(listed)
        self._write_block(stream, ((b":status", b"%d" % number), *listed), Flag(0))

    def send_data(self, stream: int, data: Any) -> None:
        """Content: as much as the windows let go, the rest when the client grants it."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"a bytes-like object is required, not '{type(data).__name__}'")
        state = self._live(stream)
        state.pending += data
        self._flush(state)

    def end(self, stream: int, trailers: list[tuple[Any, Any]] | None = None) -> None:
        """The response's end, with trailers behind the content."""
        if trailers:
            listed = _bytes_pairs(trailers)
            _check_fields(listed)
            if any(name in NOT_IN_TRAILERS for name, _ in listed):
                raise LocalProtocolError(_INVALID_SEND)
            self._live(stream).trailers = listed
        state = self._live(stream)
        state.end_pending = True
        self._flush(state)

    def reset(self, stream: int) -> None:
        """Give the stream up (RFC 9113 §6.4)."""
        self.streams.pop(stream, None)
        self.write(FrameType.RST_STREAM, 0, stream, ErrorCode.CANCEL.to_bytes(4))

    def flush_pending(self) -> None:
        """A window has grown: send what waited for it."""
        for stream in list(self.streams.values()):
            self._flush(stream)

    def _live(self, stream: int) -> Stream:
        state = self.streams.get(stream)
        if state is None:
            raise LocalProtocolError(_INVALID_SEND)
        return state

    def _flush(self, stream: Stream) -> None:
        while stream.pending:
            room = min(stream.send_window, self.send_window)
            if self.unlimited and room < len(stream.pending):
                self._grant_more(stream, room)
                continue
            if room <= 0:
                return
            self._write_data(stream, min(room, MAX_FRAME_SIZE, len(stream.pending)))
        if stream.end_pending:
            self._write_end(stream)
        if stream.done:
            self.streams.pop(stream.id, None)

    def _grant_more(self, stream: Stream, room: int) -> None:
        """The client of a capture that has ended reads on, as any client would."""
        missing = len(stream.pending) - max(room, 0)
        self.beyond += missing
        stream.send_window = max(stream.send_window, len(stream.pending))
        self.send_window = max(self.send_window, len(stream.pending))

    def _write_data(self, stream: Stream, length: int) -> None:
        ends = length == len(stream.pending) and stream.end_pending and stream.trailers is None
        flags = Flag.END_STREAM if ends else Flag(0)
        self.write(FrameType.DATA, flags, stream.id, bytes(stream.pending[:length]))
        del stream.pending[:length]
        stream.send_window -= length
        self.send_window -= length
        if ends:
            stream.end_pending, stream.answered = False, True

    def _write_end(self, stream: Stream) -> None:
        if stream.trailers is None:
            self.write(FrameType.DATA, Flag.END_STREAM, stream.id)
        else:
            self._write_block(stream.id, stream.trailers, Flag.END_STREAM)
        stream.end_pending, stream.answered = False, True

    def _write_block(self, stream: int, fields: Fields, flags: Flag) -> None:
        """HEADERS, and CONTINUATION where one frame is too small (RFC 9113 §4.3)."""
        block = field_block(fields)
        kind = FrameType.HEADERS
        while len(block) > MAX_FRAME_SIZE:
            self.write(kind, flags, stream, block[:MAX_FRAME_SIZE])
            block, kind, flags = block[MAX_FRAME_SIZE:], FrameType.CONTINUATION, Flag(0)
        self.write(kind, flags | Flag.END_HEADERS, stream, block)


def _bytes_pairs(fields: list[tuple[Any, Any]]) -> Fields:
    for part in (part for field in fields for part in field):
        if not isinstance(part, bytes):
            raise TypeError(f"expected bytes, {type(part).__name__} found")
    return tuple((name, value) for name, value in fields)


def _check_fields(fields: Fields) -> None:
    """RFC 9113 §8.2, and no tab inside a value either."""
    for name, value in fields:
        if _NAME.fullmatch(name) is None or _BAD_VALUE.search(value):
            raise LocalProtocolError(_INVALID_FIELD)
        if name in CONNECTION_FIELDS or (name == b"te" and value != b"trailers"):
            raise LocalProtocolError(_INVALID_SEND)
