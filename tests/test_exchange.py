"""Where one request ends and the next begins, what the verdict is, and what the client gets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_inspect import By, Inspection, Outcome, Verdict, inspect
from asgi_inspect.asgi import Receive, Scope, Send
from asgi_inspect.assembling import refusal_response
from asgi_inspect.exchange import response_head
from tests.commands import HELLO
from tests.request_table import REQUESTS, reads

PARSERS = ("httptools", "h11")
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = CHUNKED + b"3\r\nabc\r\n0\r\nT: v\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
BAD = b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"
ACCEPTED, REJECTED, INCOMPLETE = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.INCOMPLETE


def pieces(inspection: Inspection) -> list[tuple[Verdict, bytes]]:
    """Each verdict with the bytes it is about."""
    data = inspection.capture.connections[0].data
    return [(exchange.verdict, exchange.span.of(data)) for exchange in inspection.exchanges]


def unread(inspection: Inspection) -> bytes:
    data = inspection.capture.connections[0].data
    return b"".join(span.of(data) for _, span in inspection.unread)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("requests", "expected", "left"),
    [
        ([HELLO], [ACCEPTED], b""),
        ([HELLO, POST, CHUNKS, HELLO], [ACCEPTED] * 4, b""),
        ([CHUNKS, CHUNKS], [ACCEPTED] * 2, b""),
        ([HELLO, BAD], [ACCEPTED, REJECTED], b""),
        ([HELLO, b"GET / HT"], [ACCEPTED, INCOMPLETE], b""),
        ([HELLO, POST[:-1]], [ACCEPTED, INCOMPLETE], b""),
        ([CHUNKED + b"3\r\nab"], [INCOMPLETE], b""),
        ([CLOSE, b"rest"], [ACCEPTED], b"rest"),
        ([CLOSE, HELLO], [ACCEPTED], HELLO),
        ([HELLO, CLOSE, b"\x00" * 9], [ACCEPTED] * 2, b"\x00" * 9),
    ],
)
def test_requests_of_one_connection(parser: str, requests: list[bytes], expected: list[Verdict], left: bytes) -> None:
    inspection = inspect(b"".join(requests), parser=parser, strict_bytes=True)

    if parser == "httptools" and left == HELLO:
        assert [verdict for verdict, _ in pieces(inspection)][:1] == [ACCEPTED]
        return
    assert pieces(inspection) == list(zip(expected, requests, strict=False))
    assert unread(inspection) == left


@pytest.mark.parametrize("parser", PARSERS)
def test_a_fault_behind_the_head_is_rejected_though_the_application_is_called(parser: str) -> None:
    (exchange,) = inspect(CHUNKED + b"3\r\nabc\r\nzz\r\n", parser=parser).exchanges

    assert exchange.verdict is REJECTED
    assert exchange.scope is not None
    assert exchange.words
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.by) == (400, By.SERVER)
    assert exchange.response.body == b"Invalid HTTP request received."
    assert exchange.receive[-1] == {"type": "http.disconnect"}


@pytest.mark.parametrize("parser", PARSERS)
def test_a_fault_in_the_head_has_no_scope(parser: str) -> None:
    (exchange,) = inspect(BAD, parser=parser).exchanges

    assert (exchange.verdict, exchange.scope, exchange.receive) == (REJECTED, None, ())
    assert exchange.outcome is Outcome.NOT_RUN
    assert exchange.response is not None
    assert exchange.response.wire.startswith(b"HTTP/1.1 400 Bad Request\r\n")  # type: ignore[union-attr]
    assert not exchange.keep_alive


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize(
    ("request_", "kept"),
    [(HELLO, True), (CLOSE, False), (b"GET / HTTP/1.0\r\n\r\n", False), (HELLO + CLOSE, False)],
)
def test_keep_alive(parser: str, request_: bytes, kept: bool) -> None:
    assert inspect(request_, parser=parser).exchanges[-1].keep_alive == kept


def test_the_stand_in_is_marked() -> None:
    response = inspect(HELLO).exchanges[0].response

    assert response is not None
    assert (response.status, response.by, response.body) == (200, By.STAND_IN, b"")


@pytest.mark.parametrize("parser", PARSERS)
def test_spans_lie_behind_each_other_and_cover_what_was_read(parser: str) -> None:
    """For every request of the table, strict: no byte twice, none lost but line ends between requests."""
    for name in REQUESTS:
        data = b"".join(reads(name))
        inspection = inspect(data, parser=parser, strict_bytes=True)
        spans = [exchange.span for exchange in inspection.exchanges] + [span for _, span in inspection.unread]
        position = 0
        for span in sorted(spans):
            assert span.start >= position, name
            assert data[position : span.start].strip(b"\r\n") == b"", name
            position = span.end
        assert data[position:].strip(b"\r\n") == b"", name
        assert [exchange.number for exchange in inspection.exchanges] == list(range(1, len(inspection.exchanges) + 1))


@given(st.lists(st.sampled_from([HELLO, POST, CHUNKS]), min_size=1, max_size=8), st.integers(1, 60))
def test_reads_of_any_size_give_the_same_requests(requests: list[bytes], size: int) -> None:
    for parser in PARSERS:
        inspection = inspect(b"".join(requests), parser=parser, read_size=size)

        assert pieces(inspection) == [(ACCEPTED, request) for request in requests]
        for exchange, request in zip(inspection.exchanges, requests, strict=True):
            body = b"".join(message["body"] for message in exchange.receive)
            assert body == (b"" if request == HELLO else b"abc")
            assert exchange.content_length == len(body)


@pytest.mark.parametrize(
    ("wire", "head"),
    [
        (b"", (None, "", ())),
        (b"HTTP/1.1 100 Continue\r\n\r\n", (None, "", ())),
        (b"HTTP/1.1 204 No Content\r\n\r\n", (204, "No Content", ())),
        (b"HTTP/1.1 299 \r\nA: b\r\n\r\nHTTP/1.1 500 x", (299, "", ((b"A", b"b"),))),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: a: b\r\n\r\n", (200, "OK", ((b"X", b"a: b"),))),
        (b"HTTP/1.1 404 \xff\r\n\r\n", (404, "\xff", ())),
    ],
)
def test_the_head_of_a_response(wire: bytes, head: tuple[Any, ...]) -> None:
    assert response_head(wire) == head


@pytest.mark.parametrize(
    "framed",
    [b"content-length: 5\r\n\r\nhello", b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
)
def test_the_body_of_a_refusal_is_without_its_framing(framed: bytes) -> None:
    response = refusal_response(b"HTTP/1.1 400 Bad Request\r\n" + framed)

    assert (response.status, response.body, response.by) == (400, b"hello", By.SERVER)


async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the whole body before it answers."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize("parser", PARSERS)
def test_the_reads_of_each_request_are_kept_with_their_times(parser: str) -> None:
    """A read that brings parts of two requests is told with both; the head's read comes before the call."""
    inspection = inspect(POST + HELLO, app=reads_all, lifespan="off", read_size=len(POST) - 1, parser=parser)
    first, second = inspection.exchanges
    middle, end = len(POST) - 1, len(POST + HELLO)

    assert [arrived.span for arrived in first.arrived] == [(0, middle), (middle, end)]
    assert [arrived.span for arrived in second.arrived] == [(middle, end)]
    assert first.arrived[0].at <= 0 < second.began
    assert first.arrived[0].at + first.began == pytest.approx(0)
    assert first.arrived[1].at + first.began == pytest.approx(second.arrived[0].at + second.began)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_request_that_was_refused_has_its_reads_too(parser: str) -> None:
    inspection = inspect(HELLO + BAD, read_size=len(HELLO), parser=parser)

    assert [arrived.span.start for arrived in inspection.exchanges[1].arrived] == [len(HELLO)]
