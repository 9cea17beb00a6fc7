"""The half of uvicorn's WebSocket protocol that writes: the application's send(), and what follows its end.

send(), run_asgi() and send_500_response() of websockets_sansio_impl.py in uvicorn 0.54.0, to be read
beside it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from wsproto.frame_protocol import Opcode

from ..asgi import Message, Scope
from ..recording import Outcome
from .called import Event
from .transport import nowhere
from .uvicorn_cycle import Connection
from .uvicorn_scope import access_line
from .websocket_handshake import Answer, rejection
from .websocket_headers import Headers
from .websocket_log import FrameLog
from .websocket_protocol import InvalidState, ServerProtocol

DISCONNECT = "websocket.disconnect"


class ClientDisconnected(OSError):
    """What send() raises when the connection is closed or closing; uvicorn takes it for a normal end."""


class Sending:
    """The state of one upgraded connection, and what the application does to it.

    `closed_before` is the code of a close before the handshake was answered, `failed` marks a 500 of
    the server.
    """

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        self.connection = connection
        self.transport = connection.transport
        self.message_event = connection.host.event()
        self.conn = ServerProtocol(settings.ws_max_size)
        self.log = FrameLog()
        self.scope: Scope = {}
        self.wire: Callable[[bytes], None] = nowhere
        self.content: Callable[[bytes], None] = nowhere
        self.accepted = False
        self.subprotocol: object = None
        self.closed_before: object = None
        self.failed = False
        self.finished = False
        self.disconnected = False
        self.response_started = False
        self._queue: deque[dict[str, Any]] = deque()
        self._getters: deque[Event] = deque()
        self._answer: Answer | None = None
        self._denial: tuple[int, list[tuple[str, str]], bytes] | None = None
        self._handshake_complete = False
        self._close_sent = False
        self._awaits_close = False
        self._read_paused = False
        self._left_open = False

    @property
    def response_complete(self) -> bool:
        """Whether the application has said its last word."""
        return self._close_sent

    def send(self, message: Message) -> None:
        """Put one message on the wire. Raises what uvicorn raises, with its words."""
        if self.disconnected:
            raise ClientDisconnected
        if not self._handshake_complete and self._denial is None:
            self._send_answer(message)
        elif not self._close_sent and self._denial is None:
            try:
                self._send_open(message)
            except InvalidState:
                raise ClientDisconnected from None
        elif self._denial is not None:
            self._send_denial(message)
        else:
            raise RuntimeError(f"Unexpected ASGI message '{message['type']}', after sending 'websocket.close'.")

    def _send_answer(self, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.accept":
            self._access_line()
            self._accept(message)
        elif kind == "websocket.close":
            self.put({"type": DISCONNECT, "code": 1006})
            self._access_line()
            self.closed_before = message.get("code", 1000)
            self._respond(rejection(403, "", self.connection.settings.date), last=True)
        elif kind == "websocket.http.response.start":
            if not 100 <= message["status"] < 600:
                raise RuntimeError("Invalid HTTP status code '%d' in response." % message["status"])  # noqa: UP031
            self._access_line()
            fields = list(message.get("headers", []))
            self._denial = (message["status"], [_decoded(name, value) for name, value in fields], b"")
        else:
            raise RuntimeError(
                "Expected ASGI message 'websocket.accept', 'websocket.close' "
                f"or 'websocket.http.response.start' but got '{kind}'."
            )

    def _access_line(self) -> None:
        access_line({"method": "", "http_version": "", **self.scope}, "")

    def _accept(self, message: Message) -> None:
        fields = list(self.connection.settings.default_headers) + list(message.get("headers", []))
        headers = [(name.lower(), value) for name, value in (_decoded(*field) for field in fields)]
        if subprotocol := message.get("subprotocol"):
            headers.append(("Sec-WebSocket-Protocol", subprotocol))
        assert self._answer is not None
        del self._answer.headers["Date"]
        self._answer.headers.update(headers)
        if not self.transport.closing:
            self._handshake_complete = self.accepted = True
            self.subprotocol = subprotocol or None
            self._respond(self._answer)

    def _send_open(self, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.send":
            data, text = message.get("bytes"), message.get("text")
            if data is not None:
                self.conn.send_message(Opcode.BINARY, data)
            elif text is not None:
                self.conn.send_message(Opcode.TEXT, text.encode())
            self.flush()
        elif kind == "websocket.close":
            if not self.transport.closing:
                self._start_closing(message.get("code", 1000), message.get("reason", "") or "")
        else:
            raise RuntimeError(f"Expected ASGI message 'websocket.send' or 'websocket.close', but got '{kind}'.")

    def _start_closing(self, code: object, reason: object) -> None:
        # Told before it is sent: a code that may not be sent is told to the application all the same.
        self.put({"type": DISCONNECT, "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.flush()
        self._close_sent = self._awaits_close = True
        self._resume_reading()

    def _send_denial(self, message: Message) -> None:
        """The extension websocket.http.response; the body goes out in one piece when it is complete."""
        assert self._denial is not None
        kind = message["type"]
        if kind != "websocket.http.response.body":
            raise RuntimeError(f"Expected ASGI message 'websocket.http.response.body' but got '{kind}'.")
        status, fields, before = self._denial
        body = before + message["body"]
        self._denial = (status, fields, body)
        if not message.get("more_body", False):
            headers = Headers(fields)
            headers.setdefault("Date", self.connection.settings.date)
            headers.setdefault("Connection", "close")
            headers.setdefault("Content-Length", str(len(body)))
            headers.setdefault("Content-Type", "text/plain; charset=utf-8")
            self.put({"type": DISCONNECT, "code": 1006})
            self.content(body)
            # The handshake stays unanswered for uvicorn: only so the connection counts as lost, not closed.
            self._respond(Answer(status, headers, body), last=True, answered=False)

    # How the application's call ends

    def returned(self, result: object) -> None:
        """The application returned: without an answer a 500, else the connection is cut."""
        self._left_open = self._handshake_complete and not self._close_sent and not self.transport.closing
        self.raised()

    def raised(self) -> None:
        """The application raised: a 500 where the handshake was not answered; no close frame where it was."""
        if self._denial is None and not self._handshake_complete:
            answer = rejection(500, "Internal Server Error", self.connection.settings.date)
            self.failed = bool(self._respond(answer))
        self.finished = True
        if not self._awaits_close:
            self.transport.close()

    def forgives(self, error: BaseException) -> bool:
        """Whether uvicorn takes what the application raised for a normal end."""
        return isinstance(error, ClientDisconnected)

    def outcome(self) -> Outcome:
        """How a call that ended by itself ended."""
        if self._left_open:
            return Outcome.INCOMPLETE
        if self.accepted or (self._close_sent and not self.failed):
            return Outcome.COMPLETED
        return Outcome.DISCONNECTED if self.disconnected and not self.failed else Outcome.NO_RESPONSE

    # What both halves use

    def put(self, message: dict[str, Any]) -> None:
        """A message for receive()."""
        self._queue.append(message)
        self._wake_next()

    def _wake_next(self) -> None:
        """As asyncio.Queue does: of several tasks that wait in receive(), the first is woken, and it alone."""
        if self._getters:
            self._getters.popleft().set()

    def flush(self) -> bytes:
        """Write what the protocol has to say; nothing goes out once the transport is closing."""
        waiting = self.conn.take_writes()
        went = self.transport.write(b"".join(write.wire for write in waiting))
        self.log.wrote(waiting, sent=bool(went))
        if went:
            self.response_started = True
            self.wire(went)
        return went

    def _respond(self, answer: Answer, *, last: bool = False, answered: bool = True) -> bytes:
        self.conn.send_response(answer)
        if last:
            self._close_sent = True
            self._handshake_complete |= answered
        went = self.flush()
        if last:
            self.transport.close()
        return went

    def _resume_reading(self) -> None:
        if self._read_paused:
            self._read_paused = False
            self.transport.reading_paused = False


def _decoded(name: Any, value: Any) -> tuple[str, str]:
    return name.decode("latin-1"), value.decode("latin-1")
