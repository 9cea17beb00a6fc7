"""The bytes alone: what goes over the wire to the client, and nothing besides."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_inspect import inspect
from asgi_inspect.render.as_http import as_http
from tests.commands import HELLO

DATE = "Sun, 22 Nov 2026 06:50:00 GMT"
REFUSAL = (
    b"HTTP/1.1 400 Bad Request\r\ndate: Sun, 22 Nov 2026 06:50:00 GMT\r\nserver: uvicorn\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 30\r\nconnection: close\r\n\r\n"
    b"Invalid HTTP request received."
)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Sends the body back as it came."""
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": message["body"] or b"\xff\x1b"})


def test_a_stand_in_says_nothing() -> None:
    assert as_http(inspect(HELLO)) == b""


def test_a_refusal_is_the_servers_own_answer() -> None:
    assert as_http(inspect(HELLO.replace(b"GET", b"get"), date=DATE)) == REFUSAL


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_responses_stand_behind_each_other_as_bytes(parser: str) -> None:
    post = b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"
    wire = as_http(inspect(HELLO + post, app=echo, lifespan="off", parser=parser, date=DATE))
    head = b"HTTP/1.1 200 OK\r\ndate: " + DATE.encode() + b"\r\nserver: uvicorn\r\ncontent-length: 2\r\n\r\n"

    assert wire.replace(b"HTTP/1.1 200 \r\n", b"HTTP/1.1 200 OK\r\n") in (
        head + b"\xff\x1b" + b"HTTP/1.1 100 Continue\r\n\r\n" + head + b"ab",
        head + b"\xff\x1b" + b"HTTP/1.1 100 \r\n\r\n" + head + b"ab",
    )
    exchanges = inspect(HELLO + post, app=echo, lifespan="off", parser=parser, date=DATE).exchanges
    assert wire == b"".join(exchange.response.wire for exchange in exchanges if exchange.response)  # type: ignore[misc]


def test_no_options_no_headers() -> None:
    wire = as_http(inspect(HELLO, app=echo, lifespan="off", date_header=False, server_header=False, header=["X-A:b"]))

    assert wire.lower() == b"http/1.1 200 ok\r\nx-a: b\r\ncontent-length: 2\r\n\r\n\xff\x1b"
