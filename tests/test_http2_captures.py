"""Captures of curl and httpx: what they were answered over a socket is what is shown, stream by stream."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hpack import Decoder

import asgi_inspect
from asgi_inspect import By, Exchange, Outcome, Verdict
from asgi_inspect.servers.http2_frames import FrameType, split_frames
from tests.apps.over_http2 import app

FOLDER = Path(__file__).parent / "http2_captures"
NAMES = sorted(path.stem for path in FOLDER.glob("*.bin"))
Answer = tuple[list[list[tuple[bytes, bytes]]], bytes, list[int]]


def answers(wire: bytes) -> dict[int, Answer]:
    """The field blocks, the content and the resets of each stream, read with another HPACK decoder."""
    decoder = Decoder(max_header_list_size=1 << 20)
    found: dict[int, Answer] = {}
    blocks: dict[int, bytes] = defaultdict(bytes)
    for frame in split_frames(wire):
        if not frame.stream:
            continue
        heads, content, resets = found.get(frame.stream, ([], b"", []))
        if frame.type in (FrameType.HEADERS, FrameType.CONTINUATION):
            blocks[frame.stream] += frame.payload
            if frame.ends_block:
                heads = [*heads, [(n, v) for n, v in decoder.decode(blocks.pop(frame.stream), raw=True)]]
        elif frame.type == FrameType.DATA:
            content += frame.payload
        elif frame.type == FrameType.RST_STREAM:
            resets = [*resets, int.from_bytes(frame.payload)]
        found[frame.stream] = (heads, content, resets)
    return found


def shown(name: str, **options: object) -> asgi_inspect.Inspection:
    data = (FOLDER / f"{name}.bin").read_bytes()
    return asgi_inspect.inspect(data, app=app, lifespan="off", date_header=False, **options)


def wire_of(exchange: Exchange) -> bytes:
    assert exchange.http2 is not None
    assert isinstance(exchange.http2.connection.wire, bytes)
    return exchange.http2.connection.wire


@pytest.mark.parametrize("name", NAMES)
def test_the_client_is_answered_as_over_a_socket(name: str) -> None:
    """The application's account of its scope and its messages is in the content. A client's SETTINGS may come
    in a read of its own there, so that what belongs to the connection is not compared."""
    expected = answers((FOLDER / f"{name}.answers").read_bytes())
    found = answers(wire_of(shown(name).exchanges[0]))

    assert set(found) == set(expected)
    for stream, answer in expected.items():
        assert found[stream] == _whole(answer, found[stream]), stream


def _whole(expected: Answer, found: Answer) -> Answer:
    """An answer that the client left in the middle is the beginning of the whole one."""
    heads, content, resets = expected
    return (heads, found[1], resets) if found[1].startswith(content) and len(content) > 60_000 else expected


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_stands_where_its_span_says(name: str) -> None:
    """The client's frames follow the preface to the end of the capture, the server's fill all that it wrote."""
    exchange = shown(name).exchanges[0]
    assert exchange.http2 is not None

    for by_client, start, length in ((True, 24, len(exchange.data)), (False, 0, len(wire_of(exchange)))):
        for frame in exchange.http2.connection.frames:
            if frame.by_client is by_client:
                assert frame.span is not None
                assert frame.span == (start, start + 9 + frame.length)
                start = frame.span.end
        assert start == length


@pytest.mark.parametrize("name", NAMES)
def test_every_request_is_an_exchange(name: str) -> None:
    for exchange in shown(name).exchanges:
        failed = exchange.scope is not None and exchange.scope["path"] == "/raises"

        assert exchange.verdict is Verdict.ACCEPTED
        assert exchange.outcome is (Outcome.RAISED if failed else Outcome.COMPLETED)
        assert exchange.response is not None
        assert (exchange.response.by, exchange.response.status) == (By.APP, 200)


def test_a_capture_with_no_application() -> None:
    """The stand-in reads the whole request, and no answer of its own is among the bytes of the server."""
    data = (FOLDER / "post.bin").read_bytes()
    [exchange] = asgi_inspect.inspect(data).exchanges

    assert exchange.receive == ({"type": "http.request", "body": b"hello", "more_body": False},)
    assert exchange.outcome is Outcome.NOT_RUN
    assert exchange.request is not None
    assert (exchange.request.method, exchange.request.target) == (b"POST", b"/echo")


def test_the_fields_stand_where_provenance_says() -> None:
    [exchange] = shown("cookies").exchanges
    assert exchange.scope is not None

    assert b"%C3%A9" not in exchange.provenance["path"].of(exchange.data), "curl writes it with Huffman's code"
    assert exchange.provenance["path"] == exchange.provenance["query_string"]
    assert len(exchange.provenance["headers"]) == len(exchange.scope["headers"])
    assert exchange.scope["headers"][-1][0] == b"host"
    assert exchange.scope["path"] == "/é"


def test_requests_at_once_are_answered_in_their_order() -> None:
    inspection = shown("httpx")
    paths = [exchange.scope["path"] for exchange in inspection.exchanges if exchange.scope]

    assert paths == ["/one", "/two/0", "/two/1", "/two/2", "/large", "/joined"]
    assert len(inspection.exchanges[-1].receive) >= 1
    assert sum(len(message["body"]) for message in inspection.exchanges[-1].receive) == 100_000


def test_pieces_of_a_body_are_messages_of_their_own() -> None:
    exchange = shown("httpx", read_size=20_000).exchanges[-1]

    assert len(exchange.receive) > 3
    assert [message["more_body"] for message in exchange.receive][-2:] == [True, False]
