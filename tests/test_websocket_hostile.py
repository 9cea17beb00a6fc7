"""Any bytes behind a handshake, any application: an inspection and a report, never a traceback of our own."""

import asyncio
import contextlib
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import asgi_inspect
from asgi_inspect import Outcome
from asgi_inspect.render.as_json import as_json
from asgi_inspect.render.as_python import as_python
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import Page
from tests.oracle import PARSERS
from tests.websocket_cases import ACCEPT, BINARY, DEFLATE, App, echo, frame, handshake, send_text, text

OPENINGS = [handshake(), handshake(DEFLATE), handshake(key=None), handshake(b"Content-Length: 3")]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(opening=st.sampled_from(OPENINGS), data=st.binary(max_size=60), read_size=st.sampled_from([1, 7, 65536]))
def test_any_bytes_give_a_report(opening: bytes, data: bytes, read_size: int) -> None:
    for behind in (data, frame(1, data), frame(BINARY, data, reserved=4), frame(8, data)):
        inspection = asgi_inspect.inspect(opening + behind, read_size=read_size)

        assert len(inspection.exchanges) == 1
        assert "\x1b" not in as_text(inspection, Page())
        as_json(inspection, body_limit=16)
        as_python(inspection)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    fields=st.lists(st.sampled_from([b"Sec-WebSocket-Extensions", b"Sec-WebSocket-Protocol", b"Upgrade"])),
    data=st.data(),
)
def test_any_fields_give_a_report(fields: list[bytes], data: st.DataObject) -> None:
    value = st.text(st.sampled_from('permessage-deflate;,= "\\\t0é'), max_size=12)
    lines = [name + b": " + data.draw(value).encode("latin-1") for name in fields]

    assert as_text(asgi_inspect.inspect(handshake(*lines)), Page())


async def sends_without_end(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(ACCEPT)
    while True:
        await send(send_text("more"))


async def never_ends(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(ACCEPT)
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)


async def blocks(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(ACCEPT)
    time.sleep(3600)


async def sends_what_is_no_message(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    message: Any
    for message in (None, 3, [], {"type": 3}, {}, {"type": "websocket.accept", "headers": 3}):
        with contextlib.suppress(Exception):
            await send(message)
    await send(ACCEPT)
    for message in ({"type": "websocket.send", "text": object()}, {"type": "websocket.close", "code": object()}):
        with contextlib.suppress(Exception):
            await send(message)
    await receive()


@pytest.mark.parametrize("app", [sends_without_end, never_ends, blocks])
def test_an_application_that_goes_on_is_cut(app: App) -> None:
    began = time.perf_counter()
    inspection = asgi_inspect.inspect(handshake() + text("a"), app=app, lifespan="off", timeout=0.3, parser="h11")

    [exchange] = inspection.exchanges
    assert exchange.outcome is not Outcome.COMPLETED
    assert exchange.response is not None
    assert exchange.response.status == 101
    assert time.perf_counter() - began < 10
    assert as_text(inspection, Page())


def test_messages_that_are_none_are_told() -> None:
    inspection = asgi_inspect.inspect(handshake(), app=sends_what_is_no_message, lifespan="off", parser="h11")

    # The code that could not be sent was told to the application, which took it for the end.
    assert inspection.exchanges[0].outcome is Outcome.INCOMPLETE
    assert as_text(inspection, Page())
    assert as_json(inspection, body_limit=16)


@pytest.mark.parametrize("parser", PARSERS)
def test_in_a_running_loop(parser: str) -> None:
    """`inspect_async` plays the same conversation on the caller's loop."""
    inspection = asyncio.run(
        asgi_inspect.inspect_async(handshake() + text("a"), app=echo, lifespan="off", parser=parser, ws_text=["b"])
    )

    assert [message["type"] for message in inspection.exchanges[0].send] == ["websocket.accept"] + [
        "websocket.send"
    ] * 2


def test_a_message_of_16_mib_goes_through() -> None:
    """The largest that uvicorn takes, there and back; kept as its length, hash and beginning."""
    data = handshake() + frame(BINARY, bytes(16 << 20), mask=b"\0\0\0\0")
    began = time.perf_counter()
    [exchange] = asgi_inspect.inspect(data, app=echo, lifespan="off", parser="h11").exchanges

    assert [message.length for message in exchange.messages] == [16 << 20] * 2
    assert time.perf_counter() - began < 20


def test_two_waits_one_cut() -> None:
    """A receive() that is cancelled takes no message with it."""
    got: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(receive(), 0.01)
        while (message := await receive())["type"] == "websocket.receive":
            got.append(message["text"])

    asgi_inspect.inspect(
        handshake(),
        app=app,
        lifespan="off",
        parser="h11",
        ws_script=['{"wait": 0.1}', '{"text": "a"}', '{"text": "b"}'],
    )

    assert got == ["a", "b"]
