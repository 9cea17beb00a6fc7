"""`--http2`: a request of HTTP/1 as uvicorn would see it over HTTP/2, and what uvicorn makes of Upgrade: h2c."""

from __future__ import annotations

import json
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

import asgi_inspect
from asgi_inspect import Exchange
from asgi_inspect.render.as_json import as_json
from asgi_inspect.render.as_text import as_text
from asgi_inspect.render.layout import Page
from tests import oracle

HOST = b"Host: example.org\r\n"
REQUESTS = {
    "get": b"GET /a?b=c HTTP/1.1\r\n" + HOST + b"\r\n",
    "post": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\n\r\nhello",
    "chunked": b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "large": b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n" + bytes(100_000),
    "connection": b"GET / HTTP/1.1\r\n" + HOST + b"Connection: keep-alive, X-Hop\r\nKeep-Alive: 5\r\nX-Hop: 1\r\n\r\n",
    "te": b"GET / HTTP/1.1\r\n" + HOST + b"TE: gzip\r\n\r\n",
    "te trailers": b"GET / HTTP/1.1\r\n" + HOST + b"TE: trailers\r\n\r\n",
    "cookies": b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: a=1; b=2\r\nX-Upper: Yes\r\n\r\n",
    "absolute": b"GET http://other/p?q HTTP/1.1\r\n" + HOST + b"\r\n",
    "star": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "expect": b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "http10": b"GET / HTTP/1.0\r\n" + HOST + b"\r\n",
    "h2c": b"GET / HTTP/1.1\r\n" + HOST + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
}


def shown(request: bytes, **options: Any) -> Exchange:
    [exchange] = asgi_inspect.inspect(request, http2=True, **options).exchanges
    assert exchange.over_http2 is not None
    return exchange


@pytest.mark.parametrize("name", REQUESTS)
def test_the_scope_is_the_one_that_uvicorn_builds(name: str) -> None:
    """The very bytes that are shown, given to uvicorn's own protocol class."""
    over = shown(REQUESTS[name]).over_http2
    assert over is not None

    observed = oracle.observe("zttp", [over.data], oracle.sends(oracle.start(), oracle.body(), reads=False))
    [call] = observed.calls
    assert over.scope == call.scope


@pytest.mark.parametrize("name", REQUESTS)
def test_what_changes_is_all_that_changes(name: str) -> None:
    exchange = shown(REQUESTS[name])
    over = exchange.over_http2
    assert over is not None
    assert over.scope is not None
    assert exchange.scope is not None

    changed = {change.key for change in over.changes}
    for key in {*exchange.scope, *over.scope}:
        assert (exchange.scope.get(key) != over.scope.get(key)) == (key in changed), key
    assert {"http_version", "extensions"} <= changed
    assert all(change.why for change in over.changes)


@pytest.mark.parametrize("name", REQUESTS)
def test_another_h2_reads_the_same_request(name: str) -> None:
    over = shown(REQUESTS[name]).over_http2
    assert over is not None
    server = h2.connection.H2Connection(
        h2.config.H2Configuration(client_side=False, header_encoding=None, normalize_inbound_headers=False)
    )
    content = b""
    for at in range(0, len(over.data), 5000):
        for event in server.receive_data(over.data[at : at + 5000]):
            if isinstance(event, h2.events.RequestReceived):
                assert [(bytes(name), bytes(value)) for name, value in event.headers] == list(over.fields)
            if isinstance(event, h2.events.DataReceived):
                content += event.data
                server.acknowledge_received_data(event.flow_controlled_length, 1)

    expected = b"hello" if b"hello" in REQUESTS[name] else bytes(100_000) if name == "large" else b""
    assert content == expected


def test_fields_about_the_connection_are_left_out_and_told() -> None:
    over = shown(REQUESTS["connection"]).over_http2
    assert over is not None

    assert [name for name, _ in over.dropped] == [b"connection", b"keep-alive", b"x-hop"]
    assert all("8.2.2" in why for _, why in over.dropped)
    assert over.scope is not None
    assert over.scope["headers"] == [(b"host", b"example.org")]


def test_the_target_loses_its_scheme_and_host() -> None:
    over = shown(REQUESTS["absolute"], parser="h11").over_http2
    assert over is not None
    assert over.scope is not None

    assert (over.scope["path"], over.scope["query_string"]) == ("/p", b"q")
    assert over.scope["headers"] == [(b"host", b"other")]
    assert {"path", "raw_path"} <= {change.key for change in over.changes}


def test_what_is_else_different_is_noted() -> None:
    get, post, expect = (shown(REQUESTS[name]).over_http2 for name in ("get", "post", "expect"))
    assert get
    assert post
    assert expect

    assert "never tells the application" in get.notes[0]
    assert post.notes == ()
    assert "no 100 Continue" in expect.notes[0]


def test_a_request_that_cannot_be_sent_says_why() -> None:
    exchange = shown(b"GET / HTTP/1.1\r\n\r\n", parser="httptools")
    assert exchange.over_http2 is not None

    assert exchange.over_http2.scope is None
    assert "authority" in exchange.over_http2.words


def test_a_websocket_is_told_of_in_a_sentence() -> None:
    handshake = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    exchange = shown(b"GET / HTTP/1.1\r\n" + HOST + handshake + key)
    assert exchange.over_http2 is not None

    assert "RFC 8441" in exchange.over_http2.words


def test_it_is_drawn_and_written() -> None:
    inspection = asgi_inspect.inspect(REQUESTS["connection"], http2=True)
    text = as_text(inspection, Page(width=80))
    told = json.loads(as_json(inspection, body_limit=1000))["exchanges"][0]["over_http2"]

    assert "without keep-alive: about a connection of HTTP/1" in text
    assert "all other keys of the scope are equal" in text
    assert told["scope"]["http_version"] == "2"
    assert told["fields"][0] == [":method", "GET"]
    assert [change["key"] for change in told["changes"]] == ["http_version", "headers", "extensions"]
    assert told["changes"][0] | {"why": ""} == {"key": "http_version", "http1": "1.1", "http2": "2", "why": ""}


def test_without_the_option_there_is_nothing_of_it() -> None:
    inspection = asgi_inspect.inspect(REQUESTS["get"])

    assert inspection.exchanges[0].over_http2 is None
    assert "h2" not in inspection.tool
    assert "over_http2" not in as_json(inspection, body_limit=10)


def test_an_application_sees_http1_all_the_same() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        versions.append(scope["http_version"])
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    versions: list[str] = []
    [exchange] = asgi_inspect.inspect(REQUESTS["get"], http2=True, app=app, lifespan="off").exchanges

    assert versions == ["1.1"]
    assert exchange.over_http2 is not None
    assert exchange.over_http2.scope is not None


@pytest.mark.parametrize("parser", ["h11", "httptools", "zttp"])
def test_uvicorn_ignores_an_upgrade_to_h2c(parser: oracle.Parser) -> None:
    """Seen with each of uvicorn's parsers; httptools loses a body on the way."""
    upgrade = HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello"
    [call] = oracle.observe(parser, [b"POST / HTTP/1.1\r\n" + upgrade], oracle.echo).calls

    lost = b"" if parser == "httptools" else b"hello"
    assert call.received == [{"type": "http.request", "body": lost, "more_body": False}]
    assert call.scope["http_version"] == "1.1"


def test_an_upgrade_to_h2c_is_noted() -> None:
    inspection = asgi_inspect.inspect(REQUESTS["h2c"])

    [finding] = inspection.findings
    assert finding.rule == "upgrade-to-h2c"
    assert "--http zttp --http2" in finding.help
