"""What an http.response.body holds."""

from __future__ import annotations

from collections.abc import Iterator

from ..asgi import RESPONSE_BODY
from ..recording import Folded
from .call import Call
from .example import app, body, responds, start
from .rule import ERROR, WARNING, Met, kind, rule, shown

GOOD = responds()
_BODIES = (RESPONSE_BODY, "websocket.http.response.body")
_BUFFERS = ("bytearray", "memoryview")


@rule(
    "body-not-bytes",
    ERROR,
    spec="specs/www.rst, Response Body - send event: “`body` (*byte string*) -- HTTP body content”",
    help="encode text with .encode(), and JSON with json.dumps(…).encode()",
    seen=("uvicorn, hypercorn: TypeError@2, cut | daphne: TypeError@2, head then silence | granian: ok with b''"),
    wrong=responds(content='"hello"'),
    right=GOOD,
    on=("http", "websocket"),
)
def body_not_bytes(call: Call) -> Iterator[Met]:
    """One server sends an empty 200 for it without a word."""
    for sent in call.of_type(*_BODIES):
        value = sent.message.get("body", b"")
        if value is not None and not isinstance(value, bytes | bytearray | memoryview | Folded):
            yield sent.met(f"body is {kind(value)} {shown(value)}, not bytes")


@rule(
    "body-none",
    ERROR,
    spec="specs/www.rst, Response Body - send event: “`body` (*byte string*) -- HTTP body content”",
    help='leave the key out, or send b""',
    seen=("uvicorn, granian: ok with b'' | hypercorn: TypeError@2, cut | daphne: TypeError@2, head then silence"),
    wrong=responds("[]", "None", beside=("content-length-absent",)),
    right=app(start('[(b"content-length", b"0")]') + 'await send({"type": "http.response.body"})'),
    on=("http", "websocket"),
)
def body_none(call: Call) -> Iterator[Met]:
    """No body is b"", and that is the default. With a content-length uvicorn raises for None, without it does not."""
    for sent in call.of_type(*_BODIES):
        if "body" in sent.message and sent.message["body"] is None:
            yield sent.met("body is None")


@rule(
    "body-bytes-like",
    WARNING,
    spec="specs/www.rst, Response Body - send event: “`body` (*byte string*) -- HTTP body content”",
    help="wrap it in bytes()",
    seen="uvicorn, hypercorn, granian: ok | daphne: TypeError@2, head then silence",
    wrong=responds(content='bytearray(b"hello")'),
    right=GOOD,
    on=("http", "websocket"),
)
def body_bytes_like(call: Call) -> Iterator[Met]:
    """A buffer can be written to a socket, but the text says bytes, and one server insists."""
    for sent in call.of_type(*_BODIES):
        if sent.type_of("body") in _BUFFERS:
            yield sent.met(f"body is a {sent.type_of('body')}")


@rule(
    "more-body-not-bool",
    WARNING,
    spec="specs/www.rst, Response Body - send event: “`more_body` (*bool*)”",
    help="pass True or False",
    seen="uvicorn, hypercorn, daphne: ok | granian: RuntimeError@3, ok with b'he'",
    wrong=app(start() + body('b"he"', more="1") + body('b"llo"')),
    right=app(start() + body('b"he"', more="True") + body('b"llo"')),
    on=("http", "websocket"),
)
def more_body_not_bool(call: Call) -> Iterator[Met]:
    """Servers test it in their own ways: 1 and "False" mean one thing here and the other there."""
    for sent in call.of_type(*_BODIES):
        value = sent.message.get("more_body", False)
        if not isinstance(value, bool):
            yield sent.met(f"more_body is {kind(value)} {shown(value)}, not bool")
