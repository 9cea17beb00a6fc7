"""WebSocket frames (RFC 6455 §5.2) read and written as the websockets package does it for uvicorn.

Opcodes, close codes and the mask are wsproto's. Its FrameDecoder is not used: it hands out parts of
a frame before it is whole, takes a length in its shortest form only, names another fault first where
a frame has two, and closes with other codes. uvicorn waits for the whole frame, takes any form of a
length, and judges in the order that is written here (frames.py of websockets 17.4).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from wsproto.frame_protocol import CloseReason, Opcode, XorMaskerSimple

from ..span import Span
from .websocket_deflate import Deflate, DeflateError, TooBig

DATA = (Opcode.CONTINUATION, Opcode.TEXT, Opcode.BINARY)
LONGEST_CONTROL = 125
_OPCODES = frozenset(map(int, Opcode))
_CLOSE_CODES = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014))


class ProtocolError(Exception):
    """A frame that may not be sent."""


class Fault(Exception):
    """A frame that ends the connection, with the code and reason that go back in the close frame.

    `span` are the bytes that show it, `header` what is known of the frame's header.
    """

    def __init__(self, code: int, reason: str, span: Span, header: Header | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.span = span
        self.header = header


class Header(NamedTuple):
    """The first bytes of a frame: `size` is their number, the mask's included; `length` that of the payload.

    `length` is None where more bytes are needed to tell.
    """

    final: bool
    reserved: int
    opcode: int
    masked: bool
    size: int
    length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A whole frame: its payload without the mask, and inflated where it was `compressed`."""

    opcode: Opcode
    data: bytes
    final: bool
    compressed: bool
    span: Span


class Close(NamedTuple):
    """The content of a close frame (§5.5.1)."""

    code: int
    reason: str


def read_header(data: bytes | bytearray) -> Header | None:
    """The header at the start of `data`; None where not even two bytes are there."""
    if len(data) < 2:
        return None
    first, second = data[0], data[1]
    length: int | None = second & 0x7F
    extended = {126: 2, 127: 8}.get(second & 0x7F, 0)
    if extended:
        length = int.from_bytes(data[2 : 2 + extended]) if len(data) >= 2 + extended else None
    masked = bool(second & 0x80)
    return Header(bool(first & 0x80), first >> 4 & 7, first & 15, masked, 2 + extended + 4 * masked, length)


def split_frames(data: bytes) -> Iterator[bytes]:
    """Cut `data` behind each frame; what follows the last whole one stays together."""
    position = 0
    while position < len(data):
        header = read_header(data[position : position + 10])
        whole = header is not None and header.length is not None
        end = position + header.size + header.length if header and header.length is not None else len(data)
        yield data[position:end]
        position = end if whole else len(data)


