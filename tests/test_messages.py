"""Where messages end, for readers that must tell the two directions apart."""

from __future__ import annotations

import pytest

from asgi_inspect.captures import messages

CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
ENDS = [
    (b"GET / HTTP/1.1\r\n\r\nrest", 18),
    (b"GET / HTTP/1.1\n\nrest", 16),
    (b"POST / HTTP/1.1\r\ncontent-length : 3\r\n\r\nabcrest", 42),
    (b"POST / HTTP/1.1\r\nContent-Length: 30\r\n\r\nabc", None),
    (CHUNKED + b"3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\nrest", len(CHUNKED) + 23),
    (CHUNKED + b"3\r\nabc\r\n0\r\n", None),
    (CHUNKED + b"zz\r\n", None),
    (b"GET / HTTP/1.1\r\nHost: a\r\n", None),
]


@pytest.mark.parametrize(("data", "end"), ENDS)
def test_requests_end(data: bytes, end: int | None) -> None:
    assert messages.request_end(data) == end


def test_requests_begin_behind_each_other() -> None:
    data = ENDS[0][0][:18] + ENDS[2][0][:42] + b"\r\n" + CHUNKED + b"0\r\n\r\n" + b"junk"
    assert messages.request_starts(data) == (0, 18, 62)


@pytest.mark.parametrize(
    ("data", "method", "end"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhirest", b"GET", 40),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"HEAD", 38),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", b"GET", 48),
        (b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 No\r\n\r\nrest", b"GET", 41),
        (b"HTTP/2 200\r\nContent-Length: 1\r\n\r\nx", b"GET", 34),
        (b"HTTP/1.1 101 Switching\r\n\r\nframes", b"GET", None),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil closed", b"GET", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nrest", b"GET", 58),
    ],
)
def test_responses_end(data: bytes, method: bytes, end: int | None) -> None:
    assert messages.response_end(data, 0, method) == end


def test_chunks_are_taken_off() -> None:
    assert messages.without_chunks(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") == b"abcde"
    assert messages.without_chunks(b"plain") == b""


@pytest.mark.parametrize("data", [b"\n" * 100_000, b"0\r\n" * 100_000, b"GET " + b"x" * 200_000, b"a: b\r\n" * 100_000])
def test_nothing_takes_long(data: bytes) -> None:
    messages.request_end(data)
    messages.request_starts(b"GET / HTTP/1.1\r\n" + data)
    messages.split_responses(data, b"GET / HTTP/1.1\r\n\r\n")
