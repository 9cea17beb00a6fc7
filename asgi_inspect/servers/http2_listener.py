"""What an HTTP/2 connection tells whoever serves it, and how a field block waits for its end."""

from __future__ import annotations

from typing import Protocol

from ..http2 import Fields, Http2Fault
from ..span import Span
from .http2_frames import HEADER_LENGTH, Frame
from .http2_request import Request


class Listener(Protocol):
    """Told what happened, in the order of the frames."""

    def frame_read(self, frame: Frame) -> None:
        """A whole frame, before anything is done about it."""

    def block_read(self, stream: int, fields: Fields, places: tuple[Span, ...], *, trailers: bool) -> None:
        """The fields of a HEADERS frame and its CONTINUATIONs."""

    def request(self, stream: int, request: Request, *, ended: bool) -> None:
        """A request's head; `ended` tells that nothing follows it."""

    def data(self, stream: int, content: bytes) -> None:
        """Content of a request."""

    def ended(self, stream: int) -> None:
        """The end of a request whose head was not all."""

    def reset(self, stream: int, code: int, fault: Http2Fault | None) -> None:
        """RST_STREAM came, or goes out for a fault."""

    def going_away(self) -> None:
        """The client will ask for nothing more."""


class Block:
    """A field block that waits for its end: no other frame may come before (RFC 9113 §4.3)."""

    def __init__(self, frame: Frame, fragment: Span, *, trailers: bool, refused: bool) -> None:
        self.stream = frame.stream
        self.frame = frame
        self.ends_stream = frame.ends_stream
        self.trailers = trailers
        self.refused = refused
        self.data = frame.payload[fragment.start : fragment.end]
        self.start = frame.start + HEADER_LENGTH + fragment.start
        self.continuations = 0

    def places(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """Where in the connection's bytes the fields stand; nowhere to point at where frames cut the block."""
        if self.continuations:
            return ()
        return tuple(Span(self.start + span.start, self.start + span.end) for span in spans)

    def rest(self, offset: int) -> Span | None:
        """From an offset to the block's end, in the connection's bytes; None where frames cut the block."""
        return None if self.continuations else Span(self.start + offset, self.start + len(self.data))
