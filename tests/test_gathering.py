"""What a reader finds piece by piece becomes connections; lost bodies cut them and can be given."""

from __future__ import annotations

import pytest

from asgi_inspect import inspect
from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.gathering import Gathering, fill_body
from tests.captured import data_of, rules_of, segments_of

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def test_segments_are_counted_joined_and_parted() -> None:
    out = Gathering()
    out.sent(1, b"ab")
    out.sent(1, b"cd", same_write=True)
    out.sent(1, b"e")
    assert segments_of(out.capture("x", "f", segments=True)) == ((4, 1),)
    out.apart(1)
    assert segments_of(out.capture("x", "f", segments=True)) == ((2, 2, 1),)
    assert segments_of(out.capture("x", "f")) == ((),)


def test_connections_come_in_the_order_they_were_heard_of() -> None:
    out = Gathering()
    out.hear_of("b")
    out.sent("a", b"1")
    out.sent("b", b"2")
    out.begin("a")
    out.sent("a", b"3")
    assert data_of(out.capture("x", "f")) == (b"2", b"1", b"3")


def test_responses_go_to_their_requests() -> None:
    out = Gathering()
    out.sent(1, GET + b"HEAD / HTTP/1.1\r\n\r\n" + GET)
    out.received(1, b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    out.received(1, b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
    (connection,) = out.capture("x", "f").connections
    assert [response[-5:] for response in connection.responses] == [b"\n\r\nhi", b"9\r\n\r\n", b"e end"]


def test_a_lost_body_cuts_the_connection_and_numbers_follow() -> None:
    out = Gathering()
    out.received("silent", OK)
    out.sent(1, POST)
    out.lost(1, Missing(length=2), "curl --trace")
    out.sent(1, GET)
    capture = out.capture("x", "f")
    assert data_of(capture) == (POST, GET)
    assert capture.fidelity is Fidelity.REPAIRED
    assert [(f.rule, f.connection) for f in capture.findings] == [("body-missing", 1), ("connection-split", 2)]


FILLS = [
    (POST, Missing(length=2), b"hi", POST + b"hi", (len(POST), 2)),
    (GET, Missing(length=None), b"hi", GET[:-2] + b"Content-Length: 2\r\n\r\nhi", (len(GET) + 19, 2)),
    (GET, Missing(length=None, framed=True), b"hi", GET + b"2\r\nhi\r\n0\r\n\r\n", (len(GET), 12)),
    (GET, Missing(length=None, framed=True), b"", GET + b"0\r\n\r\n", (len(GET), 5)),
    (GET, Missing(length=None), b"", GET, (len(GET),)),
]


@pytest.mark.parametrize(("head", "missing", "body", "whole", "segments"), FILLS)
def test_a_body_is_filled_in(
    head: bytes, missing: Missing, body: bytes, whole: bytes, segments: tuple[int, ...]
) -> None:
    out = Gathering()
    out.sent(1, head)
    out.lost(1, missing, "curl --trace")
    filled = fill_body(out.capture("x", "f"), body, 1)
    assert data_of(filled) == (whole,)
    assert segments_of(filled) == (segments,)
    assert rules_of(filled) == []
    assert filled.connections[0].missing is None


def test_nothing_sent_is_refused() -> None:
    out = Gathering()
    out.received(1, OK)
    with pytest.raises(CaptureError, match="x: read as f, but it holds no byte that a client sent"):
        out.capture("x", "f")


def test_a_connection_without_a_missing_body_takes_none() -> None:
    out = Gathering()
    out.sent(1, POST)
    out.lost(1, Missing(length=2), "c")
    with pytest.raises(CaptureError, match="misses no body"):
        fill_body(out.capture("x", "f"), b"hi", 2)


def test_a_body_that_the_capture_lacks_is_not_blamed_on_the_client() -> None:
    """What uvicorn does with such bytes is told all the same."""
    lines = b"> POST /x HTTP/1.1\n> Host: a\n> Content-Length: 46\n>\n< HTTP/1.1 200 OK\n"
    findings = {finding.rule: finding for finding in inspect(b"* Connected\n" + lines).findings}

    assert findings["body-missing"].message == "46 bytes of body are missing: Content-Length says 46."
    assert findings["body-incomplete"].help == "the capture does not hold the body: --body FILE fills it in"
