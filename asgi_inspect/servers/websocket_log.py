"""Keeps the frames of both sides in the order they were read and written."""

from __future__ import annotations

from dataclasses import replace

from wsproto.frame_protocol import Opcode

from ..conversation import KEPT_FRAMES, FrameRecord
from ..recording import Budget
from ..span import Span
from .websocket_frames import Fault, Frame, Header
from .websocket_protocol import Written

_OPCODES = frozenset(map(int, Opcode))


class FrameLog:
    """`written` counts the bytes that went to the client."""

    def __init__(self) -> None:
        self.frames: list[FrameRecord] = []
        self.left_out = 0
        self.written = 0
        self._budget = Budget()

    def read(self, frame: Frame, *, captured: bool) -> None:
        """A whole frame of the client."""
        self._keep(
            replace(
                self._record(frame.opcode, frame.data),
                by_client=True,
                span=frame.span if captured else None,
                final=frame.final,
                compressed=frame.compressed,
            )
        )

    def faulty(self, fault: Fault, *, captured: bool) -> None:
        """The frame that was given up: the last that was read, or one of which only the header was."""
        span = fault.span if captured else None
        if fault.header is not None:
            self._keep(_of_header(fault.header, span))
        if self.frames:
            self.frames[-1] = replace(self.frames[-1], fault=fault.reason)

    def wrote(self, writes: list[Written], *, sent: bool) -> None:
        """Frames of the server; where the connection was closing, they never left."""
        for write in writes:
            span = Span(self.written, self.written + len(write.wire)) if sent else None
            self.written += len(write.wire) if sent else 0
            if write.opcode is not None:
                record = self._record(write.opcode, write.data)
                self._keep(replace(record, span=span, compressed=write.compressed, sent=sent))

    def _record(self, opcode: Opcode, data: bytes) -> FrameRecord:
        closes = opcode is Opcode.CLOSE and len(data) >= 2
        return FrameRecord(
            by_client=False,
            opcode=opcode_name(opcode),
            length=len(data),
            span=None,
            data=self._budget.keep_bytes(data),
            code=int.from_bytes(data[:2]) if closes else None,
            reason=data[2:].decode("utf-8", "replace") if closes else "",
        )

    def _keep(self, record: FrameRecord) -> None:
        if len(self.frames) < KEPT_FRAMES:
            self.frames.append(record)
        else:
            self.left_out += 1


def _of_header(header: Header, span: Span | None) -> FrameRecord:
    name = opcode_name(header.opcode)
    return FrameRecord(by_client=True, opcode=name, length=header.length or 0, span=span, final=header.final)


def opcode_name(opcode: int) -> str:
    """The name of RFC 6455 §11.8, or the number."""
    return Opcode(opcode).name.lower() if opcode in _OPCODES else f"opcode {opcode}"
