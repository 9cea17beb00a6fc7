"""One HTTP/2 stream and its answer as an exchange, put together from what a played connection left behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .arrival import Played, Taken
from .assembling import Assembled
from .captures.capture import ClientConnection
from .exchange import By, Exchange, Response, Verdict
from .http2 import Fields, Http2Connection, Http2Fault, Http2Frame, Http2Stream
from .recording import Folded, Outcome
from .servers.http2_frames import HEADER_LENGTH, FrameType, frame_header, split_frames
from .servers.http2_hpack import written_fields
from .servers.http2_opened import Opened
from .servers.uvicorn_http2 import Http2Server
from .span import Span

_UNAVAILABLE = b"Service Unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Response(Response):
    """What the client gets on one stream: `wire` are the frames, `blocks` the fields of each HEADERS in them."""

    blocks: tuple[Fields, ...] = ()

    def head(self) -> tuple[int | None, str, tuple[tuple[bytes, bytes], ...]]:
        """Status, no reason, and fields."""
        for fields in self.blocks:
            status = dict(fields).get(b":status", b"")
            if status and not status.startswith(b"1"):
                return int(status), "", tuple(field for field in fields if not field[0].startswith(b":"))
        return None, "", ()

    @property
    def trailers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The fields behind the content."""
        return next((fields for fields in self.blocks[1:] if b":status" not in dict(fields)), ())


def assemble_http2(client: ClientConnection, played: Played, first: int, by: By) -> Assembled:
    """Every stream that the client opened, in the order of their HEADERS; then what no stream ended."""
    server = played.connection
    assert isinstance(server, Http2Server)
    told = server.told()
    calls = {id(taken.cycle): taken for taken in played.taken}
    frames: dict[int, list[Http2Frame]] = defaultdict(list)
    for frame in told.frames:
        frames[frame.stream].append(frame)
    exchanges: list[Exchange] = []
    for opened in server.opened.values():
        stream = _stream(told, opened, tuple(frames[opened.number]))
        exchange = _of_stream(client, server, opened, stream, first + len(exchanges))
        taken = calls.get(id(opened.cycle))
        left = taken is not None and taken.outcome is Outcome.TIMED_OUT
        kept = not played.closed_by_server and not left
        exchange = replace(exchange, response=_response(opened, taken, by), keep_alive=kept)
        exchange = (
            exchange
            if taken is None
            else replace(_called(exchange, taken), began=played.reads.since_first(taken.began))
        )
        exchanges.append(replace(exchange, arrived=played.reads.of(exchange.span, exchange.began)))
    number = first + len(exchanges)
    exchanges += _of_connection(client, server, told, number, alone=not exchanges)
    unread = _unread(client, played, server, exchanges)
    return Assembled(exchanges=tuple(exchanges), unread=unread, position=len(client.data))


def _stream(told: Http2Connection, opened: Opened, frames: tuple[Http2Frame, ...]) -> Http2Stream:
    return Http2Stream(
        number=opened.number,
        connection=told,
        fields=opened.fields,
        places=opened.places,
        trailers=opened.trailers,
        reset=opened.reset,
        reset_by_client=opened.reset_by_client,
        bodyless=opened.bodyless,
        uncaught=opened.uncaught,
        frames=frames,
    )


def _of_stream(
    client: ClientConnection, server: Http2Server, opened: Opened, stream: Http2Stream, number: int
) -> Exchange:
    verdict, fault, words = _judged(server, opened)
    return Exchange(
        number=number,
        connection=client.number,
        verdict=verdict,
        span=Span(opened.first, max(opened.first, opened.last)),
        data=client.data,
        request=opened.request,
        content_length=0 if opened.cycle is None else opened.cycle.body_length,
        root_path=server.settings.root_path,
        words=words,
        http2=replace(stream, fault=fault),
    )


def _judged(server: Http2Server, opened: Opened) -> tuple[Verdict, Http2Fault | None, str]:
    """What the server made of a stream, the fault that it found in it, and its words."""
    fault, whole = opened.fault, server.fault
    ended = opened.ended or opened.reset is not None
    if fault is None and whole is not None and whole.stream == opened.number and not ended:
        return Verdict.REJECTED, whole, whole.words
    if opened.uncaught:
        return Verdict.REJECTED, None, opened.uncaught
    if opened.unavailable:
        return Verdict.REJECTED, None, "the client had said GOAWAY"
    if fault is not None and opened.refused:
        return Verdict.REJECTED, fault, fault.words
    return Verdict.ACCEPTED if ended else Verdict.INCOMPLETE, fault, ""


