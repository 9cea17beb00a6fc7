"""Keeps the frames of both sides of an HTTP/2 connection in the order they were read and written."""

from __future__ import annotations

from dataclasses import replace

from ..http2 import KEPT_FRAMES, Fields, Http2Connection, Http2Fault, Http2Frame
from ..recording import Budget, Tape
from ..span import Span
from .http2_frames import Frame, FrameType, flag_names, told, type_name
from .http2_hpack import written_fields

_BLOCKS = (FrameType.HEADERS, FrameType.CONTINUATION)


class Http2Log:
    """`written` is every byte of the server; spans of its frames point into it."""

    def __init__(self, limit: int) -> None:
        self.frames: list[Http2Frame] = []
        self.left_out = 0
        self.written = Tape(limit)
        self._budget = Budget(limit)
        self._block = b""
        self._block_at = 0

    def read(self, frame: Frame) -> None:
        """A whole frame of the client."""
        self._keep(self._record(frame, by_client=True))

    def block_read(self, fields: Fields) -> None:
        """The fields of the client's last HEADERS."""
        self._set_fields(len(self.frames) - 1, fields, by_client=True)

    def faulty(self, frame: Frame, words: str) -> None:
        """The frame that was given up: the last that was read, or one that was not even awaited."""
        last = self.frames[-1] if self.frames else None
        if last is None or not last.by_client or last.span != frame.span:
            self._keep(self._record(frame, by_client=True))
        if not self.left_out:
            self.frames[-1] = replace(self.frames[-1], fault=words)

    def wrote(self, frame: Frame, wire: bytes) -> None:
        """A frame of the server; `wire` is all of it."""
        start = self.written.length
        self.written.write(wire)
        moved = replace(frame, start=start)
        if frame.type == FrameType.HEADERS:
            self._block, self._block_at = b"", len(self.frames)
        self._keep(self._record(moved, by_client=False))
        if frame.type in _BLOCKS:
            self._block += frame.payload
            if frame.ends_block:
                self._set_fields(self._block_at, written_fields(self._block), by_client=False)

    def connection(self, fault: Http2Fault | None, rest: Span | None, beyond: int, *, cut: bool) -> Http2Connection:
        """What was said."""
        return Http2Connection(
            wire=self.written.value(),
            frames=tuple(self.frames),
            left_out=self.left_out,
            fault=fault,
            rest=rest,
            beyond=beyond,
            cut=cut,
        )

    def _record(self, frame: Frame, *, by_client: bool) -> Http2Frame:
        return Http2Frame(
            by_client=by_client,
            type=type_name(frame.type),
            flags=flag_names(frame.type, frame.flags),
            stream=frame.stream,
            length=len(frame.payload),
            span=frame.span,
            data=self._budget.keep_bytes(frame.payload),
            told=told(frame),
        )

    def _keep(self, record: Http2Frame) -> None:
        if len(self.frames) < KEPT_FRAMES:
            self.frames.append(record)
        else:
            self.left_out += 1

    def _set_fields(self, at: int, fields: Fields, *, by_client: bool) -> None:
        """Give them to the HEADERS at or before `at`; CONTINUATION has none of its own."""
        while at >= 0 and at < len(self.frames):
            record = self.frames[at]
            if record.type == "HEADERS" and record.by_client is by_client:
                self.frames[at] = replace(record, fields=fields)
                return
            at -= 1
