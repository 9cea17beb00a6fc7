"""An application that tells everything it gets, in every way and at every place it can."""

import gzip
import html
import json
import logging
import os
import sys
from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from tests.oracle import Receive, Scope, Send

FRESH = "fre5h-from-the-server"  # a secret of the application's own


class Settings:
    """Shows in its repr what it was told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def __repr__(self) -> str:
        return f"Settings(told={self.told!r})"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await _websocket(scope, receive, send)
    else:
        await _http(scope, receive, send)


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    scope["state"]["settings"] = Settings()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _http(scope: Scope, receive: Receive, send: Send) -> None:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        print("part", parts[-1])
        if not message.get("more_body"):
            break
    content = b"".join(parts)
    told = list(readings(scope, content))
    scope["state"]["settings"].told.extend(told)
    for value in told:
        print("reading", value, repr(value), file=sys.stderr)
        logging.warning("logged %s", value)
        os.write(1, str(value).encode("utf-8", "replace"))
        os.write(2, repr(value).encode())
    await _answer(scope, send, content, told)
    raise RuntimeError(f"told all: {told!r} {scope!r}")


async def _answer(scope: Scope, send: Send, content: bytes, told: list[Any]) -> None:
    headers = dict(scope["headers"])
    body = json.dumps([str(value) for value in told]).encode() + b"\n" + html.escape(str(told)).encode() + content
    fields = [(b"set-cookie", b"sid=" + FRESH.encode() + b"; Path=/"), (b"x-echo", quote(str(told)).encode())]
    if b"gzip" in headers.get(b"accept-encoding", b""):
        body = gzip.compress(body, mtime=0)
        fields.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": 200, "headers": fields, "told": told})
    half = len(body) // 2
    for piece in (body[:half], body[half:]):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


def readings(scope: Scope, content: bytes) -> Any:
    """All that can be made of a request."""
    yield scope["path"]
    yield from parse_qsl(scope["query_string"].decode("latin-1"))
    for name, value in scope["headers"]:
        yield value
        yield value.decode("latin-1")
        if name == b"authorization" and value.lower().startswith(b"basic "):
            yield b64decode(value[6:]).decode()
        if name == b"cookie":
            yield [unquote_to_bytes(part.partition(b"=")[2]) for part in value.split(b"; ")]
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    yield content
    yield b64encode(content)
    yield parse_qsl(content.decode("latin-1"))
    try:
        yield json.loads(content)
    except ValueError:
        yield content.hex()


async def _websocket(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"set-cookie", b"sid=" + FRESH.encode())]})
    while (message := await receive())["type"] == "websocket.receive":
        print("heard", message)
        key = "text" if message.get("text") is not None else "bytes"
        await send({"type": "websocket.send", key: message[key]})
    raise RuntimeError(f"client said {message!r} to {scope!r}")
