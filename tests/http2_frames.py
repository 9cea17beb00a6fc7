"""HTTP/2 frames by hand, right and wrong ones alike."""

from __future__ import annotations

from asgi_inspect.events import PREFACE
from asgi_inspect.servers.http2_frames import FrameType, frame_bytes

Pairs = list[tuple[bytes, bytes]]
END_STREAM, END_HEADERS, ACK, PADDED, PRIORITY = 0x1, 0x4, 0x1, 0x8, 0x20
SETTINGS = frame_bytes(FrameType.SETTINGS, 0, 0)
OPENING = PREFACE + SETTINGS
GET: Pairs = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/a?b=c"), (b":authority", b"example.org")]
POST: Pairs = [(b":method", b"POST"), *GET[1:]]


def block(fields: Pairs) -> bytes:
    """A field block that leaves no trace in the connection's table."""
    return b"".join(_literal(*field) for field in fields)


def _literal(name: bytes, value: bytes) -> bytes:
    return b"\x00" + _string(name) + _string(value)


def _string(data: bytes) -> bytes:
    return _integer(len(data)) + data


def _integer(value: int) -> bytes:
    if value < 127:
        return bytes((value,))
    octets, value = [127], value - 127
    while value >= 128:
        octets.append(value % 128 + 128)
        value //= 128
    return bytes((*octets, value))


def headers(fields: Pairs, *, stream: int = 1, end: bool = True, flags: int = END_HEADERS) -> bytes:
    """HEADERS, which end the request where nothing follows."""
    return frame_bytes(FrameType.HEADERS, flags | (END_STREAM if end else 0), stream, block(fields))


def data(content: bytes, *, stream: int = 1, end: bool = True) -> bytes:
    """DATA, the last of the request unless said otherwise."""
    return frame_bytes(FrameType.DATA, END_STREAM if end else 0, stream, content)


def window_update(increment: int, *, stream: int = 0) -> bytes:
    """WINDOW_UPDATE."""
    return frame_bytes(FrameType.WINDOW_UPDATE, 0, stream, increment.to_bytes(4))


def rst_stream(code: int = 8, *, stream: int = 1) -> bytes:
    """RST_STREAM, by default CANCEL."""
    return frame_bytes(FrameType.RST_STREAM, 0, stream, code.to_bytes(4))


def goaway(code: int = 0, debug: bytes = b"") -> bytes:
    """GOAWAY of a client that asks for nothing more."""
    return frame_bytes(FrameType.GOAWAY, 0, 0, bytes(4) + code.to_bytes(4) + debug)


def settings(*pairs: tuple[int, int]) -> bytes:
    """SETTINGS with these identifiers and values."""
    return frame_bytes(FrameType.SETTINGS, 0, 0, b"".join(i.to_bytes(2) + v.to_bytes(4) for i, v in pairs))


def without(*names: bytes) -> Pairs:
    """The fields of GET but these."""
    return [field for field in GET if field[0] not in names]


def with_path(path: bytes) -> Pairs:
    """GET for another path."""
    return [*without(b":path", b":authority"), (b":path", path), (b":authority", b"example.org")]
