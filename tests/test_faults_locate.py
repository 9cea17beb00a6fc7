"""The exact byte at which a parser refuses."""

from __future__ import annotations

import pytest

from asgi_inspect.faults.locate import fault_offset, quoted
from tests.test_faults_table import HOST, OK, chunks, get, line

BLOCK = 4096


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (line(b"FOO / HTTP/1.1"), 1),
        (line(b"GET /a\x01 HTTP/1.1"), 6),
        (get(b"X: a\nY: b\r\n"), 20),
        (chunks(b"5\r\nhelloX"), 64),
        (line(b"GET http://e:x/ HTTP/1.1"), 36),
        (line(b"GET http://e HTTP/1.1"), 33),
        (OK, None),
        (b"GET / HT", None),
        (b"", None),
        (get(HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n") + b"\0", None),
    ],
)
def test_httptools_stops_on_the_byte(data: bytes, offset: int | None) -> None:
    assert fault_offset("httptools", data, 0) == offset


@pytest.mark.parametrize("length", [BLOCK - 30, BLOCK - 26, BLOCK - 25, BLOCK - 24, BLOCK, 3 * BLOCK + 7])
def test_blocks_do_not_move_the_byte(length: int) -> None:
    data = get(HOST + b"X: " + b"a" * length + b"\x01\r\n")

    assert fault_offset("httptools", data, 0) == data.index(b"\x01")


def test_reading_begins_at_the_request() -> None:
    assert fault_offset("httptools", OK + b"\x01", len(OK)) == len(OK)


@pytest.mark.parametrize(
    ("data", "quote"),
    [
        (b"GET  / HTTP/1.1\r\n\r\n", b"GET  "),
        (get(HOST + b"X : 1\r\n"), b"X : 1"),
        (get(b"X: \0'\"\r\n"), b"X: \0'\""),
        (chunks(b"5\r\nxyz\r\n\r\nxyz\r\n"), b"xyz\r\n"),
        (chunks(b"4\r\nhello\r\n"), b"o\r\n"),
        (chunks(b"0\r\nX : 1\r\n\r\n"), b"X : 1"),
    ],
)
def test_h11_quotes_the_line(data: bytes, quote: bytes) -> None:
    offset = fault_offset("h11", data, 0)

    assert offset == data.rindex(quote)


def test_h11_that_quotes_nothing_points_at_the_request() -> None:
    assert fault_offset("h11", OK, 0) is None
    assert fault_offset("h11", OK + get(b""), len(OK)) == len(OK)


@pytest.mark.parametrize("value", [b"plain", b"it's", b'a "quote"', b"both ' and \"", b"\0\xff\r\n\\", b"):"])
def test_what_h11_quotes_is_read_back(value: bytes) -> None:
    assert quoted(f"illegal header line: {bytearray(value)!r}") == value
    assert quoted(f"illegal header line: {value!r}") == value


@pytest.mark.parametrize("words", ["Missing mandatory Host: header", "", "x: bytearray(b'\\x0')", "invalid url"])
def test_words_without_a_quotation_give_none(words: str) -> None:
    assert quoted(words) is None
