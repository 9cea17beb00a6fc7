"""uvicorn with httptools: protocols/http/httptools_impl.py of uvicorn 0.54.0, without the IO."""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import httptools

from ..asgi import Message, Scope
from ..events import Dropped, Malformed, RequestHead
from .transport import Host
from .uvicorn_cycle import Connection, Cycle
from .uvicorn_scope import INVALID_REQUEST, PLAIN_TEXT, STATUS_PHRASES, Settings, access_line, requested_upgrade

_STATUS_LINES = {status: b"HTTP/1.1 %d %b\r\n" % (status, phrase) for status, phrase in STATUS_PHRASES.items()}
_BAD_NAME = re.compile(rb'[\x00-\x20\x7f()<>@,;:\[\]={}\\"]')
_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class HttpToolsConnection(Connection):
    """One connection; llhttp only reads, the response is framed by the cycle itself.

    The `on_…` methods are httptools' callbacks, called in the middle of `feed_data`.
    """

    parser = "httptools"
    cycle: HttpToolsCycle | None

    def __init__(self, settings: Settings, host: Host) -> None:
        super().__init__(settings, host)
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._waiting: deque[HttpToolsCycle] = deque()
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._expects_continue = False
        self._partial: Scope = {}
        self._in_message = False

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._refuse(error)
        except httptools.HttpParserUpgrade as upgrade:
            # Whatever shares the read with an Upgrade is gone, a body too: uvicorn does not look at it.
            start = self.received - len(data) + upgrade.args[0]
            if self._upgrades():
                self._open_websocket(self._head(), start)
            elif self.cycle is not None:
                self.dropped.append((self.cycle, Dropped(start=start, end=self.received)))

    def on_message_begin(self) -> None:
        self._target = b""
        self._headers = []
        self._expects_continue = False
        self._in_message = True
        self._partial = scope = self._scope()
        scope["root_path"] = self.settings.root_path
        scope["headers"] = self._headers
        scope["state"] = self.settings.state.copy()

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects_continue = True
        # Trailers arrive here too, after the application was called: its scope grows.
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        scope = self._partial
        method = self._parser.get_method()
        scope["method"] = method.decode("ascii")
        version = scope["http_version"] = self._parser.get_http_version()
        if self._parser.should_upgrade() and self._upgrades():
            return
        url = httptools.parse_url(self._target)
        path = url.path.decode("ascii")
        root_path = self.settings.root_path
        scope["path"] = root_path + (unquote(path) if "%" in path else path)
        scope["raw_path"] = root_path.encode("ascii") + url.path
        scope["query_string"] = url.query or b""
        before = self.cycle
        cycle = HttpToolsCycle(self, RequestHead(method, self._target, version, self._headers), scope)
        cycle.waiting_for_100_continue = self._expects_continue
        cycle.keep_alive = version != "1.0" and self._parser.should_keep_alive()
        self._new_cycle(cycle)
        if before is None or before.response_complete:
            self.host.start(cycle)
        else:
            self.flow.pause_reading()
            self._waiting.append(cycle)

    def on_body(self, body: bytes) -> None:
        if self._parser.should_upgrade() and self._upgrades():
            return
        assert self.cycle is not None
        self.cycle.body_length += len(body)
        if not self.cycle.response_complete:
            self.cycle.feed(body)

    def on_message_complete(self) -> None:
        self._in_message = False
        if self._parser.should_upgrade() and self._upgrades():
            return
        assert self.cycle is not None
        self.cycle.request_ended = True
        if not self.cycle.response_complete:
            self.cycle.end_body()

    def _head(self) -> RequestHead:
        return RequestHead(
            method=self._parser.get_method(),
            target=self._target,
            http_version=self._partial["http_version"],
            headers=self._headers,
        )

    def _upgrades(self) -> bool:
        return self.settings.websockets and requested_upgrade(self._headers) == b"websocket"

    def _refuse(self, error: httptools.HttpParserError) -> None:
        head_done = self._in_message and self.cycle is not None and self.cycle.head.headers is self._headers
        # A refused target is reported as a failed callback; what it says is in the cause.
        words = str(error.__context__ or error)
        self.malformed = Malformed(words=words, head_done=head_done, received=self.received)
        lines = [_STATUS_LINES[400], *map(_field_line, self.settings.default_headers)]
        lines += [_field_line(PLAIN_TEXT), b"content-length: %d\r\n" % len(INVALID_REQUEST), b"connection: close\r\n"]
        self.refusal += self.transport.write(b"".join([*lines, b"\r\n", INVALID_REQUEST]))
        self.transport.close()

    def _response_completed(self) -> None:
        if self.transport.closing:
            return
        self.flow.resume_reading()
        if self._waiting:
            self.host.start(self._waiting.popleft())


