"""uvicorn with h11: protocols/http/h11_impl.py of uvicorn 0.54.0, without the IO."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import unquote

import h11

from ..asgi import Message
from ..events import Malformed, RequestHead
from .transport import Host
from .uvicorn_cycle import Connection, Cycle
from .uvicorn_scope import (
    CLOSE_HEADER,
    INVALID_REQUEST,
    PLAIN_TEXT,
    STATUS_PHRASES,
    Settings,
    access_line,
    requested_upgrade,
)


class H11Connection(Connection):
    """One connection; h11's state machine holds both directions, so reading waits for writing."""

    parser = "h11"
    cycle: H11Cycle | None

    def __init__(self, settings: Settings, host: Host) -> None:
        super().__init__(settings, host)
        self.conn = h11.Connection(h11.SERVER)

    def connection_lost(self, error: BaseException | None) -> None:
        if self.websocket is not None:
            super().connection_lost(error)
            return
        if self.cycle and not self.cycle.response_complete:
            self.cycle.disconnected = True
        if self.conn.our_state != h11.ERROR:
            with suppress(h11.LocalProtocolError):  # the client left in the middle of a response
                self.conn.send(h11.ConnectionClosed())
        super().connection_lost(error)

    def _parse(self, data: bytes) -> None:
        self.conn.receive_data(data)
        self._handle_events()

    def _handle_events(self) -> None:
        while True:
            try:
                event = self.conn.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(str(error))
                return
            if event is h11.NEED_DATA:
                return
            if event is h11.PAUSED:
                # A pipelined request waits until the one before it is answered.
                self.flow.pause_reading()
                return
            if isinstance(event, h11.Request):
                if not self._request(event):
                    return
            elif isinstance(event, h11.Data):
                self._data(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and not self._end_of_message():
                return

    def _request(self, event: h11.Request) -> bool:
        """Start a cycle; False where the connection is handed to the WebSocket protocol."""
        head = RequestHead(
            method=event.method,
            target=event.target,
            http_version=event.http_version.decode("ascii"),
            headers=[(name.lower(), value) for name, value in event.headers],
        )
        raw_path, _, query_string = event.target.partition(b"?")
        root_path = self.settings.root_path
        scope = {
            **self._scope(),
            "http_version": head.http_version,
            "method": event.method.decode("ascii"),
            "root_path": root_path,
            "path": root_path + unquote(raw_path.decode("ascii")),
            "raw_path": root_path.encode("ascii") + raw_path,
            "query_string": query_string,
            "headers": head.headers,
            "state": self.settings.state.copy(),
        }
        if self.settings.websockets and requested_upgrade(head.headers) == b"websocket":
            self._open_websocket(head, self.received - len(self.conn.trailing_data[0]))
            return False
        cycle = H11Cycle(self, head, scope)
        cycle.waiting_for_100_continue = self.conn.they_are_waiting_for_100_continue
        self._new_cycle(cycle)
        self.host.start(cycle)
        return True

    def _data(self, data: bytes) -> None:
        assert self.cycle is not None
        self.cycle.body_length += len(data)
        if self.conn.our_state is not h11.DONE:
            self.cycle.feed(data)

    def _end_of_message(self) -> bool:
        assert self.cycle is not None
        self.cycle.request_ended = True
        if self.conn.our_state is h11.DONE:
            # Answered before it was read to its end.
            self.transport.reading_paused = False
            self.conn.start_next_cycle()
            return True
        self.cycle.end_body()
        return self.conn.their_state != h11.MUST_CLOSE

    def _refuse(self, words: str) -> None:
        head_done = self.cycle is not None and not self.cycle.request_ended
        self.malformed = Malformed(words=words, head_done=head_done, received=self.received)
        response = h11.Response(status_code=400, headers=[PLAIN_TEXT, CLOSE_HEADER], reason=STATUS_PHRASES[400])
        for event in (response, h11.Data(data=INVALID_REQUEST), h11.EndOfMessage()):
            self.refusal += self.transport.write(self.conn.send(event))
        self.transport.close()

    def _response_completed(self) -> None:
        if self.transport.closing:
            return
        self.flow.resume_reading()
        if self.conn.our_state is h11.DONE and self.conn.their_state is h11.DONE:
            self.conn.start_next_cycle()
            self._handle_events()


class H11Cycle(Cycle):
    """One request and its response; h11 checks and frames what is sent."""

    connection: H11Connection

    def _continue(self) -> bytes:
        headers: list[tuple[str, str]] = []
        event = h11.InformationalResponse(status_code=100, headers=headers, reason="Continue")
        return self.connection.conn.send(event)

    def _headers_of_500(self) -> list[tuple[bytes, bytes]]:
        return [PLAIN_TEXT, CLOSE_HEADER]

    def _send_start(self, message: Message) -> None:
        status = message["status"]
        headers = list(self.connection.settings.default_headers) + list(message.get("headers", []))
        if CLOSE_HEADER in self.scope["headers"] and CLOSE_HEADER not in headers:
            headers = [*headers, CLOSE_HEADER]
        access_line(self.scope, status)
        response = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
        self.write(self.connection.conn.send(response))

    def _send_body(self, message: Message) -> None:
        conn = self.connection.conn
        body = message.get("body", b"")
        more_body = message.get("more_body", False)
        data = b"" if self.scope["method"] == "HEAD" else body
        self.write(conn.send(h11.Data(data=data)))
        self._keep_content(data)
        if not more_body:
            self.response_complete = True
            self.message_event.set()
            self.write(conn.send(h11.EndOfMessage()))
            if conn.our_state is h11.MUST_CLOSE or not self.keep_alive:
                conn.send(h11.ConnectionClosed())
                self.transport.close()
            self._completed()
