"""Handshakes, frames and applications for the WebSocket tests, as bytes and as code."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Any], Awaitable[None]]
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Receive, Send], Awaitable[Any]]

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3
TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"


def handshake(
    *fields: bytes,
    target: bytes = b"/ws",
    method: bytes = b"GET",
    version: bytes = b"HTTP/1.1",
    connection: bytes | None = b"Connection: Upgrade",
    upgrade: bytes | None = b"Upgrade: websocket",
    key: bytes | None = b"Sec-WebSocket-Key: " + KEY,
    ws_version: bytes | None = b"Sec-WebSocket-Version: 13",
) -> bytes:
    """The request of RFC 6455 §1.3, with what is changed about it; None leaves a field out."""
    lines = [b"%b %b %b" % (method, target, version), b"Host: example.com", upgrade, connection, key, ws_version]
    return b"\r\n".join([*(line for line in lines if line is not None), *fields, b"", b""])


def frame(
    opcode: int,
    data: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    masked: bool = True,
    mask: bytes = b"\x01\x02\x03\x04",
    form: int = 0,
    claims: int | None = None,
) -> bytes:
    """A client's frame; `form` 2 or 8 writes the length in that many bytes, `claims` another length."""
    length = len(data) if claims is None else claims
    form = form or (0 if length < 126 else 2 if length < 65536 else 8)
    size = bytes([length]) if not form else bytes([126 if form == 2 else 127]) + length.to_bytes(form)
    head = bytes([final << 7 | reserved << 4 | opcode, size[0] | masked << 7]) + size[1:]
    if not masked:
        return head + data
    return head + mask + (bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)) if any(mask) else data)


def text(data: str, **how: Any) -> bytes:
    return frame(TEXT, data.encode(), **how)


def close(code: int | None = 1000, reason: bytes = b"", **how: Any) -> bytes:
    return frame(CLOSE, b"" if code is None else code.to_bytes(2) + reason, **how)


class Deflater:
    """A client's compressor: messages one after another, its window kept."""

    def __init__(self, bits: int = 12) -> None:
        self._deflater = zlib.compressobj(wbits=-bits)

    def __call__(self, data: bytes) -> bytes:
        return (self._deflater.compress(data) + self._deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


def deflated(*messages: bytes, opcode: int = TEXT) -> list[bytes]:
    """A frame for each message."""
    deflate = Deflater()
    return [frame(opcode, deflate(message), reserved=4) for message in messages]


# Applications

ACCEPT = {"type": "websocket.accept"}


def send_text(data: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "text": data}


def closes(code: Any = 1000, reason: Any = "") -> dict[str, Any]:
    return {"type": "websocket.close", "code": code, "reason": reason}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and sends every message back until the client is gone."""
    await receive()
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


async def listens(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and receives until the client is gone, and once more."""
    await receive()
    await send(ACCEPT)
    while (await receive())["type"] == "websocket.receive":
        pass
    await receive()


def sends(*messages: Any, first: bool = True, then: int = 0) -> App:
    """Sends `messages` in order (after the connect, unless told not to), then receives `then` times."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if first:
            await receive()
        for message in messages:
            await send(message)
        for _ in range(then):
            await receive()

    return app


def tries(*messages: Any, then: int = 0) -> App:
    """Like `sends`, going on after what raised."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            try:
                await send(message)
            except BaseException:
                await asyncio.sleep(0)
        for _ in range(then):
            await receive()

    return app


def raises(*before: Any) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in before:
            await send(message)
        raise RuntimeError("boom")

    return app


async def returns_a_value(scope: Scope, receive: Receive, send: Send) -> Any:
    await send(ACCEPT)
    return 3


async def sends_after_the_client_left(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(ACCEPT)
    while (await receive())["type"] == "websocket.receive":
        pass
    await send(send_text("late"))


async def closes_after_one(scope: Scope, receive: Receive, send: Send) -> None:
    """Closes with a code of its own, then waits for the client."""
    await receive()
    await send(ACCEPT)
    await receive()
    await send(closes(4000, "done"))
    await receive()
    await receive()


async def slow_to_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await asyncio.sleep(0.01)
    await echo_from_here(receive, send)


async def echo_from_here(receive: Receive, send: Send) -> None:
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


async def slow_to_answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Works on each message for a while: what comes meanwhile waits."""
    await receive()
    await send(ACCEPT)
    while (message := await receive())["type"] == "websocket.receive":
        await asyncio.sleep(0.01)
        await send({**message, "type": "websocket.send"})


async def pushes(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends by itself, with pauses, and closes."""
    await receive()
    await send(ACCEPT)
    for number in range(3):
        await asyncio.sleep(0.01)
        await send(send_text(f"tick {number}"))
    await send(closes())


async def two_listeners(scope: Scope, receive: Receive, send: Send) -> None:
    """Two tasks wait in receive() at once."""
    await receive()
    await send(ACCEPT)

    async def listen(name: str) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            await send(send_text(f"{name}: {message['text']}"))

    await asyncio.gather(listen("a"), listen("b"))


async def reads_json(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": (list(scope["subprotocols"]) or [None])[0]})
    while (message := await receive())["type"] == "websocket.receive":
        await send(send_text(json.dumps({"got": json.loads(message["text"])})))


async def changes_its_scope(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    del scope["path"]
    await send(ACCEPT)


def denies(status: Any, *bodies: Any, headers: Any = ()) -> App:
    messages: list[dict[str, Any]] = [{"type": "websocket.http.response.start", "status": status, "headers": headers}]
    messages += [
        {"type": "websocket.http.response.body", "body": body, "more_body": number < len(bodies)}
        for number, body in enumerate(bodies, 1)
    ]
    return tries(*messages, then=1)