class HttpToolsCycle(Cycle):
    """One request and its response; uvicorn frames what is sent by itself."""

    connection: HttpToolsConnection
    chunked: bool | None = None
    length_left = 0

    def _continue(self) -> bytes:
        return b"HTTP/1.1 100 Continue\r\n\r\n"

    def _headers_of_500(self) -> list[tuple[bytes, bytes]]:
        return [PLAIN_TEXT, (b"content-length", b"21"), (b"connection", b"close")]

    def _send_start(self, message: Message) -> None:
        status = message["status"]
        headers = list(self.connection.settings.default_headers) + list(message.get("headers", []))
        access_line(self.scope, status)
        lines = [_STATUS_LINES[status]]
        says_close = False
        for name, value in headers:
            name, line = _checked(name, value)
            lines.append(line)
            if name == b"content-length" and self.chunked is None:
                self.length_left = int(value.decode())
                self.chunked = False
            elif name == b"transfer-encoding" and value.lower() == b"chunked":
                self.length_left = 0
                self.chunked = True
            elif name == b"connection" and b"close" in [token.lower().strip() for token in value.split(b",")]:
                self.keep_alive = False
                says_close = True
        if not self.keep_alive and not says_close:
            lines.append(b"connection: close\r\n")
        if self.chunked is None and self.scope["method"] != "HEAD" and status not in (204, 304):
            self.chunked = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        self.write(b"".join(lines))

    def _send_body(self, message: Message) -> None:
        body = message.get("body", b"")
        more_body = message.get("more_body", False)
        if self.scope["method"] == "HEAD":
            self.length_left = 0
        elif self.chunked:
            chunk = [b"%x\r\n" % len(body), body, b"\r\n"] if body else []
            self.write(b"".join(chunk if more_body else [*chunk, b"0\r\n\r\n"]))
            self._keep_content(body)
        else:
            if len(body) > self.length_left:
                raise RuntimeError("Response content longer than Content-Length")
            self.length_left -= len(body)
            self.write(body)
            self._keep_content(body)
        if not more_body:
            if self.length_left != 0:
                raise RuntimeError("Response content shorter than Content-Length")
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive:
                self.transport.close()
            self._completed()


def _checked(name: Any, value: Any) -> tuple[Any, bytes]:
    """A field of the application's: its name in lower case, and its line."""
    if type(name) is bytes and type(value) is bytes and len(value) < 256:
        return _checked_before(name, value)
    return _check(name, value)


def _check(name: Any, value: Any) -> tuple[Any, bytes]:
    if _BAD_NAME.search(name):
        raise RuntimeError("Invalid HTTP header name.")
    if _BAD_VALUE.search(value):
        raise RuntimeError("Invalid HTTP header value.")
    name = name.lower()
    return name, _field_line((name, value))


# The same fields lead most responses of an application.
_checked_before = lru_cache(maxsize=1024)(_check)


def _field_line(header: tuple[bytes, bytes]) -> bytes:
    return b"%b: %b\r\n" % header
