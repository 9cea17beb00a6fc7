"""Starlette and FastAPI answer over HTTP/2 in a dry run, and an application is judged as over HTTP/1."""

from __future__ import annotations

import json
from typing import Any

import asgi_inspect
from asgi_inspect import Exchange, Outcome
from tests.http2_frames import GET, OPENING, POST, Pairs, data, headers, rst_stream, with_path
from tests.oracle import Receive, Scope, Send


def run(app: Any, frames: bytes, **options: Any) -> tuple[Exchange, ...]:
    return asgi_inspect.inspect(OPENING + frames, app=app, timeout=5, **options).exchanges


def post(path: bytes, content: bytes, *, stream: int = 1, fields: Pairs | None = None) -> bytes:
    asked = [POST[0], *with_path(path)[1:], *(fields or [(b"content-type", b"application/json")])]
    return headers(asked, stream=stream, end=False) + data(content, stream=stream)


def starlette_app() -> Any:
    from starlette.applications import Starlette
    from starlette.background import BackgroundTask
    from starlette.requests import Request
    from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    async def echo(request: Request) -> JSONResponse:
        return JSONResponse({"url": str(request.url), "body": (await request.body()).decode()})

    async def stream(request: Request) -> StreamingResponse:
        return StreamingResponse((f"line {number}\n" for number in range(3)), media_type="text/plain")

    async def later(request: Request) -> PlainTextResponse:
        return PlainTextResponse("now", background=BackgroundTask(done.append, request.url.path))

    done: list[str] = []
    return Starlette(
        routes=[Route("/echo", echo, methods=["GET", "POST"]), Route("/stream", stream), Route("/later", later)]
    )


def test_starlette_answers() -> None:
    frames = (
        post(b"/echo?a=1", b"hello")
        + headers(with_path(b"/stream"), stream=3)
        + headers(with_path(b"/later"), stream=5)
    )
    echo, stream, later = run(starlette_app(), frames)

    assert [exchange.outcome for exchange in (echo, stream, later)] == [Outcome.COMPLETED] * 3
    assert echo.response is not None
    assert isinstance(echo.response.body, bytes)
    assert json.loads(echo.response.body) == {"url": "http://example.org/echo?a=1", "body": "hello"}
    assert stream.response is not None
    assert stream.response.body == b"line 0\nline 1\nline 2\n"
    assert later.response is not None
    assert later.response.status == 200


def fastapi_app() -> Any:
    import fastapi
    from pydantic import BaseModel

    app = fastapi.FastAPI()

    class Item(BaseModel):
        name: str
        price: float

    async def create(item: Any) -> dict[str, Any]:
        return {"name": item.name.upper(), "price": item.price}

    create.__annotations__["item"] = Item
    app.post("/items", status_code=201)(create)
    return app


def test_fastapi_answers_several_streams_at_once() -> None:
    frames = post(b"/items", b'{"name": "pear", "price": 2}') + post(b"/items", b'{"name": 1}', stream=3)
    frames += headers(with_path(b"/missing"), stream=5) + headers(with_path(b"/openapi.json"), stream=7)
    created, invalid, missing, schema = run(fastapi_app(), frames)

    answers = [exchange.response for exchange in (created, invalid, missing, schema)]
    assert [answer.status for answer in answers if answer is not None] == [201, 422, 404, 200]
    assert answers[0] is not None
    assert answers[0].body == b'{"name":"PEAR","price":2.0}'


def test_streams_run_beside_each_other() -> None:
    """The first waits for what the second does."""
    import asyncio

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/first":
            await arrived.wait()
        else:
            arrived.set()
        order.append(scope["path"])
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    arrived, order = asyncio.Event(), list[str]()
    exchanges = run(app, headers(with_path(b"/first")) + headers(with_path(b"/second"), stream=3), lifespan="off")

    assert order == ["/second", "/first"]
    assert [exchange.outcome for exchange in exchanges] == [Outcome.COMPLETED] * 2
    assert [exchange.scope["path"] for exchange in exchanges if exchange.scope] == ["/first", "/second"]


def test_a_cancelled_stream_ends_its_call_alone() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received = await receive()
        while received["type"] == "http.request" and received["more_body"]:
            received = await receive()
        seen.append((scope["path"], received["type"]))
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    seen: list[tuple[str, str]] = []
    opened = headers([POST[0], *with_path(b"/one")[1:]], end=False) + data(b"x", end=False)
    frames = (
        opened + headers([POST[0], *with_path(b"/two")[1:]], stream=3, end=False) + rst_stream() + data(b"y", stream=3)
    )
    one, two = run(app, frames, lifespan="off")

    assert seen == [("/one", "http.disconnect"), ("/two", "http.request")]
    assert (one.outcome, two.outcome) == (Outcome.DISCONNECTED, Outcome.COMPLETED)


def test_fields_of_http1_in_a_response_are_judged() -> None:
    """uvicorn strips them, another server may not."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        listed = [(b"Connection", b"close"), (b"transfer-encoding", b"chunked"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": listed})
        await send({"type": "http.response.body", "body": b"ok"})

    inspection = asgi_inspect.inspect(OPENING + headers(GET), app=app, lifespan="off")
    found = [finding for finding in inspection.findings if finding.rule == "header-http2-forbidden"]

    assert len(found) == 2
    assert all("test_http2_frameworks.py" in (finding.source or "") for finding in found)
    assert inspection.exchanges[0].response is not None
    names = {name for name, _ in inspection.exchanges[0].response.headers}
    assert not names & {b"connection", b"transfer-encoding"}


def test_a_response_out_of_order_is_judged() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.body", "body": b"first"})

    inspection = asgi_inspect.inspect(OPENING + headers(GET), app=app, lifespan="off")

    assert inspection.exchanges[0].outcome is Outcome.RAISED
    assert inspection.exchanges[0].response is not None
    assert inspection.exchanges[0].response.status == 500
    assert {finding.severity for finding in inspection.findings} >= {"error"}


def test_trailers_and_hints_are_shown() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]})
        started = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": started, "trailers": True})
        await send({"type": "http.response.body", "body": b"ok"})
        await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})

    [exchange] = run(app, headers([*GET, (b"te", b"trailers")]), lifespan="off")
    response = exchange.response
    assert response is not None

    assert (response.status, response.body) == (200, b"ok")
    assert getattr(response, "trailers", None) == ((b"x-sum", b"1"),)
    assert exchange.http2 is not None
    blocks = [frame.fields for frame in exchange.http2.frames if frame.fields and not frame.by_client]
    assert [dict(fields).get(b":status") for fields in blocks] == [b"103", b"200", None]
