"""One connection and its request/response cycles, as both of uvicorn's HTTP/1 protocols keep them.

Laid out so that it can be read beside uvicorn's protocols/http/{h11,httptools}_impl.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..asgi import HTTP_DISCONNECT, HTTP_REQUEST, RESPONSE_BODY, RESPONSE_START, Message, Scope
from ..events import Dropped, Malformed, RequestHead
from ..recording import Outcome
from ..span import Span
from .called import Called, Event, Upgraded
from .transport import Flow, Host, Transport, nowhere
from .uvicorn_scope import HIGH_WATER_LIMIT, INTERNAL_ERROR, Settings


class Connection:
    """What uvicorn keeps for one client connection; the parser's half is in the subclasses.

    `cycles` are the requests whose head was accepted, in the order they came, but for those that are
    forgotten; `accepted` counts them all. `received` counts the
    bytes read so far. `refusal` is the 400 that went out, if one did. `websocket` is what took the
    connection over, made by `upgrade` from the request and the offset behind it.
    """

    parser: str
    upgrade: Callable[[Connection, RequestHead, int], Upgraded]

    def __init__(self, settings: Settings, host: Host) -> None:
        self.settings = settings
        self.host = host
        self.transport = Transport(host)
        self.flow = Flow(self.transport)
        self.cycle: Cycle | None = None
        self.cycles: list[Called] = []
        self.accepted = 0
        self.received = 0
        self.malformed: Malformed | None = None
        self.refusal = b""
        self.dropped: list[tuple[Cycle, Dropped]] = []
        self.websocket: Upgraded | None = None

    def receive_data(self, data: bytes, *, captured: bool = True) -> None:
        """One read. An error that escapes the protocol aborts the connection, as asyncio does.

        `captured` is false for what a played client says beyond the capture's bytes.
        """
        start = self.received
        self.received += len(data)
        try:
            if self.websocket is not None:
                self.websocket.receive_data(data, start if captured else None)
            else:
                self._parse(data)
        except Exception as error:
            self.transport.close(error)

    def _open_websocket(self, head: RequestHead, behind: int) -> None:
        """Hand the connection over. What shares the read with the handshake, from `behind` on, is lost."""
        self.websocket = self.upgrade(self, head, behind)
        if behind < self.received:
            self.websocket.lost = Span(behind, self.received)
        self.websocket.open()

    def give_back(self) -> None:
        """The client sent only the handshake in that read, and waits for its answer: nothing is lost."""
        assert self.websocket is not None
        self.received = self.websocket.handshake_end
        self.websocket.lost = None

    def client_closed(self) -> None:
        """The client shut its side down: uvicorn answers end-of-file by closing."""
        self.transport.close()

    def connection_lost(self, error: BaseException | None) -> None:
        """The socket is gone: a waiting receive() wakes up to a disconnect."""
        if self.websocket is not None:
            self.websocket.connection_lost(error)
            return
        if self.cycle is not None:
            if not self.cycle.response_complete:
                self.cycle.disconnected = True
            self.cycle.message_event.set()
        if error is None:
            self.transport.close()

    def unended(self) -> list[Called]:
        """The requests whose end has not come."""
        return [self.cycle] if self.cycle is not None and not self.cycle.request_ended else []

    def all_sent(self) -> None:
        """The client has nothing more to say, and reads on."""

    def add(self, cycle: Called) -> None:
        """One more request, with the number of its turn."""
        self.cycles.append(cycle)
        self.accepted += 1
        cycle.number = self.accepted

    def forget(self) -> None:
        """Let go of what came over a connection that is done with. Its requests know it and it knows them:
        only the garbage collector would find them, and go through all that is kept each time it looks."""
        self.cycle = None
        self.cycles = []
        self.dropped = []

    def _parse(self, data: bytes) -> None:
        raise NotImplementedError

    def _response_completed(self) -> None:
        raise NotImplementedError

    def _new_cycle(self, cycle: Cycle) -> None:
        self.cycle = cycle
        self.add(cycle)

    def _scope(self) -> Scope:
        settings = self.settings
        return {
            "type": "http",
            "asgi": {"version": settings.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": settings.server,
            "client": settings.client,
            "scheme": settings.scheme,
        }


class Cycle:
    """One request and its response; `receive` and `send` are what the application is given.

    `body_length` counts the body bytes parsed so far. `wire` is told every byte that goes to the
    client, `content` the response's content before framing. `failed` marks a 500 of the server.
    """

    # Most of a cycle is as it begins: what does not change stands here, once for all.
    number = 0
    disconnected = False
    keep_alive = True
    waiting_for_100_continue = False
    body: bytes | bytearray = b""
    more_body = True
    response_started = False
    response_complete = False
    body_length = 0
    request_ended = False
    finished = False
    failed = False

    def __init__(self, connection: Connection, head: RequestHead, scope: Scope) -> None:
        self.connection = connection
        self.transport = connection.transport
        self.flow = connection.flow
        self.head = head
        self.scope = scope
        self.message_event = connection.host.event()
        self.wire: Callable[[bytes], None] = nowhere
        self.content: Callable[[bytes], None] = nowhere

    # What the parser brings

    def feed(self, data: bytes) -> None:
        """Body bytes, kept until receive() takes them all at once."""
        if self.body:
            self.body += data
        else:
            self.body = bytearray(data)
        if len(self.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self.message_event.set()

    def end_body(self) -> None:
        """The request is complete."""
        self.more_body = False
        self.message_event.set()

    # The application's receive(), in two halves around the wait

    def begin_receive(self) -> bool:
        """Ask for a message; True where `message_event` must be awaited (and cleared) first."""
        if self.waiting_for_100_continue and not self.transport.closing:
            self.write(self._continue())
            self.waiting_for_100_continue = False
        waits = not self.disconnected and not self.response_complete
        if waits:
            self.flow.resume_reading()
        return waits

    def still_waits(self) -> bool:
        """One wait is enough: an empty body, or a disconnect, is a message too."""
        return False

    def stop_waiting(self, event: Event) -> None:
        """Nobody else waits for it."""

    def end_receive(self) -> dict[str, Any]:
        """The message: everything buffered at this moment, or a disconnect."""
        if self.disconnected or self.response_complete:
            return {"type": HTTP_DISCONNECT}
        message = {"type": HTTP_REQUEST, "body": bytes(self.body), "more_body": self.more_body}
        self.body = b""
        return message

    # The application's send()

    def send(self, message: Message) -> None:
        """Put one message on the wire. Raises what uvicorn raises, with its words."""
        if self.disconnected:
            return
        if self.response_complete:
            raise RuntimeError(f"Unexpected ASGI message '{message['type']}' sent, after response already completed.")
        expected = RESPONSE_BODY if self.response_started else RESPONSE_START
        if message["type"] != expected:
            raise RuntimeError(f"Expected ASGI message '{expected}', but got '{message['type']}'.")
        if self.response_started:
            self._send_body(message)
        else:
            self.response_started = True
            self.waiting_for_100_continue = False
            self._send_start(message)

    def returned(self, result: object) -> None:
        """The application returned: what is missing becomes a 500 or a closed connection."""
        try:
            if result is not None:
                self.transport.close()
            elif not self.response_started and not self.disconnected:
                self._send_500()
            elif not self.response_complete and not self.disconnected:
                self.transport.close()
        finally:
            self.finished = True

    def raised(self) -> None:
        """The application raised: a 500 where no response was started, else the connection is cut."""
        try:
            if self.response_started:
                self.transport.close()
            else:
                self._send_500()
        finally:
            self.finished = True

    def forgives(self, error: BaseException) -> bool:
        """Nothing an application raises over HTTP is a normal end."""
        return False

    def outcome(self) -> Outcome:
        """How a call that the client did not have to give up ended."""
        if self.response_complete and not self.failed:
            return Outcome.COMPLETED
        if self.disconnected:
            return Outcome.DISCONNECTED
        return Outcome.INCOMPLETE if self.response_started and not self.failed else Outcome.NO_RESPONSE

    def write(self, data: Any) -> None:
        """Write to the client, and keep what really went out."""
        written = self.transport.write(data)
        if written:
            self.wire(written)

    def _keep_content(self, body: Any) -> None:
        """Tell `content` what was framed; an empty body may be None or "" where nothing looked at it."""
        if body:
            self.content(bytes(body))

    def _completed(self) -> None:
        # uvicorn takes the callback away once the application is done; a response that a stray task
        # completes later does not start the next pipelined request.
        if not self.finished:
            self.connection._response_completed()

    def _send_500(self) -> None:
        self.failed = True
        self.send({"type": RESPONSE_START, "status": 500, "headers": self._headers_of_500()})
        self.send({"type": RESPONSE_BODY, "body": INTERNAL_ERROR, "more_body": False})

    def _headers_of_500(self) -> list[tuple[bytes, bytes]]:
        raise NotImplementedError

    def _continue(self) -> bytes:
        raise NotImplementedError

    def _send_start(self, message: Message) -> None:
        raise NotImplementedError

    def _send_body(self, message: Message) -> None:
        raise NotImplementedError
