"""A WSGI application: environ, messages and failures as uvicorn's own adapter has them."""

from __future__ import annotations

import asyncio
import io
import sys
import warnings
from collections.abc import Callable
from typing import Any, cast

import pytest
from uvicorn.middleware.wsgi import _WSGIMiddleware
from uvicorn.middleware.wsgi import build_environ as uvicorn_environ

from asgi_inspect.wsgi import WSGIAdapter, build_environ

SCOPE: dict[str, Any] = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "https",
    "path": "/shop/café",
    "root_path": "/shop",
    "query_string": b"a=%20&b",
    "headers": [
        (b"host", b"x"),
        (b"content-type", b"text/plain"),
        (b"content-length", b"5"),
        (b"x-two-words", b"\xe9"),
        (b"x-two-words", b"again"),
    ],
    "client": ("127.0.0.1", 12345),
    "server": ("127.0.0.1", 8000),
}
BARE = {"type": "http", "http_version": "1.0", "method": "GET", "path": "/", "query_string": b""}


@pytest.mark.parametrize(
    "scope",
    [
        SCOPE,
        BARE,
        {**SCOPE, "client": None, "server": None},
        {**SCOPE, "server": ("/run/app.sock", None)},
        {**SCOPE, "root_path": "/other"},
        {**SCOPE, "root_path": "/café", "path": "/café/x"},
        {**SCOPE, "headers": [(b"content-length", b"1"), (b"content-length", b"2"), (b"CONTENT-TYPE", b"x")]},
    ],
)
def test_the_environ_is_uvicorns(scope: dict[str, Any]) -> None:
    """Keys, and values with their types."""
    body = io.BytesIO(b"x")
    message: Any = {"type": "http.request"}

    ours, theirs = build_environ(scope, body), uvicorn_environ(cast(Any, scope), message, body)

    assert ours == theirs
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in theirs.items()}


Body = list[dict[str, Any]]
START = "200 OK", [("X-A", "1")]


def echo(environ: Any, start_response: Any) -> Any:
    start_response("200 Fine by me", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read(), b"", b"end"]


def lazy(environ: Any, start_response: Any) -> Any:
    start_response(*START)
    yield b"one"
    yield b"two"


def late(environ: Any, start_response: Any) -> Any:
    yield b"body before start"
    start_response(*START)


def twice(environ: Any, start_response: Any) -> Any:
    start_response(*START)
    start_response("500 No", [])
    return [b"x"]


def raises_before(environ: Any, start_response: Any) -> Any:
    raise ValueError("before")


def raises_between(environ: Any, start_response: Any) -> Any:
    start_response(*START)
    yield b"one"
    raise ValueError("between")


def tells_exc_info(environ: Any, start_response: Any) -> Any:
    try:
        raise ValueError("told")
    except ValueError:
        start_response("500 No", [], sys.exc_info())
    return [b"sorry"]


def no_start(environ: Any, start_response: Any) -> Any:
    return []


def returns_none(environ: Any, start_response: Any) -> Any:
    start_response(*START)


def status_without_reason(environ: Any, start_response: Any) -> Any:
    start_response("200", [])
    return []


def header_not_ascii(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("X-A", "é")])
    return []


def text_body(environ: Any, start_response: Any) -> Any:
    start_response(*START)
    return ["text"]


def calls_write(environ: Any, start_response: Any) -> Any:
    start_response(*START)(b"written")
    return []


WSGI_APPS: list[Callable[..., Any]] = [
    echo,
    lazy,
    late,
    twice,
    raises_before,
    raises_between,
    tells_exc_info,
    no_start,
    returns_none,
    status_without_reason,
    header_not_ascii,
    text_body,
    calls_write,
]
BODIES: list[Body] = [
    [{"type": "http.request", "body": b"hello", "more_body": False}],
    [{"type": "http.request"}],
    [
        {"type": "http.request", "body": b"hel", "more_body": True},
        {"type": "http.request", "body": b"lo", "more_body": True},
        {"type": "http.request", "body": b"", "more_body": False},
    ],
    [{"type": "http.request", "body": b"hel", "more_body": True}, {"type": "http.disconnect"}],
]


async def played(adapter: Any, scope: Any, messages: Body, fail_at: int | None) -> tuple[list[Any], str]:
    """What an adapter sends, and what it raises."""
    waiting, sent = list(messages), list[Any]()

    async def receive() -> Any:
        await asyncio.sleep(0)
        return waiting.pop(0)

    async def send(message: Any) -> None:
        if len(sent) == fail_at:
            raise OSError("the client left")
        sent.append(message)

    try:
        await adapter(scope, receive, send)
    except Exception as error:
        return sent, repr(error)
    return sent, "returned"


@pytest.mark.parametrize("app", WSGI_APPS, ids=lambda app: app.__name__)
@pytest.mark.parametrize("messages", BODIES, ids=["one", "empty", "three", "left"])
@pytest.mark.parametrize("fail_at", [None, 0, 1])
def test_wsgi_messages_are_uvicorns(app: Any, messages: Body, fail_at: int | None) -> None:
    """Message by message, and the same exception in the end, also when the client has left."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        theirs = _WSGIMiddleware(app)
    ours = WSGIAdapter(app)

    assert asyncio.run(played(ours, SCOPE, messages, fail_at)) == asyncio.run(played(theirs, SCOPE, messages, fail_at))
    ours.threads.shutdown()
    theirs.executor.shutdown()


def test_wsgi_knows_no_lifespan() -> None:
    """uvicorn's adapter fails for it, which `--lifespan auto` takes for "not supported"."""
    assert asyncio.run(played(WSGIAdapter(echo), {"type": "lifespan"}, [], None)) == ([], "AssertionError()")