def _called(exchange: Exchange, taken: Taken) -> Exchange:
    return replace(
        exchange,
        scope=taken.scope,
        receive=tuple(taken.receive),
        send=tuple(taken.send),
        steps=taken.steps.kept(),
        steps_left_out=taken.steps.left_out,
        observed=taken.observed,
        outcome=taken.outcome,
        error=taken.error,
        traceback=taken.traceback,
    )


def _response(opened: Opened, taken: Taken | None, by: By) -> Http2Response | None:
    """The server's frames on one stream; its own are those of no application: RST_STREAM, 500, 503."""
    wire: bytes | Folded = opened.early
    body: bytes | Folded = _UNAVAILABLE if opened.unavailable else b""
    if taken is not None:
        written = taken.wire.value()
        wire = written if isinstance(written, Folded) else opened.early + written
        body = taken.content.value()
    if not wire:
        return None
    cycle = opened.cycle
    of_app = taken is not None and cycle is not None and cycle.response_started and not cycle.failed
    return Http2Response(wire=wire, body=body, by=by if of_app else By.SERVER, blocks=tuple(_blocks(wire)))


def _blocks(wire: bytes | Folded) -> Iterator[Fields]:
    block = b""
    for frame in split_frames(wire.head if isinstance(wire, Folded) else wire):
        if frame.type in (FrameType.HEADERS, FrameType.CONTINUATION):
            block += frame.payload
            if frame.ends_block:
                yield written_fields(block)
                block = b""


def _of_connection(
    client: ClientConnection, server: Http2Server, told: Http2Connection, number: int, *, alone: bool
) -> Iterator[Exchange]:
    """What is no stream's: the fault of the connection, HEADERS that are not whole, or nothing that was asked for."""
    stream = Http2Stream(number=0, connection=told)
    exchange = Exchange(
        number=number,
        connection=client.number,
        verdict=Verdict.INCOMPLETE,
        span=Span(0, len(client.data)),
        data=client.data,
        keep_alive=False,
        http2=stream,
    )
    fault, rest = server.fault, told.rest
    if fault is not None:
        opened = server.opened.get(fault.stream)
        if opened is None or opened.ended or opened.reset is not None or opened.fault is not None:
            span = fault.span or Span(0, 0)
            yield replace(
                exchange,
                verdict=Verdict.REJECTED,
                span=Span(span.start, min(span.end, len(client.data))),
                words=fault.words,
                response=_goaway(told),
                http2=replace(stream, fault=fault),
            )
    elif alone:
        yield exchange
    elif rest is not None and _opens(client.data[rest.start : rest.start + HEADER_LENGTH], server):
        yield replace(exchange, span=rest)


def _opens(header: bytes, server: Http2Server) -> bool:
    """Whether a frame that is not whole would open a stream."""
    if len(header) < HEADER_LENGTH:
        return False
    _, type, _, stream = frame_header(header)
    return type == FrameType.HEADERS and stream not in server.opened


def _goaway(told: Http2Connection) -> Http2Response | None:
    last = told.frames[-1] if told.frames else None
    if last is None or last.by_client or last.span is None or isinstance(told.wire, Folded):
        return None
    return Http2Response(wire=last.span.of(told.wire), body=b"", by=By.SERVER)


def _unread(client: ClientConnection, played: Played, server: Http2Server, exchanges: list[Exchange]) -> Span | None:
    """The bytes behind the last frame that was looked at, where nobody waits for more of them."""
    start, end = server.engine.position, len(client.data)
    if server.fault is not None and server.fault.span is not None:
        start = max(start, server.fault.span.end)
    elif not played.closed_by_server:
        _, _, _, stream = frame_header(client.data[start : start + HEADER_LENGTH].ljust(HEADER_LENGTH, b"\0"))
        if any(
            one.verdict is Verdict.INCOMPLETE and one.http2 and one.http2.number in (0, stream) for one in exchanges
        ):
            return None
    return Span(start, end) if start < end else None
