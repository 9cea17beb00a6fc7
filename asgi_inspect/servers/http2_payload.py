"""Frames looked at one by one (RFC 9113 §4.2 and §6): their length, their stream, their padding. Raises Violation."""

from __future__ import annotations

from ..http2 import ErrorCode
from ..span import Span
from .http2_frames import Flag, Frame, FrameType, type_name
from .http2_stream import Violation

_LENGTHS = {FrameType.PRIORITY: 5, FrameType.RST_STREAM: 4, FrameType.PING: 8, FrameType.WINDOW_UPDATE: 4}


def check_length(frame: Frame) -> None:
    """RFC 9113 §4.2: FRAME_SIZE_ERROR where the payload is not as long as its type has it."""
    length, wanted = len(frame.payload), ""
    if frame.type in _LENGTHS and length != _LENGTHS[FrameType(frame.type)]:
        wanted = str(_LENGTHS[FrameType(frame.type)])
    elif frame.type == FrameType.SETTINGS:
        acknowledges = frame.flags & Flag.ACK
        if length if acknowledges else length % 6:
            wanted = "0" if acknowledges else "a multiple of 6"
    elif frame.type == FrameType.GOAWAY and length < 8:
        wanted = "at least 8"
    if wanted:
        words = f"a {type_name(frame.type)} frame of {length} octets, not {wanted}"
        raise Violation("http2-frame-length-wrong", words, ErrorCode.FRAME_SIZE_ERROR)


def check_stream_zero(frame: Frame) -> None:
    if frame.stream:
        words = f"{type_name(frame.type)} is about the connection, and stands on stream {frame.stream}"
        raise Violation("http2-frame-on-wrong-stream", words)


def check_not_zero(frame: Frame) -> None:
    if not frame.stream:
        raise Violation("http2-frame-on-wrong-stream", f"{type_name(frame.type)} stands on stream 0")


def content(frame: Frame) -> bytes:
    """What of a DATA frame is no padding."""
    span = _unpadded(frame)
    return frame.payload[span.start : span.end]


def _unpadded(frame: Frame) -> Span:
    """What of the payload is not padding (RFC 9113 §6.1)."""
    if not frame.flags & Flag.PADDED:
        return Span(0, len(frame.payload))
    if not frame.payload:
        words = f"a padded {type_name(frame.type)} frame without its pad length"
        raise Violation("http2-frame-length-wrong", words, ErrorCode.FRAME_SIZE_ERROR)
    padding = frame.payload[0]
    if padding > len(frame.payload) - 1:
        words = f"{padding} octets of padding in a payload of {len(frame.payload)}"
        raise Violation("http2-padding-too-long", words)
    return Span(1, len(frame.payload) - padding)


def fragment(frame: Frame) -> Span:
    """The field block fragment of a HEADERS frame."""
    span = _unpadded(frame)
    if not frame.flags & Flag.PRIORITY:
        return span
    if span.end - span.start < 5:
        words = "a HEADERS frame too short for its priority"
        raise Violation("http2-frame-length-wrong", words, ErrorCode.FRAME_SIZE_ERROR)
    return Span(span.start + 5, span.end)
