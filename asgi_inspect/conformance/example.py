"""Small applications, as code to read and to run: each rule has one that breaks it and one that does not."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent
from typing import Any

HEADERS = '[(b"content-type", b"text/plain"), (b"content-length", b"5")]'
STREAMED = '[(b"content-type", b"text/plain")]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Source of a module that defines `app`, the request it is called for, and how it is run.

    `offers` are extensions that the server must offer, `spec_version` what it says it speaks, where
    that is not uvicorn's; `disconnect_after`, `timeout` and `interface` are the options of those names.
    `lifespan` runs startup and shutdown. `beside` are rules that cannot but be met too.
    """

    code: str
    request: bytes = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    offers: tuple[str, ...] = ()
    lifespan: bool = False
    disconnect_after: int | None = None
    timeout: float = 2.0
    http_version: str = "1.1"
    spec_version: str = ""
    interface: str = "auto"
    beside: tuple[str, ...] = ()


def module(code: str) -> Example:
    """Code that defines `app` itself."""
    return Example(code=code.strip() + "\n")


def app(code: str, *, before: str = "", sync: bool = False, **how: Any) -> Example:
    """Code inside `async def app(scope, receive, send)`; `before` stands above it. `how` are fields of Example."""
    whole = f"{before.strip()}\n\n\n" if before else ""
    head = "def app(scope, receive, send):" if sync else "async def app(scope, receive, send):"
    if sync:
        how["interface"] = "asgi3"
    return Example(code=f"{whole}{head}\n{indent(code.strip(), '    ')}\n", **how)


def start(headers: str = HEADERS, *, status: str = "200", more: str = "") -> str:
    """A line that sends http.response.start."""
    keys = [f'"status": {status}' if status else "", f'"headers": {headers}' if headers else "", more]
    return f'await send({{"type": "http.response.start", {", ".join(key for key in keys if key)}}})\n'


def body(content: str = 'b"hello"', *, more: str = "") -> str:
    """A line that sends http.response.body; `more` is the value of more_body."""
    last = f', "more_body": {more}' if more else ""
    return f'await send({{"type": "http.response.body", "body": {content}{last}}})\n'


def event(kind: str, keys: str = "") -> str:
    """A line that sends one message."""
    return f'await send({{"type": "{kind}"{", " if keys else ""}{keys}}})\n'


def responds(
    headers: str = HEADERS, content: str = 'b"hello"', *, status: str = "200", method: str = "GET", **how: Any
) -> Example:
    """An application that sends one start and one body."""
    return app(start(headers, status=status) + body(content), request=request(method), **how)


def with_header(name: str, value: str, *, status: str = "200", method: str = "GET") -> Example:
    """A good response with one more header."""
    return responds(f"{HEADERS[:-1]}, ({name}, {value})]", status=status, method=method)


def request(method: str = "GET", headers: bytes = b"", content: bytes = b"") -> bytes:
    """The bytes of a request."""
    length = b"Content-Length: %d\r\n" % len(content) if content else b""
    return b"%s / HTTP/1.1\r\nHost: x\r\n%s%s\r\n%s" % (method.encode(), headers, length, content)


def lifespan(code: str, *, before: str = "", **how: Any) -> Example:
    """Code for the lifespan scope of an application that answers requests well."""
    answer = indent(start() + body(), "    ")
    return Example(
        code=(f"{before}\n\n\n" if before else "") + "async def app(scope, receive, send):\n"
        f'    if scope["type"] == "lifespan":\n{indent(code.strip(), " " * 8)}\n        return\n{answer}',
        lifespan=True,
        **how,
    )


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
)
LEAVES = b"\x88\x82\0\0\0\0\x03\xe9"  # the client's close frame: 1001, going away
CLOSE = event("websocket.close")


def socket(code: str, *, frames: bytes = b"", **how: Any) -> Example:
    """An application that is called for a WebSocket; `frames` are what the client says, masked with zeros."""
    return app(code, request=HANDSHAKE + frames, **how)


def accept(keys: str = "") -> str:
    """Lines that take the connect and accept it."""
    return "await receive()\n" + event("websocket.accept", keys)


def say(keys: str = '"text": "hello"') -> str:
    """A line that sends one message over a WebSocket."""
    return event("websocket.send", keys)
