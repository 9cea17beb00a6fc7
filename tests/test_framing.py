"""Where a message ends is said only where no server could see it differently."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.framing import Chunks, Framing, framing, walk_chunks

UNKNOWN = Framing(known=False)

FRAMINGS = {
    b"Host: x\r\n": Framing(),
    b"Content-Length: 0\r\n": Framing(length=0),
    b"content-LENGTH:\t 12 \r\n": Framing(length=12),
    b"Content-Length: 012\r\n": Framing(length=12),
    b"Transfer-Encoding: chunked\r\n": Framing(chunked=True),
    b"transfer-encoding:Chunked \r\n": Framing(chunked=True),
    b"X-Content-Length: 12\r\nX: content-length: 3\r\n": Framing(),
    b"Upgrade: h2c\r\nContent-Length: 1\r\n": Framing(length=1),
    b"X: a\r\n b\r\nContent-Length: 1\r\n": Framing(length=1),
    b"Content-Length: 1\r\nContent-Length: 1\r\n": UNKNOWN,
    b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n": UNKNOWN,
    b"Content-Length: 1, 1\r\n": UNKNOWN,
    b"Content-Length: 0x1\r\n": UNKNOWN,
    b"Content-Length: -1\r\n": UNKNOWN,
    b"Content-Length:\r\n": UNKNOWN,
    b"Content-Length: 9999999999999999999\r\n": UNKNOWN,
    b"Content-Length : 1\r\n": UNKNOWN,
    b" Content-Length: 1\r\n": UNKNOWN,
    b"Content-Length: 1\r\n 2\r\n": UNKNOWN,
    b"Content-Length\x00: 1\r\n": UNKNOWN,
    b"Transfer-Encoding: gzip, chunked\r\n": UNKNOWN,
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n": UNKNOWN,
    b"Transfer-Encoding:\x0bchunked\r\n": UNKNOWN,
    b"Upgrade: WebSocket\r\n": UNKNOWN,
    b"X: a\rb\r\n": UNKNOWN,
}


@pytest.mark.parametrize(("fields", "expected"), FRAMINGS.items())
def test_a_head_tells_how_its_body_ends_or_that_it_is_in_doubt(fields: bytes, expected: Framing) -> None:
    assert framing(b"POST / HTTP/1.1\r\n" + fields + b"\r\n") == expected


def test_only_http_1_1_has_chunks_that_all_servers_read() -> None:
    assert framing(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == UNKNOWN


def test_a_tunnel_has_no_messages_behind_its_head() -> None:
    assert framing(b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n") == UNKNOWN


CHUNKED = {
    b"0\r\n\r\n": Chunks(5, [], 0),
    b"00;a=b\r\n\r\nrest": Chunks(10, [], 0),
    b"A \r\n0123456789\r\n0\r\n\r\n": Chunks(21, [], 0),
    b"1\n\n\n0\n\n": Chunks(7, [1, 3, 5, 6], 0),
    b"1\r\nx\n0\r\n\r\n": Chunks(10, [4], 0),
    b"0\nA: b\nC: d\n\n": Chunks(13, [1, 6, 11, 12], 0),
    b"0": Chunks(1, [], 2),
    b"0\n": Chunks(2, [1], 1),
    b"0\nA: b": Chunks(6, [1], 2),
    b"": None,
    b"\n": None,
    b"2\nx\n0\n\n": None,
    b"1\nxy\n0\n\n": None,
    b"1\nx\n": None,
    b"1\nx": None,
    b"-1\nx\n0\n\n": None,
    b"0x1\nx\n0\n\n": None,
    b"1;a\rb\nx\n0\n\n": None,
    b"0\r": None,
    b"0\nA: b\rc\n\n": None,
    b"ffffffffffffffff\nx\n0\n\n": None,
}


@pytest.mark.parametrize(("data", "expected"), CHUNKED.items())
def test_chunks_are_walked_if_every_size_adds_up(data: bytes, expected: Chunks | None) -> None:
    assert walk_chunks(data, 0) == expected


@pytest.mark.parametrize(("data", "expected"), CHUNKED.items())
def test_chunks_are_walked_from_where_they_begin(data: bytes, expected: Chunks | None) -> None:
    moved = expected and Chunks(expected.end + 4, [offset + 4 for offset in expected.bare], expected.missing)

    assert walk_chunks(b"\r\n\r\n" + data, 4) == moved
