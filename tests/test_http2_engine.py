"""What is read of a client's frames, and what goes out for them, equals zttp's own, event by event, byte by byte."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest
import zttp
from hypothesis import given, settings
from hypothesis import strategies as st

from asgi_inspect.events import PREFACE
from asgi_inspect.http2 import Fields, Http2Fault
from asgi_inspect.servers.http2_engine import ConnectionFault, Engine
from asgi_inspect.servers.http2_frames import Frame, frame_bytes
from asgi_inspect.servers.http2_request import Request
from asgi_inspect.span import Span
from tests.http2_cases import CASES
from tests.http2_frames import GET, OPENING, POST, block, data, headers

# A longer search: HTTP2_EXAMPLES=20000 pytest tests/test_http2_engine.py -k any
EXAMPLES = int(os.environ.get("HTTP2_EXAMPLES", "200"))


class Heard:
    """Writes down what an engine tells."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def frame_read(self, frame: Frame) -> None:
        pass

    def block_read(self, stream: int, fields: Fields, places: tuple[Span, ...], *, trailers: bool) -> None:
        if places:
            assert len(places) == len(fields)

    def request(self, stream: int, request: Request, *, ended: bool) -> None:
        headers = [tuple(header) for header in request.headers]
        self.events.append(("request", stream, request.method, request.target, headers, request.protocol, ended))

    def data(self, stream: int, content: bytes) -> None:
        self.events.append(("data", stream, content))

    def ended(self, stream: int) -> None:
        self.events.append(("ended", stream))

    def reset(self, stream: int, code: int, fault: Http2Fault | None) -> None:
        self.events.append(("reset", stream, int(code)))

    def going_away(self) -> None:
        self.events.append("away")


def ours(reads: Sequence[bytes]) -> list[Any]:
    heard = Heard()
    engine = Engine(heard)
    engine.open()
    seen: list[Any] = [engine.take()]
    for read in reads:
        try:
            engine.receive(read)
        except ConnectionFault:
            heard.events.append("fault")
        seen += [*heard.events, engine.take()]
        if heard.events and heard.events[-1] == "fault":
            break
        heard.events.clear()
    return seen


def theirs(reads: Sequence[bytes]) -> list[Any]:
    connection = zttp.Connection(zttp.SERVER, protocol=zttp.HTTP2)
    connection.initiate_connection()
    seen: list[Any] = [connection.data_to_send()]
    for read in reads:
        broken = False
        try:
            connection.receive_data(read)
            while (event := connection.next_event()) is not zttp.NEED_DATA:
                seen += [told] if (told := _told(event)) else []
        except zttp.RemoteProtocolError:
            broken = True
        seen += ["fault"] * broken + [connection.data_to_send()]
        if broken:
            break
    return seen


def _told(event: Any) -> Any:
    match event:
        case zttp.Request():
            told = (event.method, event.target, list(event.headers), event.protocol, event.end_stream)
            return ("request", event.stream_id, *told)
        case zttp.Data():
            return ("data", event.stream_id, event.data)
        case zttp.EndOfMessage():
            return ("ended", event.stream_id)
        case zttp.RstStream():
            return ("reset", event.stream_id, event.error_code)
        case zttp.GoAway():
            return "away"
    return None


@pytest.mark.parametrize("name", CASES)
def test_a_connection_is_read_as_zttp_reads_it(name: str) -> None:
    whole = OPENING + CASES[name]

    assert ours([whole]) == theirs([whole])
    assert ours([whole[:30], whole[30:41], whole[41:]]) == theirs([whole[:30], whole[30:41], whole[41:]])


def test_no_settings_first() -> None:
    for first in (headers(GET), frame_bytes(6, 0, 0, bytes(8)), frame_bytes(4, 1, 0)):
        assert ours([PREFACE + first]) == theirs([PREFACE + first])


def test_every_octet_alone() -> None:
    whole = OPENING + CASES["two bodies interleaved"] + CASES["trailers"].replace(b"\0\0\0\1", b"\0\0\0\5")
    octets = [whole[at : at + 1] for at in range(len(whole))]

    assert ours(octets) == theirs(octets)


def test_streams_without_end() -> None:
    """4,096 are taken on one connection; the next is one too many."""
    whole = OPENING + b"".join(
        headers(POST, stream=2 * n + 1, end=False) + data(b"", stream=2 * n + 1, end=False) for n in range(100)
    )
    assert ours([whole]) == theirs([whole])


FRAMES = st.builds(
    frame_bytes,
    st.one_of(st.integers(0, 9), st.just(200)),
    st.integers(0, 255),
    st.sampled_from([0, 1, 1, 1, 3, 5, 2]),
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from([block(GET), block(POST), b"\0\0\0\1", bytes(8), b"\x82\x86\x84\x41\x01a", b"\xbe"]),
    ),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.one_of(FRAMES, st.sampled_from(list(CASES.values())).filter(lambda c: len(c) < 2000)), max_size=8))
def test_any_frames_are_read_as_zttp_reads_them(frames: list[bytes]) -> None:
    whole = OPENING + b"".join(frames)

    assert ours([whole]) == theirs([whole])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from([case for case in CASES.values() if len(case) < 2000]), st.data())
def test_any_octets_are_read_as_zttp_reads_them(case: bytes, draw: st.DataObject) -> None:
    whole = bytearray(OPENING + case)
    for _ in range(draw.draw(st.integers(1, 4))):
        whole[draw.draw(st.integers(24, len(whole) - 1))] = draw.draw(st.integers(0, 255))

    assert ours([bytes(whole)]) == theirs([bytes(whole)])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.binary(max_size=12), max_size=4))
def test_any_field_block_is_read_as_zttp_reads_it(blocks: list[bytes]) -> None:
    whole = OPENING + b"".join(frame_bytes(1, 5, 2 * number + 1, block(GET) + one) for number, one in enumerate(blocks))

    assert ours([whole]) == theirs([whole])


@pytest.mark.parametrize("streams", [1, 256, 300])
@pytest.mark.parametrize(
    "said",
    [b"", frame_bytes(3, 0, 1, b"\0\0\0\x08"), frame_bytes(8, 0, 1, bytes(4)), frame_bytes(0, 0, 1, b"")],
    ids=["nothing", "RST_STREAM", "WINDOW_UPDATE of nothing", "DATA again"],
)
def test_what_a_client_says_of_a_stream_that_was_reset(streams: int, said: bytes) -> None:
    """DATA behind its end resets it, which counts as one of the resets that are too many at last."""
    frames = []
    for number in range(1, 2 * streams, 2):
        more = said[:5] + number.to_bytes(4) + said[9:] if said else b""
        frames.append(headers(GET, stream=number) + frame_bytes(0, 0, number, b"") + more)
    whole = OPENING + b"".join(frames)

    assert ours([whole]) == theirs([whole])