class FrameReader:
    """Takes the client's bytes and gives whole frames. `position` is where the next one begins in the capture."""

    def __init__(self, most: int) -> None:
        self.deflate: Deflate | None = None
        self.position = 0
        self._most = most
        self._buffer = bytearray()
        self._gathered: int | None = None
        self._inflating = False

    def feed(self, data: bytes, start: int) -> None:
        """Add what one read brought; it stands at `start`."""
        if not self._buffer:
            self.position = start
        self._buffer += data

    @property
    def left(self) -> Span:
        """The bytes of a frame that is not whole yet."""
        return Span(self.position, self.position + len(self._buffer))

    def next(self) -> Frame | None:
        """The next whole frame, None where it is not there yet. Raises Fault."""
        header = read_header(self._buffer)
        if header is None:
            return None
        self._check_header(header)
        if header.length is None or len(self._buffer) < header.size + header.length:
            return None
        span = Span(self.position, self.position + header.size + header.length)
        payload = XorMaskerSimple(self._buffer[header.size - 4 : header.size]).process(
            self._buffer[header.size : header.size + header.length]
        )
        del self._buffer[: header.size + header.length]
        self.position = span.end
        opcode = Opcode(header.opcode)
        content = self._inflated(opcode, header, bytes(payload), span)
        data = bytes(payload) if content is None else content
        frame = Frame(opcode=opcode, data=data, final=header.final, compressed=content is not None, span=span)
        _check_frame(frame, header)
        self._check_sequence(frame, header)
        return frame

    def _check_header(self, header: Header) -> None:
        """What is judged before the payload has come, in this order."""
        start = Span(self.position, self.position + 2)
        if header.opcode not in _OPCODES:
            raise Fault(CloseReason.PROTOCOL_ERROR, "invalid opcode", start, header)
        if not header.masked:
            raise Fault(CloseReason.PROTOCOL_ERROR, "incorrect masking", start, header)
        room = self._room()
        if header.length is not None and header.length > room:
            size = f"frame with {header.length} bytes {self._so_far()}"
            self._too_big(f"{size}exceeds limit of {self._most} bytes", header)

    def _room(self) -> int:
        return self._most - (self._gathered or 0)

    def _so_far(self) -> str:
        return "" if self._gathered is None else f"after reading {self._gathered} bytes "

    def _too_big(self, words: str, header: Header) -> None:
        span = Span(self.position, self.position + header.size - 4 * header.masked)
        raise Fault(CloseReason.MESSAGE_TOO_BIG, words, span, header)

    def _inflated(self, opcode: Opcode, header: Header, data: bytes, span: Span) -> bytes | None:
        """The content where it came compressed; only the first frame of a message says so (RFC 7692 §6)."""
        if self.deflate is None or opcode not in DATA:
            return None
        flagged = bool(header.reserved & 4)
        if opcode is Opcode.CONTINUATION:
            if self._inflating and flagged:
                raise Fault(CloseReason.PROTOCOL_ERROR, "RSV1 bit set in continuation frame", span, header)
            if not self._inflating:
                return None
            self._inflating = not header.final
        elif not flagged:
            return None
        else:
            self._inflating = self._inflating or not header.final
            self.deflate.begin_message()
        try:
            return self.deflate.inflate(data, last=header.final, limit=self._room())
        except DeflateError:
            raise Fault(CloseReason.PROTOCOL_ERROR, "decompression failed", span, header) from None
        except TooBig:
            words = f"frame {self._so_far()}exceeds limit of {self._most} bytes"
            raise Fault(CloseReason.MESSAGE_TOO_BIG, words, span, header) from None

    def _check_sequence(self, frame: Frame, header: Header) -> None:
        """Fragments follow one another, with only control frames between them (§5.4)."""
        if frame.opcode is Opcode.CONTINUATION:
            if self._gathered is None:
                raise Fault(CloseReason.PROTOCOL_ERROR, "unexpected continuation frame", frame.span, header)
            self._gathered = None if frame.final else self._gathered + len(frame.data)
        elif frame.opcode in DATA:
            if self._gathered is not None:
                raise Fault(CloseReason.PROTOCOL_ERROR, "expected a continuation frame", frame.span, header)
            self._gathered = None if frame.final else len(frame.data)

    @property
    def in_message(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._gathered is not None


def _check_frame(frame: Frame, header: Header) -> None:
    """What is judged when the frame is whole (§5.2, §5.5)."""
    reserved = header.reserved & 3 if frame.compressed else header.reserved
    for wrong, words in (
        (reserved, "reserved bits must be 0"),
        (frame.opcode not in DATA and len(frame.data) > LONGEST_CONTROL, "control frame too long"),
        (frame.opcode not in DATA and not frame.final, "fragmented control frame"),
    ):
        if wrong:
            raise Fault(CloseReason.PROTOCOL_ERROR, words, frame.span, header)


def read_close(frame: Frame) -> Close:
    """What a close frame says; 1005 where it says nothing. Raises Fault."""
    if not frame.data:
        return Close(CloseReason.NO_STATUS_RCVD, "")
    if len(frame.data) < 2:
        raise Fault(CloseReason.PROTOCOL_ERROR, "close frame too short", frame.span)
    code = int.from_bytes(frame.data[:2])
    try:
        reason = frame.data[2:].decode()
    except UnicodeDecodeError as error:
        words = f"{error.reason} at position {error.start}"
        raise Fault(CloseReason.INVALID_FRAME_PAYLOAD_DATA, words, frame.span) from None
    if not _may_be_sent(code):
        raise Fault(CloseReason.PROTOCOL_ERROR, "invalid status code", frame.span)
    return Close(code, reason)


def _may_be_sent(code: Any) -> bool:
    """Codes that may stand in a close frame (§7.4); what is no number raises as it does on uvicorn."""
    return code in _CLOSE_CODES or 3000 <= code < 5000


def write_close(code: Any, reason: Any) -> bytes:
    """The content of a close frame. Raises ProtocolError, and whatever a wrong type raises."""
    if not _may_be_sent(code):
        raise ProtocolError("invalid status code")
    encoded: bytes = struct.pack("!H", code) + reason.encode()
    return encoded


def write_frame(opcode: Opcode, data: Any, deflate: Deflate | None) -> tuple[bytes, bool]:
    """A server's frame, never masked (§5.1), and whether it is compressed.

    Raises ProtocolError for a long control frame.
    """
    if opcode not in DATA and len(data) > LONGEST_CONTROL:
        raise ProtocolError("control frame too long")
    compressed = deflate is not None and opcode in DATA
    if deflate is not None and compressed:
        data = deflate.deflate(data)
    first = 0x80 | 0x40 * compressed | opcode
    length = len(data)
    if length < 126:
        head = struct.pack("!BB", first, length)
    elif length < 65536:
        head = struct.pack("!BBH", first, 126, length)
    else:
        head = struct.pack("!BBQ", first, 127, length)
    # What is no bytes-like object raises here as it does on uvicorn.
    out = io.BytesIO(head)
    out.seek(0, io.SEEK_END)
    out.write(data)
    return out.getvalue(), compressed


def masked_frame(opcode: int, data: bytes) -> bytes:
    """A client's frame for a message that the command line brings; the mask is that of RFC 6455 §5.7."""
    mask = b"\x37\xfa\x21\x3d"
    length = len(data)
    size = length if length < 126 else 126 if length < 65536 else 127
    extended = b"" if length < 126 else struct.pack("!H" if length < 65536 else "!Q", length)
    return bytes((0x80 | opcode, 0x80 | size)) + extended + mask + bytes(XorMaskerSimple(mask).process(bytearray(data)))
