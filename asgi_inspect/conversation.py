"""What two sides said over one WebSocket, frame by frame, as a report shows it."""

from __future__ import annotations

from dataclasses import dataclass

from .recording import Folded
from .span import Span

KEPT_FRAMES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRecord:
    """A frame of the client or the server.

    `span` points into the connection's bytes for a client's frame, into the response's bytes for the
    server's; None for one that stands in neither: the command line brought it, or it never left.
    `data` is the payload without mask and compression, `length` how long it is. `code` and `reason`
    are those of a close frame. `fault` says why the server gave up on it.
    """

    by_client: bool
    opcode: str
    length: int
    span: Span | None
    final: bool = True
    compressed: bool = False
    data: bytes | Folded = b""
    code: int | None = None
    reason: str = ""
    sent: bool = True
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFault:
    """What ended the reading of frames: the close code that goes back, the words, and the bytes (None: not captured).

    `told` is whether a close frame went out; `lost` counts the messages before it, in the same read,
    that the application never gets.
    """

    code: int
    words: str
    span: Span | None
    told: bool
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A connection that asked to become a WebSocket.

    `refusal` is what went out instead of calling the application, `words` why; `unanswered` tells that
    nothing did. `header` is the field that is wrong. `accepted` is whether the 101 went out.
    `refused_with` is the code of a close before it. `subprotocol` and `extension` are what was agreed.
    `lost` are bytes behind the handshake, in its own read, that the server threw away, `rest` those of a
    frame that is not whole.
    """

    handshake_end: int
    refusal: bytes = b""
    words: str = ""
    unanswered: bool = False
    header: str = ""
    accepted: bool = False
    refused_with: object = None
    subprotocol: object = None
    extension: str = ""
    frames: tuple[FrameRecord, ...] = ()
    left_out: int = 0
    fault: FrameFault | None = None
    lost: Span | None = None
    rest: Span | None = None
