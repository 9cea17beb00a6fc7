"""uvicorn with WebSocket: protocols/websockets/websockets_sansio_impl.py of uvicorn 0.54.0, without the IO.

What `--ws auto` picks where the websockets package is installed, as `uvicorn[standard]` does. Not done
here, since no clock runs: the ping that uvicorn sends after 20 seconds of an open connection, and the
10 seconds that it waits for the client's close frame; the client of a capture answers or leaves before.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from wsproto.frame_protocol import CloseReason, Opcode

from ..asgi import Scope
from ..conversation import Conversation, FrameFault
from ..events import RequestHead
from ..span import Span
from .called import Event
from .uvicorn_cycle import Connection
from .websocket_frames import Close, Fault, Frame
from .websocket_handshake import Answer, Handshake, Unreadable, answer, read_handshake
from .websocket_headers import InvalidHeader
from .websocket_sending import DISCONNECT, Sending

CONNECT = "websocket.connect"
RECEIVE = "websocket.receive"


class WebSocket(Sending):
    """One upgraded connection; `receive` and `send` are what the application is given.

    `handshake_end` is the offset behind the handshake's head, `lost` what stood behind it in the same
    read. `unreadable` says why there was no answer at all.
    """

    number = 0
    body_length = 0
    request_ended = True

    def __init__(self, connection: Connection, head: RequestHead, handshake_end: int) -> None:
        super().__init__(connection)
        self.head = head
        self.handshake_end = handshake_end
        self.lost: Span | None = None
        self.started = False
        self.unreadable = ""
        self._refusal = b""
        self._fragments: list[bytes] = []
        self._is_text = False
        self._fault: Fault | None = None
        self._fault_told = False
        self._unheard = 0
        self._captured = True

    # The handshake

    def open(self) -> None:
        """Answer a handshake that is wrong; else let the application's call begin."""
        settings = self.connection.settings
        try:
            handshake = read_handshake(self.head)
        except Unreadable as fault:
            self.conn.discarding = True
            self.unreadable = str(fault)
            return
        found = self._answer = answer(handshake, settings.date, compress=settings.ws_per_message_deflate)
        if found.status != 101:
            self._refusal = self._respond(found, last=True)
            return
        self.conn.reader.deflate = found.deflate
        self.scope = self._scope(handshake)
        self.put({"type": CONNECT})
        self.started = True
        self.connection.add(self)
        self.connection.host.start(self)

    def _scope(self, handshake: Handshake) -> Scope:
        settings = self.connection.settings
        raw_path, _, query_string = handshake.path.partition("?")
        offered = handshake.headers.all("Sec-WebSocket-Protocol")
        return {
            "type": "websocket",
            "asgi": {"version": settings.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if settings.scheme == "https" else "ws",
            "server": settings.server,
            "client": settings.client,
            "root_path": settings.root_path,
            "path": settings.root_path + unquote(raw_path),
            "raw_path": settings.root_path.encode("ascii") + raw_path.encode("ascii"),
            "query_string": query_string.encode("ascii"),
            "headers": [(name.encode("ascii"), value.encode("latin-1")) for name, value in handshake.headers.fields],
            "subprotocols": [token.strip() for value in offered for token in value.split(",")],
            "state": settings.state.copy(),
            "extensions": {"websocket.http.response": {}},
        }

    # What the client sends

    @property
    def takes_frames(self) -> bool:
        """Whether a client would send frames by now: it waits for the answer to its handshake."""
        return self._handshake_complete or bool(self.unreadable)

    @property
    def close_wanted(self) -> int | None:
        """The code of the server's close frame, as long as the client's is awaited."""
        closed = self.conn.close_sent
        return int(closed.code) if self._awaits_close and closed is not None else None

    def receive_data(self, data: bytes, start: int | None) -> None:
        """One read behind the handshake's."""
        self._captured = start is not None
        frames = self.conn.receive_data(data, start or 0)
        for frame in frames:
            self.log.read(frame, captured=self._captured)
        if self.conn.fault is not None:
            # uvicorn looks at the fault first: messages before it in the same read are never handed on.
            self._unheard = sum(frame.opcode in (Opcode.TEXT, Opcode.BINARY) for frame in frames)
            self._give_up(self.conn.fault)
            return
        for frame in frames:
            self._handle(frame)

    def _handle(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PING:
            self.flush()
        elif frame.opcode is Opcode.CLOSE:
            self._handle_close()
        elif frame.opcode is not Opcode.PONG:
            if frame.opcode is not Opcode.CONTINUATION:
                self._is_text = frame.opcode is Opcode.TEXT
                self._fragments = []
            self._fragments.append(frame.data)
            if frame.final:
                self._message(frame, b"".join(self._fragments))

    def _message(self, frame: Frame, data: bytes) -> None:
        self._fragments = []
        if self._close_sent:
            return
        if self._is_text:
            try:
                self.put({"type": RECEIVE, "text": data.decode()})
            except UnicodeDecodeError as error:
                # wsproto decodes as the bytes come; uvicorn when the message is whole.
                self.conn.send_close(CloseReason.INVALID_FRAME_PAYLOAD_DATA)
                words = f"{error.reason} at byte {error.start} of the text"
                self._give_up(Fault(CloseReason.INVALID_FRAME_PAYLOAD_DATA, words, frame.span))
                return
        else:
            self.put({"type": RECEIVE, "bytes": data})
        if not self._read_paused:
            self._read_paused = True
            if not self.transport.closing:
                self.transport.reading_paused = True

    def _handle_close(self) -> None:
        if self._close_sent:
            if self._awaits_close:
                self._awaits_close = False
                self.transport.close()
        elif not self.transport.closing:
            assert self.conn.close_received is not None
            self._put_closed(self.conn.close_received)
            self.flush()
            self.transport.close()

    def _give_up(self, fault: Fault) -> None:
        self._fault = fault
        self._fault_told = not self._close_sent and self.conn.close_sent is not None
        self.log.faulty(fault, captured=self._captured)
        # Before the 101 no close frame can be sent: this check is uvicorn's own, and its failing cuts the connection.
        assert self.conn.close_sent is not None
        self._put_closed(self.conn.close_sent)
        self.flush()
        self._close_sent = True
        self.transport.close()

    def connection_lost(self, error: BaseException | None) -> None:
        """The socket is gone."""
        self.put({"type": DISCONNECT, "code": 1005 if self._handshake_complete else 1006})
        self._handshake_complete = self.disconnected = True
        self._awaits_close = False
        if error is None:
            self.transport.close()

    def _put_closed(self, close: Close) -> None:
        self.put({"type": DISCONNECT, "code": int(close.code), "reason": close.reason})

    # The application's receive(), in two halves around the wait

    def begin_receive(self) -> bool:
        """Ask for a message; True where `message_event` must be awaited (and cleared) first."""
        if not self._queue:
            self.message_event = self.connection.host.event()
            self._getters.append(self.message_event)
        return not self._queue

    def still_waits(self) -> bool:
        """Whether another receive() has taken what came."""
        return self.begin_receive()

    def stop_waiting(self, event: Event) -> None:
        """A wait was cut: who waits behind it gets what came."""
        if event in self._getters:
            self._getters.remove(event)
        elif self._queue:
            self._wake_next()

    def end_receive(self) -> dict[str, Any]:
        """The message; reading goes on when it was the last."""
        message = self._queue.popleft()
        if not self._queue:
            self._resume_reading()
        return message

    # What is told of it

    def conversation(self) -> Conversation:
        """What was said."""
        found = self._answer
        left = self.conn.reader.left
        return Conversation(
            handshake_end=self.handshake_end,
            refusal=self._refusal,
            words=self.unreadable or (str(found.fault) if found is not None and found.fault is not None else ""),
            unanswered=bool(self.unreadable),
            header=_wrong_header(found),
            accepted=self.accepted,
            refused_with=self.closed_before,
            subprotocol=self.subprotocol,
            extension=", ".join(found.headers.all("Sec-WebSocket-Extensions")) if found is not None else "",
            frames=tuple(self.log.frames),
            left_out=self.log.left_out,
            fault=self._told_fault(),
            lost=self.lost,
            rest=left if self._captured and left.start < left.end and not self.conn.discarding else None,
        )

    def _told_fault(self) -> FrameFault | None:
        fault = self._fault
        if fault is None:
            return None
        span = fault.span if self._captured else None
        code, told = int(fault.code), self._fault_told
        return FrameFault(code=code, words=fault.reason, span=span, told=told, lost=self._unheard)


def _wrong_header(found: Answer | None) -> str:
    return found.fault.name if found is not None and isinstance(found.fault, InvalidHeader) else ""
