"""Every span that is shown gives its value; where the bytes do not give it, there is none."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_inspect import Exchange, Inspection, Span, inspect
from asgi_inspect.servers import known_heads
from tests.commands import SAMPLES
from tests.request_table import REQUESTS, reads

PARSERS = ("httptools", "h11")
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def spans_give_their_values(exchange: Exchange, data: bytes, root_path: str = "") -> int:
    """Check every span of an exchange; how many there were."""
    found = exchange.provenance
    scope = exchange.scope
    if scope is None:
        assert found == {}
        return 0
    assert set(found) <= {"method", "http_version", "path", "raw_path", "query_string", "headers"}
    flat: list[tuple[Span, bytes | str]] = []
    for key, given_by in found.items():
        if scope["type"] == "websocket" and key == "method":
            continue  # the handshake has one, its scope has not
        if key == "headers":
            assert len(given_by) == len(scope["headers"])
            for spans, header in zip(given_by, scope["headers"], strict=True):
                for which, span in enumerate(spans):
                    if span is not None:
                        seen = span.of(data)
                        assert (seen.lower() if which == 0 else seen) == header[which]
                        flat.append((span, header[which]))
            places = [name for name, _ in given_by if name is not None]
            assert places == sorted(set(places)), "one field, one header, in the order of the wire"
        elif key == "path":
            assert unquote(given_by.of(data).decode("ascii")) == scope["path"].removeprefix(root_path)
            flat.append((given_by, scope["path"]))
        elif key == "raw_path":
            assert given_by.of(data) == scope["raw_path"].removeprefix(root_path.encode())
            flat.append((given_by, scope["raw_path"]))
        elif key == "query_string":
            assert given_by.of(data) == scope["query_string"]
            assert data[given_by.start - 1 : given_by.start] == b"?"
            flat.append((given_by, scope["query_string"]))
        else:
            assert given_by.of(data).decode("ascii") == scope[key]
            flat.append((given_by, scope[key]))
    for span, value in flat:
        assert exchange.span.start <= span.start <= span.end <= exchange.span.end, value
    return len(flat)


def first(data: bytes, parser: str, **options: Any) -> tuple[Exchange, bytes]:
    """The first exchange and the bytes of its connection."""
    inspection = inspect(data, parser=parser, **options)
    return inspection.exchanges[0], inspection.capture.connections[0].data


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_part_of_a_sample_is_found(path: Any, parser: str) -> None:
    inspection = inspect(path.read_bytes(), parser=parser)
    for exchange in inspection.exchanges:
        found = spans_give_their_values(exchange, inspection.capture.connections[0].data)
        if exchange.scope is None:
            continue
        missing = 1 if path.name == "folded-header.http" else 0
        query = 1 if exchange.scope["query_string"] else 0
        method = 1 if "method" in exchange.scope else 0
        assert found == 3 + method + query + 2 * len(exchange.scope["headers"]) - missing


@pytest.mark.parametrize("parser", PARSERS)
def test_every_request_of_the_table(parser: str) -> None:
    shown = 0
    for name in REQUESTS:
        data = b"".join(reads(name))
        inspection = inspect(data, parser=parser, strict_bytes=True)
        for exchange in inspection.exchanges:
            try:
                shown += spans_give_their_values(exchange, data)
            except (AssertionError, UnicodeDecodeError) as error:
                raise AssertionError(name, exchange.provenance, exchange.scope) from error

    assert shown > 4000


@pytest.mark.parametrize("parser", PARSERS)
def test_the_table_again_under_a_root_path(parser: str) -> None:
    for name in list(REQUESTS)[::3]:
        data = b"".join(reads(name))
        for exchange in inspect(data, parser=parser, strict_bytes=True, root_path="/api").exchanges:
            spans_give_their_values(exchange, data, "/api")


@given(st.binary(max_size=200), st.sampled_from(PARSERS))
def test_any_bytes(data: bytes, parser: str) -> None:
    inspection = inspect(b"GET / HTTP/1.1\r\nHost: x\r\n" + data, parser=parser)
    for exchange in inspection.exchanges:
        spans_give_their_values(exchange, inspection.capture.connections[0].data)


LINES = [b"GET / HTTP/1.1", b"GET /a?b=c HTTP/1.1", b"POST http://x/y?z HTTP/1.1", b"OPTIONS * HTTP/1.1"]
FIELDS = [
    b"Host: x\r\n\r\n",
    b"Host: x\r\nA: 1\r\na:2 \r\n\r\n",
    b"Host: x\r\nContent-Length: 3\r\n\r\nabc",
    b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: v\r\n\r\n",
    b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nU: v\r\n\r\n",
    b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]


@given(st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from(FIELDS)), max_size=8), st.sampled_from(PARSERS))
def test_heads_that_come_again_are_placed_as_if_they_were_alone(heads: list[tuple[bytes, bytes]], parser: str) -> None:
    data = b"".join(line + b"\r\n" + rest for line, rest in heads)
    inspection = inspect(data, parser=parser, from_="raw", strict_bytes=True)
    found = [exchange.provenance for exchange in inspection.exchanges]

    assert len(found) == len(heads)
    for exchange, known in zip(inspection.exchanges, found, strict=True):
        spans_give_their_values(exchange, data)
        known_heads._known.clear()
        known_heads._fields.clear()
        assert exchange.provenance == known


def parts(exchange: Exchange, data: bytes) -> dict[str, bytes]:
    """What each key of the scope points at."""
    return {key: span.of(data) for key, span in exchange.provenance.items() if key != "headers"}


def headers(exchange: Exchange, data: bytes) -> list[tuple[bytes | None, bytes | None]]:
    """What each header points at."""
    pairs = exchange.provenance["headers"]
    return [(name and name.of(data), value and value.of(data)) for name, value in pairs]


WHOLE = {"method": b"GET", "http_version": b"1.1"}
HEAD = b" HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("target", "httptools", "h11"),
    [
        (b"/a?b", {"path": b"/a", "query_string": b"b"}, {"path": b"/a", "query_string": b"b"}),
        (b"/a?", {"path": b"/a", "query_string": b""}, {"path": b"/a", "query_string": b""}),
        (b"/a", {"path": b"/a"}, {"path": b"/a"}),
        (b"/a?b?c", {"path": b"/a", "query_string": b"b?c"}, {"path": b"/a", "query_string": b"b?c"}),
        (b"/caf%C3%A9", {"path": b"/caf%C3%A9"}, {"path": b"/caf%C3%A9"}),
        (b"/%ff%zz", {"path": b"/%ff%zz"}, {"path": b"/%ff%zz"}),
        (b"//a//b", {"path": b"//a//b"}, {"path": b"//a//b"}),
        (b"http://o/p?q", {"path": b"/p", "query_string": b"q"}, {"path": b"http://o/p", "query_string": b"q"}),
        (b"http://o/http://o/p", {"path": b"/http://o/p"}, {"path": b"http://o/http://o/p"}),
        (b"*", {"path": b"*"}, {"path": b"*"}),
    ],
)
def test_targets(target: bytes, httptools: dict[str, bytes], h11: dict[str, bytes]) -> None:
    for parser, expected in (("httptools", httptools), ("h11", h11)):
        exchange, data = first(b"GET " + target + HEAD, parser)
        if exchange.scope is None:
            continue
        found = parts(exchange, data)
        assert found.pop("raw_path", None) == found.get("path")
        assert found == WHOLE | expected, parser


@pytest.mark.parametrize("parser", PARSERS)
def test_the_root_path_is_no_part_of_the_bytes(parser: str) -> None:
    exchange, data = first(b"GET /api/x?y" + HEAD, parser, root_path="/api")

    assert exchange.scope is not None
    assert exchange.scope["raw_path"] == b"/api/api/x"
    assert parts(exchange, data)["path"] == b"/api/x"


@pytest.mark.parametrize("parser", PARSERS)
def test_repeated_headers_have_a_place_each(parser: str) -> None:
    data = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-B: 1\r\nx-a: 1\r\nX-A:  1 \r\n\r\n"
    exchange, _ = first(data, parser)
    places = [value.start for _, value in exchange.provenance["headers"]]
    last = (b"X-A", b"1 " if parser == "httptools" else b"1")  # httptools keeps what stands behind a value

    assert headers(exchange, data) == [(b"Host", b"x"), (b"X-A", b"1"), (b"X-B", b"1"), (b"x-a", b"1"), last]
    assert places == sorted(set(places))


def test_a_folded_value_is_left_out_with_h11() -> None:
    data = b"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nY: c\r\n\r\n"
    exchange, _ = first(data, "h11")

    assert exchange.scope is not None
    assert exchange.scope["headers"][1] == (b"x", b"a b")
    assert headers(exchange, data) == [(b"Host", b"x"), (b"X", None), (b"Y", b"c")]


def test_a_value_that_h11_writes_anew_is_left_out() -> None:
    data = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n"

    assert headers(*first(data, "h11")) == [(b"Host", b"x"), (b"Transfer-Encoding", None)]
    assert headers(*first(data, "httptools")) == [(b"Host", b"x"), (b"Transfer-Encoding", b"CHUNKED")]


def test_trailers_that_httptools_appends_are_found_behind_the_body() -> None:
    data = (
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n"
        b'3;T="T: v"\r\nT: \r\n0\r\nT: v\r\nU: w\r\n\r\n'
    )
    exchange, _ = first(data, "httptools")

    assert exchange.scope is not None
    assert exchange.scope["headers"][-2:] == [(b"t", b"v"), (b"u", b"w")]
    assert headers(exchange, data)[-2:] == [(b"T", b"v"), (b"U", b"w")]
    assert exchange.provenance["headers"][-2][0].start == data.rindex(b"T: v")
    assert len(headers(*first(data, "h11"))) == 3


@pytest.mark.parametrize("parser", PARSERS)
def test_a_second_request_points_at_its_own_bytes(parser: str) -> None:
    one = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 24\r\n\r\nGET /a HTTP/1.1\r\nHost: y"
    inspection = inspect(one + b"\r\n" + one, parser=parser)
    data = inspection.capture.connections[0].data
    second: Exchange = inspection.exchanges[1]

    assert all(exchange.scope is not None for exchange in inspection.exchanges) or parser == "h11"
    if second.scope is not None:
        start = len(data) - len(one)
        assert second.provenance["method"] == Span(start, start + 4)
        assert second.provenance["headers"][0][0].start == start + 18


def test_repaired_text_is_pointed_at_as_the_server_gets_it() -> None:
    inspection: Inspection = inspect(b"\n\nGET /a?b HTTP/2 \nHost: x\nAccept: y")
    (exchange,) = inspection.exchanges
    data = inspection.capture.connections[0].data

    assert data == b"GET /a?b HTTP/1.1\r\nHost: x\r\nAccept: y\r\n\r\n"
    assert parts(exchange, data) == WHOLE | {"path": b"/a", "raw_path": b"/a", "query_string": b"b"}
    assert headers(exchange, data) == [(b"Host", b"x"), (b"Accept", b"y")]


def test_a_question_mark_in_a_fragment_begins_no_query() -> None:
    exchange, data = first(b"GET /a#f?q" + HEAD, "httptools")

    assert exchange.scope is not None
    assert (exchange.scope["path"], exchange.scope["query_string"]) == ("/a", b"")
    assert "query_string" not in parts(exchange, data)


@pytest.mark.parametrize(
    "chunks",
    [
        b"2\r\nab\r\n-d\r\n",  # back to the first chunk, for ever
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"1_0\r\n0123456789abcdef\r\n0\r\n\r\n",
        b"\xd9\xa5\r\nhello\r\n0\r\n\r\n",
        b" \r\nhello\r\n0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("parser", PARSERS)
def test_a_chunk_size_is_hexadecimal_digits_and_nothing_else(parser: str, chunks: bytes) -> None:
    """What Python takes for a number, no parser does (RFC 9112 §7.1); a negative one led round in a circle."""
    exchange = inspect(CHUNKED + chunks, parser=parser, read_size=len(CHUNKED)).exchanges[0]

    assert exchange.verdict == "rejected"
    assert exchange.body.end is None
