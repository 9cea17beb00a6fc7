"""Requests per second of a dry run beside those of httpx, Starlette's TestClient and uvicorn itself.

Every peer answers the same 10,000 small GETs with the same trivial application, in this process.
uvicorn's own httptools protocol runs over a transport in memory, so that no peer pays for a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from typing import Any

import httpx
from starlette.testclient import TestClient
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

import asgi_inspect
from asgi_inspect import Options, conformance
from asgi_inspect.captures import read_capture
from asgi_inspect.recording import KEPT_BYTES
from asgi_inspect.render.as_json import as_jsonl
from asgi_inspect.stream import inspect_parts

REQUEST = b"GET /hello?name=John HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Reads the request and answers three bytes."""
    await receive()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"3")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok\n"})


def inspected(count: int) -> int:
    """`asgi_inspect.inspect`, one capture of `count` pipelined requests."""
    inspection = asgi_inspect.inspect(REQUEST * count, app=app, lifespan="off", parser="httptools", loop="asyncio")
    return sum(exchange.outcome == "completed" for exchange in inspection.exchanges)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what it was asked."""
    await receive()
    asked = scope["query_string"]
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(asked)), (b"x-asked", asked)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": asked})


def others(count: int) -> bytes:
    """So many requests, no two alike."""
    return b"".join([REQUEST.replace(b"John", b"%x" % number) for number in range(count)])


def differing(count: int) -> int:
    """The same, where no two requests and no two answers are alike."""
    inspection = asgi_inspect.inspect(others(count), app=echo, lifespan="off", parser="httptools", loop="asyncio")
    return sum(exchange.outcome == "completed" for exchange in inspection.exchanges)


def fastapi_app() -> Any:
    """A route with a parameter in its path and one in its query, both checked, and JSON for an answer."""
    from fastapi import FastAPI

    application = FastAPI()

    @application.get("/items/{number}")
    async def item(number: int, name: str) -> dict[str, Any]:
        return {"number": number, "name": name}

    return application


def fastapi_inspected(count: int) -> int:
    """FastAPI, asked for another item each time."""
    asked = [REQUEST.replace(b"/hello", b"/items/%d" % number) for number in range(count)]
    inspection = asgi_inspect.inspect(
        b"".join(asked), app=fastapi_app(), lifespan="off", parser="httptools", loop="asyncio"
    )
    return sum(exchange.response is not None and exchange.response.status == 200 for exchange in inspection.exchanges)


def fastapi_with_httpx(count: int) -> int:
    """The same over `httpx.ASGITransport`."""

    async def run() -> int:
        transport = httpx.ASGITransport(app=fastapi_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return sum([(await client.get(f"/items/{n}?name=John")).status_code == 200 for n in range(count)])

    return asyncio.run(run())


def not_judged(run: Callable[[int], int]) -> Callable[[int], int]:
    """The same without conformance."""

    def without(count: int) -> int:
        judge = conformance.judge
        conformance.judge = lambda *recorded: []
        try:
            return run(count)
        finally:
            conformance.judge = judge

    return without


def written(parser: str, *, alike: bool = True) -> Callable[[int], int]:
    """jsonl of one capture of so many pipelined requests, no application."""

    def run(count: int) -> int:
        capture = read_capture(REQUEST * count if alike else others(count), "benchmark")
        parts = inspect_parts(capture, Options(parser=parser))
        return sum(line.startswith('{"number"') for line in as_jsonl(parts, body_limit=KEPT_BYTES))

    return run


def with_httpx(count: int) -> int:
    """`httpx.AsyncClient` over `httpx.ASGITransport`, one request after another."""

    async def run() -> int:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return sum([(await client.get("/hello?name=John")).status_code == 200 for _ in range(count)])

    return asyncio.run(run())


def with_test_client(count: int) -> int:
    """Starlette's TestClient, one request after another."""
    client = TestClient(app)
    return sum(client.get("/hello?name=John").status_code == 200 for _ in range(count))


class Transport(asyncio.Transport):
    """Keeps what is written; the client never leaves."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 12345), "sockname": ("127.0.0.1", 8000)})
        self.written = bytearray()
        self.answers = 0
        self.paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        self.answers += data.startswith(b"HTTP/1.1 200")  # type: ignore[union-attr]  # uvicorn writes bytes

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        raise AssertionError("the server closed a connection that it should keep")

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


def with_uvicorn(kind: type[HttpToolsProtocol] | type[H11Protocol], *, access_log: bool) -> Callable[[int], int]:
    """uvicorn's own protocol, given the same bytes in reads of 64 KiB; its access log, on by default, goes nowhere."""

    async def answered(count: int) -> int:
        config = Config(app, lifespan="off", access_log=access_log)
        config.load()
        protocol = kind(config, ServerState(), {})
        transport = Transport()
        protocol.connection_made(transport)
        data = REQUEST * count
        for start in range(0, len(data), 65536):
            while transport.paused:
                await asyncio.sleep(0)
            protocol.data_received(data[start : start + 65536])
            await asyncio.sleep(0)
        while transport.answers < count:
            await asyncio.sleep(0)
        assert transport.written.count(b"HTTP/1.1 200") == count
        return transport.answers

    def run(count: int) -> int:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            return asyncio.run(answered(count))

    return run


UVICORN: dict[str, Callable[[int], int]] = {
    f"uvicorn {parser} protocol in memory{log}": with_uvicorn(kind, access_log=not log)
    for parser, kind in (("httptools", HttpToolsProtocol), ("h11", H11Protocol))
    for log in ("", ", no access log")
}
PEERS: dict[str, Callable[[int], int]] = {
    "httpx.ASGITransport": with_httpx,
    "Starlette TestClient": with_test_client,
    **{name: peer for name, peer in UVICORN.items() if "httptools" in name},
}


def rate(run: Callable[[int], int], count: int) -> float:
    """Requests per second of this process's own time; each of them must have been answered with 200."""
    began = time.process_time()
    answered = run(count)
    seconds = time.process_time() - began
    assert answered == count, f"{answered} of {count} answered"
    return count / seconds
