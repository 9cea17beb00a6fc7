"""One request and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, make_dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from .asgi import Message, Scope
from .events import RequestHead
from .recording import Arrived, Folded, Observed, Outcome, Step
from .servers.known_heads import Placed, provenance_at
from .servers.provenance import Body, HeadMap, Provenance, map_body, map_head
from .span import Span

if TYPE_CHECKING:  # most captures have neither, and start without them
    from .conversation import Conversation, FrameRecord
    from .http2 import Http2Stream, OverHttp2


class Verdict(StrEnum):
    """What the server made of a request's bytes."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    INCOMPLETE = "incomplete"


class By(StrEnum):
    """Who wrote a response."""

    APP = "app"
    SERVER = "server"
    STAND_IN = "stand-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the client gets for one request: `body` is the content without framing, `wire` every byte,
    `100 Continue` included."""

    body: bytes | Folded
    wire: bytes | Folded
    by: By

    @property
    def status(self) -> int | None:
        """The final status; None where only an interim response went out."""
        return self.head()[0]

    @property
    def reason(self) -> str:
        """The reason phrase, "" where uvicorn knows none."""
        return self.head()[1]

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The fields on the wire, the server's own included."""
        return self.head()[2]

    def head(self) -> tuple[int | None, str, tuple[tuple[bytes, bytes], ...]]:
        """Status, reason and fields, read from the wire."""
        wire = self.wire.head if isinstance(self.wire, Folded) else self.wire
        return _head_before(wire) if len(wire) <= _SHORT else response_head(wire)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request as the server saw it, and what was answered.

    `span` covers its bytes in `data`, those of connection `connection`. `request` is its head as the
    parser gave it, with `content_length` bytes of content behind it; None where it got no head.
    `scope` is what the application is called with, None where it is not called. `receive` are the
    messages it is given, `send` those it sent, `steps` both in order, `observed` what was seen beside
    them. `error` is what the application raised. `words` are the parser's, where it refused.
    `websocket` tells of a connection that asked to become one; its frames are in `span` too. `http2` tells of
    the request's stream, where it came over HTTP/2: there `span` reaches from its first frame to its last of
    the client, frames of other streams among them, and `response.wire` are frames. `over_http2` is a request
    of HTTP/1 as it would look there, where that was asked for. `began` is when the application was called, in
    milliseconds since the connection's first read, `arrived` the reads that brought the request's bytes.
    """

    number: int
    connection: int
    verdict: Verdict
    span: Span
    data: bytes = field(repr=False, compare=False)
    request: RequestHead | None = None
    content_length: int = 0
    scope: Scope | None = None
    root_path: str = ""
    receive: tuple[Message, ...] = ()
    send: tuple[Message, ...] = ()
    steps: tuple[Step, ...] = ()
    steps_left_out: int = 0
    observed: tuple[Observed, ...] = ()
    response: Response | None = None
    outcome: Outcome = Outcome.NOT_RUN
    error: str | None = None
    traceback: str | None = None
    words: str = ""
    keep_alive: bool = True
    websocket: Conversation | None = None
    http2: Http2Stream | None = None
    over_http2: OverHttp2 | None = None
    began: float = 0.0
    arrived: tuple[Arrived, ...] = ()

    @property
    def messages(self) -> tuple[FrameRecord, ...]:
        """The frames of a WebSocket, both sides' in order."""
        return self.websocket.frames if self.websocket is not None else ()

    # Found when asked for: a hundred thousand exchanges are kept, and few of them are looked at.

    @property
    def head(self) -> HeadMap:
        """The lines of the head; HTTP/2 has none."""
        if self.http2 is not None:
            return HeadMap(span=Span(self.span.start, self.span.start), complete=True)
        return map_head(self.data, self.span.start)

    @property
    def body(self) -> Body:
        """Where the body ends, and the trailers."""
        if self.request is None or self.http2 is not None:
            return Body(end=None)
        return map_body(self.data, self.head, self.content_length)

    @property
    def provenance(self) -> Provenance:
        """The spans of the scope keys that come from the bytes."""
        return self.placed.moved()

    @property
    def placed(self) -> Placed:
        """The same, to be moved: spans that were found before are not made anew."""
        if self.http2 is not None:
            from .http2 import field_places

            return Placed({} if self.scope is None else field_places(self.http2), 0)
        if self.request is None or self.scope is None:
            return Placed({}, 0)
        return provenance_at(self.data, self.span.start, self.content_length, self.request, self.scope, self.root_path)


def _open(kind: type[Exchange]) -> type[Exchange]:
    """A class with the fields of a frozen dataclass, laid out alike, that is not frozen."""
    known = [(one.name, one.type, field(default=one.default)) for one in fields(kind)]
    opened = make_dataclass(f"Open{kind.__name__}", known, slots=True, kw_only=True, repr=False, eq=False)
    return cast("type[Exchange]", opened)


# An exchange that is still to be closed: a frozen dataclass sets each field by a call of object.__setattr__(),
# and takes three times as long to make. There may be a hundred thousand.
OpenExchange = _open(Exchange)


def closed(exchange: Exchange) -> Exchange:
    """The OpenExchange, frozen from now on."""
    exchange.__class__ = Exchange
    return exchange


def response_head(wire: bytes) -> tuple[int | None, str, tuple[tuple[bytes, bytes], ...]]:
    """Status, reason and header fields of the final response in `wire`; None where only interim ones went out."""
    rest = wire
    while rest.startswith(b"HTTP/1."):
        head, _, rest = rest.partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        _, status, reason = (*line.split(b" ", 2), b"", b"")[:3]
        if status == b"100" and not fields:
            continue
        headers = (field.partition(b": ") for field in fields)
        return int(status), reason.decode("latin-1"), tuple((name, value) for name, _, value in headers)
    return None, "", ()


_SHORT = 1024  # bytes of an answer that is likely to be given again
_head_before = lru_cache(maxsize=256)(response_head)
