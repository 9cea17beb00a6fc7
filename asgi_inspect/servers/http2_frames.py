"""HTTP/2 frames (RFC 9113 §4 and §6): nine octets of header and a payload, cut out and put together, never judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from ..http2 import error_name
from ..span import Span, visible

HEADER_LENGTH = 9
MAX_FRAME_SIZE = 16384
_STREAM = 0x7FFF_FFFF


class FrameType(IntEnum):
    """The types of RFC 9113 §6."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


class Flag(IntFlag):
    """ACK and END_STREAM are one bit, on different types of frames."""

    END_STREAM = 0x1
    ACK = 0x1
    END_HEADERS = 0x4
    PADDED = 0x8
    PRIORITY = 0x20


class Setting(IntEnum):
    """RFC 9113 §6.5.2, and RFC 8441 §3."""

    HEADER_TABLE_SIZE = 1
    ENABLE_PUSH = 2
    MAX_CONCURRENT_STREAMS = 3
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5
    MAX_HEADER_LIST_SIZE = 6
    ENABLE_CONNECT_PROTOCOL = 8


_FLAGS: dict[int, tuple[tuple[Flag, str], ...]] = {
    FrameType.DATA: ((Flag.END_STREAM, "END_STREAM"), (Flag.PADDED, "PADDED")),
    FrameType.HEADERS: (
        (Flag.END_STREAM, "END_STREAM"),
        (Flag.END_HEADERS, "END_HEADERS"),
        (Flag.PADDED, "PADDED"),
        (Flag.PRIORITY, "PRIORITY"),
    ),
    FrameType.SETTINGS: ((Flag.ACK, "ACK"),),
    FrameType.PUSH_PROMISE: ((Flag.END_HEADERS, "END_HEADERS"), (Flag.PADDED, "PADDED")),
    FrameType.PING: ((Flag.ACK, "ACK"),),
    FrameType.CONTINUATION: ((Flag.END_HEADERS, "END_HEADERS"),),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame; `start` is its offset, `type` and `flags` are as sent, `stream` without the reserved bit."""

    start: int
    type: int
    flags: int
    stream: int
    payload: bytes

    @property
    def span(self) -> Span:
        """Header and payload."""
        return Span(self.start, self.start + HEADER_LENGTH + len(self.payload))

    @property
    def ends_stream(self) -> bool:
        """Whether it is the last frame of its side, but for CONTINUATION."""
        return bool(self.flags & Flag.END_STREAM)

    @property
    def ends_block(self) -> bool:
        """Whether the field block is complete with it."""
        return bool(self.flags & Flag.END_HEADERS)


def frame_header(data: bytes | bytearray, start: int = 0) -> tuple[int, int, int, int]:
    """Length of the payload, type, flags and stream of the frame that begins at `start`."""
    length = int.from_bytes(data[start : start + 3])
    stream = int.from_bytes(data[start + 5 : start + HEADER_LENGTH]) & _STREAM
    return length, data[start + 3], data[start + 4], stream


def frame_bytes(type: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame as it goes over the wire."""
    return b"".join((len(payload).to_bytes(3), bytes((type, flags)), stream.to_bytes(4), payload))


def split_frames(data: bytes, start: int = 0) -> Iterator[Frame]:
    """The whole frames of `data` from `start` on."""
    while len(data) - start >= HEADER_LENGTH:
        length, type, flags, stream = frame_header(data, start)
        end = start + HEADER_LENGTH + length
        if end > len(data):
            return
        yield Frame(start, type, flags, stream, bytes(data[start + HEADER_LENGTH : end]))
        start = end


def type_name(type: int) -> str:
    """The name of RFC 9113 §6, or the number."""
    return FrameType(type).name if type in FrameType.__members__.values() else f"type {type}"


def flag_names(type: int, flags: int) -> tuple[str, ...]:
    """The flags that mean something on this type of frame."""
    return tuple(name for flag, name in _FLAGS.get(type, ()) if flags & flag)


def settings_of(payload: bytes) -> list[tuple[int, int]]:
    """Identifier and value of each setting; a rest of less than six octets is left out."""
    whole = range(0, len(payload) - 5, 6)
    return [(int.from_bytes(payload[at : at + 2]), int.from_bytes(payload[at + 2 : at + 6])) for at in whole]


def setting_name(identifier: int) -> str:
    """The name of RFC 9113 §6.5.2, or the number."""
    known = identifier in Setting.__members__.values()
    return Setting(identifier).name if known else f"setting {identifier}"


def told(frame: Frame) -> str:
    """What a frame says that carries neither fields nor content."""
    data, number = frame.payload, int.from_bytes(frame.payload[:4])
    if frame.type == FrameType.SETTINGS:
        return ", ".join(f"{setting_name(name)} {value}" for name, value in settings_of(data))
    if frame.type == FrameType.RST_STREAM:
        return error_name(number)
    if frame.type == FrameType.WINDOW_UPDATE:
        return f"+{number & _STREAM}"
    if frame.type == FrameType.GOAWAY and len(data) >= 8:
        last = number & _STREAM
        debug = f', "{visible(data[8:72])}"' if data[8:] else ""
        return f"{error_name(int.from_bytes(data[4:8]))}, last stream {last}{debug}"
    if frame.type == FrameType.PRIORITY and len(data) == 5:
        return f"after stream {number & _STREAM}, weight {data[4] + 1}"
    return data[:16].hex(" ") if frame.type == FrameType.PING else ""
