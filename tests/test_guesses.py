"""Guesses are counted for each connection, and a body that Content-Length contradicts is told."""

from __future__ import annotations

import pytest

from asgi_inspect.captures import picked, read_capture
from asgi_inspect.captures.addressed import Packet, gathered
from asgi_inspect.captures.capture import Capture, ClientConnection, Fidelity, Missing
from asgi_inspect.captures.guesses import dots, guessed, with_cr
from asgi_inspect.captures.layouts import fitting
from tests.captured import FOLDER, data_of, rules_of

HEAD = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n"
LENGTHS = [
    (HEAD + b"ab", ["2 bytes are missing: Content-Length says 4."]),
    (HEAD + b"abc", ["1 byte is missing: Content-Length says 4."]),
    (HEAD + b"abcdef", ["2 bytes are too many: Content-Length says 4."]),
    (HEAD + b"abcd" + HEAD + b"a", ["3 bytes are missing: Content-Length says 4."]),
    (HEAD + b"abcd\r\n", []),
    (HEAD + b"abcd" + HEAD + b"efgh", []),
    (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", []),
    (b"no request", []),
    (b"GET / HTTP/1.1\r\n", []),
]


@pytest.mark.parametrize(("data", "told"), LENGTHS)
def test_what_content_length_says_against_the_bytes(data: bytes, told: list[str]) -> None:
    capture = guessed(Capture(source="x", format="f", connections=(ClientConnection(number=3, data=data),)))
    assert [finding.message for finding in capture.findings] == told
    assert all(finding.connection == 3 for finding in capture.findings)
    assert capture.fidelity is Fidelity.REPAIRED


def test_a_body_that_is_known_to_be_missing_is_told_once() -> None:
    client = ClientConnection(number=1, data=HEAD, missing=Missing(length=4))
    assert guessed(Capture(source="x", format="f", connections=(client,))).findings == ()


def test_dots_are_counted_for_each_connection() -> None:
    connections = tuple(ClientConnection(number=n, data=data) for n, data in ((1, b"a.b"), (2, b"ab"), (3, b"..")))
    found = list(dots(Capture(source="x", format="f", connections=connections), "tool", "tool -w"))
    assert [(finding.connection, finding.message.split(" printed")[0]) for finding in found] == [
        (1, "1 byte is"),
        (3, "2 bytes are"),
    ]


CR = [
    (b"GET /a. HTTP/1.1.\nHost: a.\n.\n", b"GET /a. HTTP/1.1\r\nHost: a\r\n\r\n", 3),
    (b"POST / HTTP/1.1.\nContent-Length: 6.\n.\nend.\nx", b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nend.\nx", 3),
    (
        b"POST / HTTP/1.1.\nContent-Length: 6.\n.\nend.\nxGET / HTTP/1.1.\n.\n",
        b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nend.\nxGET / HTTP/1.1\r\n\r\n",
        5,
    ),
    (
        b"POST / HTTP/1.1.\nTransfer-Encoding: chunked.\n.\n2.\na..\n0.\n.\nGET / HTTP/1.1.\n.\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na.\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        9,
    ),
    (
        b"POST / HTTP/1.1.\nContent-Type: multipart/form-data; boundary=b.\nContent-Length: 7.\n.\n--b--.\n",
        b"POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 7\r\n\r\n--b--\r\n",
        5,
    ),
    (b"GET / HTTP/1.1\nHost: a\n\n", b"GET / HTTP/1.1\nHost: a\n\n", 0),
    (b"", b"", 0),
]


@pytest.mark.parametrize(("drawn", "data", "count"), CR)
def test_a_dot_is_a_cr_only_where_lines_must_end_so(drawn: bytes, data: bytes, count: int) -> None:
    assert with_cr(drawn) == (data, count)


def test_who_is_the_client_follows_from_what_is_said() -> None:
    packets = [
        Packet(b"b", b"a", b"HTTP/1.1 200 OK\r\n\r\n"),
        Packet(b"a", b"b", b"GET / HTTP/1.1\r\n\r\n"),
        Packet(b"c", b"b", b"GET /c HTTP/1.1\r\n"),
        Packet(b"a", b"b", b"GET /2 HTTP/1.1\r\n\r\n"),
        Packet(b"c", b"b", b"\r\n"),
        Packet(b"d", b"b", b"\x16\x03"),
    ]
    capture = gathered(packets).gathering.capture("x", "f", segments=True)
    assert data_of(capture) == (
        b"GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
        b"GET /c HTTP/1.1\r\n\r\n",
        b"\x16\x03",
    )
    assert [connection.segments for connection in capture.connections] == [(18, 19), (17, 2), (2,)]


LAYOUTS = [
    (b'{\n    "b": 1,\n    "a": "x"\n}\n', 18, b'{"b": 1, "a": "x"}'),
    (b'{\n    "b": 1,\n    "a": "x"\n}\n', 15, b'{"b":1,"a":"x"}'),
    ('{"a": "č"}'.encode(), 13 + 2, b'{"a": "\\u010d"}'),
    (b"text\n\n", 4, b"text"),
    (b"text\n\n", 5, b"text\n"),
    (b"text\n\n", 6, b"text\n\n"),
    (b"text\n\n", 7, None),
    (b"[" * 100_000, 3, None),
]


@pytest.mark.parametrize(("shown", "length", "sent"), LAYOUTS)
def test_a_body_is_taken_in_the_layout_that_is_long_enough(shown: bytes, length: int, sent: bytes | None) -> None:
    assert fitting(shown, length) == sent


def test_what_is_said_of_the_whole_holds_for_each_connection() -> None:
    capture = read_capture((FOLDER / "fetch" / "chromium.js").read_bytes(), "x")
    second = picked(capture, connection=2)
    assert rules_of(second) == ["not-the-wire", "fields-left-out"]
    assert {finding.connection for finding in second.findings} == {2}
