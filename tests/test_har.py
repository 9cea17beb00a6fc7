"""A HAR gives the same requests: method, target, fields and content; what it lost is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asgi_inspect.captures.capture import Capture, CaptureError, Fidelity, Missing
from asgi_inspect.captures.har import read, recognise
from asgi_inspect.captures.messages import head_end, request_end, request_starts
from tests.captured import FOLDER, Captured, captured, data_of, rules_of, segments_of

CASES = [
    case for case in captured("har") if not case.name.startswith(("chromium", "firefox"))
]  # test_browsers has these


def har(*entries: dict[str, Any], creator: str = "test") -> bytes:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": creator}, "entries": entries}}).encode()


def entry(url: str = "http://a/p?q", method: str = "GET", *, headers: Any = (), **more: Any) -> dict[str, Any]:
    fields = [{"name": name, "value": value} for name, value in headers]
    request = {"method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": fields}
    response = {"status": 200, "statusText": "OK", "headers": [], "content": {"text": "hi"}}
    return {"request": {**request, **more.pop("request", {})}, "response": response, **more}


def one(*entries: dict[str, Any], creator: str = "test") -> Capture:
    return read(har(*entries, creator=creator), "x.har")


def requests(true: tuple[bytes, ...]) -> list[bytes]:
    found = []
    for data in true:
        for start in request_starts(data):
            found.append(data[start : request_end(data, start)])
    return found


def parts(request: bytes) -> tuple[bytes, set[bytes]]:
    """The request line, and the fields without regard to their order and to the case of their names."""
    line, *fields = request[: head_end(request) - 4].split(b"\r\n")
    return line, {field.split(b":")[0].lower() + b":" + field.split(b":", 1)[1].strip() for field in fields}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_same_requests(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert "not-the-wire" in rules_of(capture)
    true = [request for request in requests(case.true) if b"/favicon.ico" not in request]  # no HAR lists it
    for connection, request in zip(capture.connections, true, strict=False):
        assert parts(connection.data) == parts(request)
        body, true_body = connection.data[head_end(connection.data) :], request[head_end(request) :]
        if connection.missing:
            assert body == b""
            assert connection.missing.length == len(true_body)
        else:
            assert body == true_body
    assert len(true) >= 4


def test_websocket_messages_become_frames() -> None:
    capture = read((FOLDER / "har" / "playwright.har").read_bytes(), "x")
    chat = capture.connections[-1]
    assert chat.data.startswith(b"GET /chat HTTP/1.1\r\n")
    assert chat.data.endswith(b"\r\n\r\n\x81\x85\0\0\0\0hello\x82\x83\0\0\0\0\x01\x02\x03")
    assert chat.segments[1:] == (11, 9)


BODIES = [
    ({"text": "é"}, "2", "é".encode(), None),
    ({"text": "é"}, "1", b"\xe9", None),
    ({"text": "\u00ff\u0000"}, "2", b"\xff\0", None),
    ({"text": "/w==", "encoding": "base64"}, "1", b"\xff", None),
    ({"text": "a\ufffd"}, "2", b"", Missing(length=2)),
    ({"text": ""}, "5", b"", Missing(length=5)),
    (None, "7", b"", Missing(length=7)),
    ({"text": "abc"}, "5", b"", Missing(length=5)),
]


@pytest.mark.parametrize(("post", "length", "body", "missing"), BODIES)
def test_the_length_tells_the_encoding(post: Any, length: str, body: bytes, missing: Missing | None) -> None:
    request = {"postData": {"mimeType": "x", **post}} if post else {}
    capture = one(entry(method="POST", headers=[("Content-Length", length)], request=request))
    (connection,) = capture.connections
    assert connection.data.partition(b"\r\n\r\n")[2] == body
    assert connection.missing == missing
    assert ("body-missing" in rules_of(capture)) == (missing is not None)


def test_http2_becomes_http1() -> None:
    headers = [
        (":method", "POST"),
        (":authority", "b:1"),
        (":path", "/real?x"),
        (":scheme", "https"),
        ("accept", "*/*"),
    ]
    request = {"httpVersion": "h2", "postData": {"text": "hi"}, "bodySize": 2}
    capture = one(entry("https://a/other", "POST", headers=headers, request=request))
    assert data_of(capture) == (b"POST /real?x HTTP/1.1\r\nHost: b:1\r\naccept: */*\r\nContent-Length: 2\r\n\r\nhi",)
    assert rules_of(capture) == ["not-the-wire", "length-added"]


def test_what_never_left_is_left_out_and_said() -> None:
    cached = entry(_fromCache="memory")
    inside = entry()
    inside["response"]["headers"] = [{"name": "Non-Authoritative-Reason", "value": "HSTS"}]
    capture = one(cached, inside, entry("data:text/plain,x"), entry())
    assert data_of(capture) == (b"GET /p?q HTTP/1.1\r\nHost: a\r\n\r\n",)
    assert "requests-skipped" in rules_of(capture)


def test_one_connection_keeps_its_requests_together() -> None:
    capture = one(entry(connection="7"), entry("http://a/2", connection="7"), entry("http://a/3", connection="8"))
    assert [data.count(b"HTTP/1.1") for data in data_of(capture)] == [2, 1]
    assert segments_of(capture) == ((30, 28), (28,))
    assert capture.connections[0].responses == (b"HTTP/1.1 200 OK\r\n\r\nhi",) * 2


def test_chrome_hides_credentials() -> None:
    assert "credentials-absent" in rules_of(one(entry(), creator="WebInspector"))
    assert "credentials-absent" not in rules_of(one(entry(headers=[("Cookie", "a=b")]), creator="WebInspector"))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"log": {"entries": [\n{"request": ', r"x\.har, line 2: the HAR is not whole JSON"),
        (b'{"log": {"entries": 3}}', "a list at log.entries"),
        (b"[]", "a list at log.entries"),
        (har({"request": 3}), "entry 1 of the HAR has no object at request"),
        (har(entry(), {"request": {"method": "GET"}}), "entry 2 of the HAR has no text at url"),
        (har(entry(headers=[("a", 3)])), "entry 1 of the HAR has no text at value"),
        (har(), "no byte that a client sent"),
        (b'{"log": {"entries": ["\xff"]}}', "not JSON in UTF-8"),
    ],
)
def test_what_is_no_har_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        read(data, "x.har")


@pytest.mark.parametrize("data", [b"{}", b'{"log": {"level": "debug"}}', b'{"entries": []}', b"[1]", b'"log"'])
def test_other_json_is_not_recognised(data: bytes) -> None:
    assert recognise(data) is None
