"""One HTTP/2 request and its response, as RequestResponseCycle of uvicorn 0.54.0's zttp_h2_impl.py keeps them."""

from __future__ import annotations

from typing import Any, Protocol

from ..asgi import RESPONSE_BODY, RESPONSE_START, Message, Scope
from ..events import RequestHead
from ..recording import Outcome
from .http2_request import CONNECTION_FIELDS
from .http2_sending import Sender
from .uvicorn_cycle import Connection, Cycle
from .uvicorn_scope import INTERNAL_ERROR, PLAIN_TEXT, access_line

EARLY_HINT = "http.response.early_hint"
TRAILERS = "http.response.trailers"


class Streams(Protocol):
    """The connection, as one of its streams needs it."""

    @property
    def engine(self) -> Sender: ...

    def flush(self) -> None: ...

    def completed(self, stream: int) -> None: ...

    def aborted(self, stream: int) -> None: ...


class Http2Cycle(Cycle):
    """`stream` is its number."""

    def __init__(self, connection: Connection, streams: Streams, stream: int, head: RequestHead, scope: Scope) -> None:
        super().__init__(connection, head, scope)
        self.stream = stream
        self.body_complete = False
        self.aborted = False
        self._streams = streams
        self._told = False
        self._trailers_expected = False
        self._trailers: list[tuple[bytes, bytes]] = []
        self._bodyless = False
        self._length_left: int | None = None

    def leave(self) -> None:
        """The client is gone, or this stream of it."""
        if not self.response_complete:
            self.disconnected = True

    def send(self, message: Message) -> None:
        """Put one message on the wire. Raises what uvicorn and zttp raise, with their words."""
        if self.disconnected:
            return
        kind = message["type"]
        if kind == EARLY_HINT and not self.response_started:
            hints = [(b"link", link) for link in message["links"]]
            self._engine.send_head(self.stream, 103, hints)
            self._streams.flush()
            return
        if not self.response_started:
            if kind != RESPONSE_START:
                expected = f"'{RESPONSE_START}' or '{EARLY_HINT}'"
                raise RuntimeError(f"Expected ASGI message {expected}, but got '{kind}'.")
            self.response_started = True
            self._send_start(message)
        elif not self.body_complete:
            if kind != RESPONSE_BODY:
                raise RuntimeError(f"Expected ASGI message '{RESPONSE_BODY}', but got '{kind}'.")
            self._send_body(message)
        elif not self.response_complete:
            if kind != TRAILERS:
                raise RuntimeError(f"Expected ASGI message '{TRAILERS}', but got '{kind}'.")
            self._send_trailers(message)
        else:
            raise RuntimeError(f"Unexpected ASGI message '{kind}' sent, after response already completed.")
        if self.response_complete:
            self.message_event.set()
            self._streams.flush()
            self._over()

    @property
    def _engine(self) -> Sender:
        return self._streams.engine

    def _send_start(self, message: Message) -> None:
        self._trailers_expected = message.get("trailers", False)
        status = message["status"]
        headers: list[tuple[Any, Any]] = []
        for name, value in list(self.connection.settings.default_headers) + list(message.get("headers", [])):
            name = name.lower()
            if name in CONNECTION_FIELDS or (name == b"te" and value.lower().strip() != b"trailers"):
                continue
            if name == b"content-length":
                self._length_left = int(value.decode())
            headers.append((name, value))
        self._bodyless = self.scope["method"] == "HEAD" or status in (204, 304) or status < 200
        if self._bodyless:
            self._length_left = None
        access_line(self.scope, status)
        self._engine.send_head(self.stream, status, headers)
        self._streams.flush()

    def _send_body(self, message: Message) -> None:
        body = message.get("body", b"")
        more_body = message.get("more_body", False)
        if self._bodyless:
            body = b""
        elif self._length_left is not None:
            if len(body) > self._length_left:
                raise RuntimeError("Response content longer than Content-Length")
            self._length_left -= len(body)
        if body:
            self._engine.send_data(self.stream, body)
            self._streams.flush()
            self._keep_content(body)
        if not more_body:
            if self._length_left not in (None, 0):
                raise RuntimeError("Response content shorter than Content-Length")
            self.body_complete = True
            if not self._trailers_expected:
                self._engine.end(self.stream)
                self.response_complete = True

    def _send_trailers(self, message: Message) -> None:
        wanted = any(name == b"te" and value.lower().strip() == b"trailers" for name, value in self.scope["headers"])
        for name, value in message["headers"]:
            name = name.lower()
            if name.startswith(b":"):
                raise RuntimeError("Pseudo headers are not allowed in HTTP response trailers")
            if name in CONNECTION_FIELDS or name == b"te":
                continue
            if wanted:
                self._trailers.append((name, value))
        if not message.get("more_trailers", False):
            self._engine.end(self.stream, self._trailers or None)
            self.response_complete = True

    # How the call ends

    def returned(self, result: object) -> None:
        """The application returned: what is missing becomes a 500, or the stream is reset."""
        try:
            if result is not None:
                self._abort()
            elif not self.response_started and not self.disconnected:
                self._send_500()
            elif not self.response_complete and not self.disconnected:
                self._abort()
        finally:
            self._finish()

    def raised(self) -> None:
        """The application raised: a 500 where no response was started, else the stream is reset."""
        try:
            if self.response_started:
                self._abort()
            else:
                self._send_500()
        finally:
            self._finish()

    def _finish(self) -> None:
        self.finished = True
        self._over()

    def _over(self) -> None:
        """Tell the connection once."""
        if not self._told:
            self._told = True
            self._streams.completed(self.stream)

    def _abort(self) -> None:
        if not self.transport.closing:
            self._streams.aborted(self.stream)
            self.disconnected = self.aborted = True

    def outcome(self) -> Outcome:
        """How a call ended that the client did not have to give up; a stream that was reset for it is incomplete."""
        if self.aborted and not self.response_complete:
            return Outcome.INCOMPLETE
        return super().outcome()

    def _send_500(self) -> None:
        self.failed = True
        self.send({"type": RESPONSE_START, "status": 500, "headers": [PLAIN_TEXT]})
        self.send({"type": RESPONSE_BODY, "body": INTERNAL_ERROR, "more_body": False})
