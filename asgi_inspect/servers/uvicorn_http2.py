"""uvicorn with HTTP/2: protocols/http/zttp_h2_impl.py of uvicorn 0.54.0 with zttp 0.0.35, without the IO.

What `uvicorn --http zttp --http2` runs where the client's preface comes first. One difference, on purpose: uvicorn
never tells the application that a request without content has ended, here it is told (RFC 9113 §8.1).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ..asgi import RESPONSE_BODY, RESPONSE_START, Message
from ..events import PREFACE, RequestHead
from ..http2 import ErrorCode, Fields, Http2Connection, Http2Fault
from ..span import Span
from .called import Called
from .http2_cycle import Http2Cycle
from .http2_engine import ConnectionFault, Engine
from .http2_frames import Frame, FrameType, split_frames
from .http2_log import Http2Log
from .http2_opened import Opened
from .http2_request import Request
from .transport import Flow, Host, Transport, nowhere
from .uvicorn_cycle import Connection
from .uvicorn_scope import HIGH_WATER_LIMIT, Settings

UNAVAILABLE: tuple[Message, ...] = (
    {
        "type": RESPONSE_START,
        "status": 503,
        "headers": [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"19"),
            (b"connection", b"close"),
        ],
    },
    {"type": RESPONSE_BODY, "body": b"Service Unavailable", "more_body": False},
)


class _Flow(Flow):
    """Reads go on only where no stream has too much content that its application did not fetch."""

    def __init__(self, transport: Transport, waiting: dict[int, Http2Cycle]) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not any(len(cycle.body) > HIGH_WATER_LIMIT for cycle in self._waiting.values()):
            super().resume_reading()


class Http2Server(Connection):
    """One connection: `live` are the requests whose response is not complete, `opened` all streams in order."""

    parser = "zttp"

    def __init__(self, settings: Settings, host: Host) -> None:
        super().__init__(settings, host)
        self.live: dict[int, Http2Cycle] = {}
        self.flow = _Flow(self.transport, self.live)
        self.opened: dict[int, Opened] = {}
        self.log = Http2Log(settings.kept_bytes)
        self.engine = Engine(self)
        self.fault: Http2Fault | None = None
        self._leaving = False
        self._greeted = False

    def _parse(self, data: bytes) -> None:
        if not self._greeted and len(self.engine.unread) + len(data) >= len(PREFACE):
            self._greeted = True
            self.engine.open()
            self.flush()
        try:
            self.engine.receive(data)
        except ConnectionFault as error:
            self.fault = error.fault
            self.log.faulty(self.engine.frame, error.fault.words)
            self.flush()
            self.transport.close()
        self.flush()

    def flush(self) -> None:
        """Write what is to go out, and tell each stream what is its own."""
        wire = self.transport.write(self.engine.take())
        for frame in split_frames(wire):
            whole = frame.span.of(wire)
            self.log.wrote(frame, whole)
            opened = self.opened.get(frame.stream)
            if opened is None:
                continue
            if opened.cycle is None or opened.cycle.wire is nowhere:
                opened.early += whole
            else:
                opened.cycle.wire(whole)

    def connection_lost(self, error: BaseException | None) -> None:
        """The socket is gone: every waiting receive() wakes up to a disconnect."""
        for cycle in self.live.values():
            cycle.leave()
            cycle.message_event.set()
        if error is None:
            self.transport.close()

    def forget(self) -> None:
        """Let go of all streams too."""
        super().forget()
        self.live.clear()
        self.opened.clear()

    def unended(self) -> list[Called]:
        """The requests whose end has not come, and that nobody gave up."""
        return [cycle for cycle in self.live.values() if not cycle.request_ended and not cycle.disconnected]

    def all_sent(self) -> None:
        """The capture has nothing more: its client reads on, and grants what windows are needed."""
        self.engine.unlimited = True
        self.engine.flush_pending()
        self.flush()

    def told(self) -> Http2Connection:
        """What was said."""
        engine = self.engine
        start, end = engine.position, engine.position + len(engine.unread)
        rest = Span(start, end) if start < end and self.fault is None else None
        cut = any(opened.uncaught for opened in self.opened.values())
        return self.log.connection(self.fault, rest, engine.beyond, cut=cut)

    # What the engine tells

    def frame_read(self, frame: Frame) -> None:
        self.log.read(frame)
        opened = self.opened.get(frame.stream)
        if opened is None and frame.type == FrameType.HEADERS and frame.stream:
            opened = self.opened[frame.stream] = Opened(number=frame.stream, first=frame.start, last=frame.start)
        if opened is not None:
            opened.last = frame.span.end

    def block_read(self, stream: int, fields: Fields, places: tuple[Span, ...], *, trailers: bool) -> None:
        self.log.block_read(fields)
        if trailers:
            self.opened[stream].trailers = fields
        else:
            self.opened[stream].fields = fields
            self.opened[stream].places = places

    def request(self, stream: int, request: Request, *, ended: bool) -> None:
        opened = self.opened[stream]
        opened.request = RequestHead(
            method=request.method, target=request.target, http_version="2", headers=request.headers
        )
        opened.ended = opened.bodyless = ended
        try:
            scope = self._request_scope(request)
        except UnicodeDecodeError as error:
            opened.uncaught = str(error)
            raise
        cycle = opened.cycle = Http2Cycle(self, self, stream, opened.request, scope)
        self.live[stream] = cycle
        if self._leaving:
            opened.unavailable = cycle.failed = True
            self.host.soon(lambda: self._refuse(cycle))
            return
        self.add(cycle)
        if ended:
            cycle.request_ended = True
            cycle.end_body()
        self.host.start(cycle)

    def _refuse(self, cycle: Http2Cycle) -> None:
        for message in UNAVAILABLE:
            cycle.send(message)

    def _request_scope(self, request: Request) -> dict[str, Any]:
        settings = self.settings
        raw_path, _, query = request.target.partition(b"?")
        return {
            **self._scope(),
            "http_version": "2",
            "method": request.method.decode("ascii"),
            "root_path": settings.root_path,
            "path": settings.root_path + unquote(raw_path.decode("ascii")),
            "raw_path": settings.root_path.encode("ascii") + raw_path,
            "query_string": query,
            "headers": request.headers,
            "state": settings.state.copy(),
            "extensions": {"http.response.early_hint": {}, "http.response.trailers": {}},
        }

    def data(self, stream: int, content: bytes) -> None:
        opened = self.opened[stream]
        if opened.cycle is not None:
            opened.cycle.body_length += len(content)
        cycle = self.live.get(stream)
        if cycle is not None and not cycle.response_complete:
            cycle.feed(content)

    def ended(self, stream: int) -> None:
        opened = self.opened[stream]
        opened.ended = True
        if opened.cycle is not None:
            opened.cycle.request_ended = True
        cycle = self.live.get(stream)
        if cycle is not None and not cycle.response_complete:
            cycle.end_body()

    def reset(self, stream: int, code: int, fault: Http2Fault | None) -> None:
        opened = self.opened.get(stream)
        if opened is not None:
            opened.fault = opened.fault or fault
            if opened.reset is None:
                opened.reset, opened.reset_by_client = code, fault is None
                opened.refused = fault is not None and (opened.cycle is None or not opened.cycle.response_complete)
        if fault is not None:
            self.log.faulty(self.engine.frame, fault.words)
        cycle = self.live.pop(stream, None)
        if cycle is not None:
            if not cycle.response_complete:
                cycle.leave()
                cycle.message_event.set()
            self._stream_closed()

    def going_away(self) -> None:
        self._leaving = True
        if not self.live:
            self._close()

    # What a cycle tells

    def completed(self, stream: int) -> None:
        """A response is complete, or its call is over."""
        self.live.pop(stream, None)
        self._stream_closed()

    def aborted(self, stream: int) -> None:
        """A call ended without its response: the stream is given up, its siblings live on."""
        self.engine.reset(stream)
        self.flush()
        opened = self.opened[stream]
        if opened.reset is None:
            opened.reset = ErrorCode.CANCEL

    def _stream_closed(self) -> None:
        if self.transport.closing:
            return
        self.flow.resume_reading()
        if not self.live and self._leaving:
            self._close()

    def _close(self) -> None:
        if not self.transport.closing:
            self.engine.close(self.engine.highest)
            self.flush()
            self.transport.close()
