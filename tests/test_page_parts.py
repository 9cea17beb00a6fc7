"""What a page is made of, before it is markup: parts of the bytes, of the response, lines of a source."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import asgi_inspect
from asgi_inspect import Exchange, Folded
from asgi_inspect.render.bytes_html import Part, parts_of
from asgi_inspect.render.journey_html import journey_html
from asgi_inspect.render.meanings import FIELDS, MESSAGES, SCOPE_KEYS, STEPS
from asgi_inspect.render.response_html import parts_of_response
from asgi_inspect.render.source_html import lines_around, source_html
from asgi_inspect.render.value_html import mapping_html, value_html
from tests.reports import RUNS, inspected
from tests.request_table import REQUESTS


def carried(exchange: Exchange, parts: list[Part], number: int) -> bytes:
    """The bytes that are told to be in the message of that number."""
    return b"".join(part.span.of(exchange.data) for part in parts if f"m{number}" in part.tokens)


@pytest.mark.parametrize("read_size", [5, 65536])
@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_bytes_are_told_to_be_in_the_message_that_carries_them(parser: str, read_size: int) -> None:
    """For every request of the table: the parts of a body are its messages, byte for byte."""
    met = 0
    for name, request in REQUESTS.items():
        data = request if isinstance(request, bytes) else b"".join(request)
        if len(data) > 2000:
            continue
        inspection = asgi_inspect.inspect(data, parser=parser, read_size=read_size, strict_bytes=True)
        for exchange in inspection.exchanges:
            parts = parts_of(exchange)
            assert all(one.span.end <= after.span.start for one, after in pairwise(parts)), name
            if not any(token.startswith("m") and token[1:].isdigit() for part in parts for token in part.tokens):
                continue
            bodies = [message["body"] for message in exchange.receive if message["type"] == "http.request"]
            assert [carried(exchange, parts, number) for number in range(1, len(bodies) + 1)] == bodies, name
            met += 1

    assert met > 30


def test_of_a_chunked_body_the_sizes_are_framing() -> None:
    data = (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n"
    )
    (exchange,) = asgi_inspect.inspect(data).exchanges
    behind = [part for part in parts_of(exchange) if part.span.start >= exchange.head.span.end]

    assert [(part.span.of(data), part.kind) for part in behind] == [
        (b"3\r\n", "framing"),
        (b"abc", "body"),
        (b"\r\n2;x=y\r\n", "framing"),
        (b"de", "body"),
        (b"\r\n0\r\n", "framing"),
        (b"T", "name"),
        (b"v", "value"),
    ]


@pytest.mark.parametrize("name", RUNS)
def test_of_a_response_every_byte_is_told_what_it_is(name: str) -> None:
    inspection = inspected(name)
    for exchange in inspection.exchanges:
        response = exchange.response
        if response is None or isinstance(response.wire, Folded) or exchange.http2 is not None:
            continue
        parts = list(parts_of_response(response.wire, exchange, inspection.default_headers))
        assert b"".join(part.data for part in parts) == response.wire
        content = b"".join(part.data for part in parts if part.kind == "content")
        assert content == (response.body if exchange.websocket is None else b"")


def test_it_is_told_who_wrote_a_line_and_which_bytes_are_framing() -> None:
    inspection = inspected("a stream")
    exchange = inspection.exchanges[0]
    assert exchange.response is not None
    assert isinstance(exchange.response.wire, bytes)
    parts = [
        (part.kind, part.data)
        for part in parts_of_response(exchange.response.wire, exchange, inspection.default_headers)
    ]

    assert [kind for kind, _ in parts[:7]] == ["status", "server", "server", "app", "server", "end", "chunk"]
    assert parts[4][1] == b"transfer-encoding: chunked\r\n"
    assert parts[6:9] == [("chunk", b"8\r\n"), ("content", b"piece 1\n"), ("chunk", b"\r\n")]
    assert parts[-2:] == [("chunk", b"0\r\n"), ("chunk", b"\r\n")]


@pytest.mark.parametrize("wire", [b"zz\r\nabc", b"5\r\nab", b"2\r\nabX", b"fffffffffffffff\r\nx", b"0\r\n", b""])
def test_chunks_that_do_not_hold_are_content(wire: bytes) -> None:
    """An application may say chunked and send what it likes."""
    exchange = inspected("a stream").exchanges[0]
    whole = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + wire

    assert b"".join(part.data for part in parts_of_response(whole, exchange, ())) == whole


def test_the_lines_around_a_place_are_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("one\ntwo\nthree\nfour\n")

    assert [(line.number, line.text, line.named) for line in lines_around(f"{file}:2", 1)] == [
        (1, "one", False),
        (2, "two", True),
        (3, "three", False),
    ]
    assert [line.number for line in lines_around(f"{file}:4", 2)] == [2, 3, 4]


@pytest.mark.parametrize(
    "place", ["", "app.py", "app.py:", "app.py:x", "app.py:0", "no/such.py:1", "\0:1", "/:1", "a" * 999]
)
def test_where_there_is_no_line_none_is_shown(place: str) -> None:
    assert lines_around(place, 2) == ()
    assert source_html(place, around=2).startswith('<figure class="source">')


def test_a_source_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "app.pyc").write_bytes(b"\xff\xfe\x00\n")

    assert lines_around(f"{tmp_path}/app.pyc:1", 0) == ()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", '<code class="str">&quot;text&quot;</code>'),
        (b"by", '<code class="byt">b&quot;by&quot;</code>'),
        (200, '<code class="oth">200</code>'),
        ("\u202e", '<code class="str">&quot;\\u202e&quot;</code>'),
    ],
)
def test_values_read_as_python(value: object, shown: str) -> None:
    assert value_html(value, 100) == shown


def test_long_values_are_folded() -> None:
    assert "9.8 KiB" in value_html(b"x" * 10_000, 100)
    assert "10,000 characters" in value_html("x" * 10_000, 100)
    assert "5 bytes, sha256 0" in value_html(Folded(length=5, sha256="0" * 64, head=b"a"), 100).replace(
        "5 bytes", "5 bytes"
    )
    assert 'class="pair"' in mapping_html({"headers": [(b"a", b"b")]}, 100)


def test_the_seven_steps_tell_what_happened() -> None:
    inspection = inspected("refused")
    told = journey_html(inspection.exchanges[0], inspection.server)

    assert told.count("<li") == len(STEPS) == 7
    assert "httptools refuses: Missing expected CR after header value" in told
    assert told.count('class="not"') == 3


def test_every_meaning_is_a_sentence() -> None:
    for meaning in (*SCOPE_KEYS.values(), *FIELDS.values(), *MESSAGES.values()):
        assert meaning.says.endswith("."), meaning
        assert len(meaning.says) < 100, meaning
