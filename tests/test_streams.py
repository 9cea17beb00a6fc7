"""TCP streams come together whatever the order; a gap is counted, and other protocols are left out."""

from __future__ import annotations

import random

import pytest

from asgi_inspect.captures.capture import Capture, CaptureError, Fidelity
from asgi_inspect.captures.pcap import read
from tests.captured import data_of, rules_of, segments_of
from tests.packets import ACK, CLIENT, PSH, SERVER, SYN, ip4, packets, pcap, tcp

REQUEST = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"
PIECES = [REQUEST[start : start + 9] for start in range(0, len(REQUEST), 9)]


def capture(frames: list[bytes]) -> Capture:
    return read(pcap(frames), "x")


@pytest.mark.parametrize("start", [0, 1000, 0xFFFFFFFF - 20, 0xFFFFFFFE])
@pytest.mark.parametrize("seed", range(5))
def test_any_order_and_repeats(start: int, seed: int) -> None:
    shake = random.Random(seed)
    first, *rest = packets(PIECES, start)
    frames = rest + shake.choices(rest, k=5)
    shake.shuffle(frames)
    got = capture([first, *frames])
    assert data_of(got) == (REQUEST,)
    assert got.fidelity is Fidelity.EXACT


def test_overlapping_repeats_give_each_byte_once() -> None:
    frames = packets([REQUEST[:20], REQUEST[20:]])
    frames.insert(4, ip4(tcp(CLIENT, SERVER, 1001 + 10, REQUEST[10:30])))
    assert data_of(capture(frames)) == (REQUEST,)


def test_segments_end_where_the_sender_pushed() -> None:
    quiet = [ip4(tcp(CLIENT, SERVER, 1001, REQUEST[:20], ACK)), ip4(tcp(CLIENT, SERVER, 1021, REQUEST[20:], ACK | PSH))]
    assert segments_of(capture(packets([])[:2] + quiet)) == ((len(REQUEST),),)


def test_without_a_handshake_the_request_line_tells_the_client() -> None:
    answer = ip4(tcp(SERVER, CLIENT, 5, b"HTTP/1.1 200 OK\r\n\r\n"))
    got = capture([answer, *packets(PIECES, handshake=False)])
    assert data_of(got) == (REQUEST,)
    assert rules_of(got) == ["connection-start-missing"]


def test_a_gap_in_one_of_two_is_an_error_at_its_place() -> None:
    other = [frame.replace(CLIENT.to_bytes(2, "big"), b"\xc3\x51") for frame in packets(PIECES)]
    frames = packets(PIECES)
    del frames[6]
    got = capture(frames + other)
    first, second = data_of(got)
    assert second == REQUEST
    assert first == b"".join(PIECES[:2])
    assert got.findings[0].message.startswith("9 bytes that the client of connection 1 sent are missing after byte 18")
    assert got.fidelity is Fidelity.REPAIRED


def test_ports_used_again_are_another_connection() -> None:
    assert data_of(capture(packets(PIECES, 5000) + packets([REQUEST], 90000))) == (REQUEST, REQUEST)


def test_other_protocols_are_left_out_and_counted() -> None:
    ssh = [ip4(tcp(9, 22, 1, flags=SYN)), ip4(tcp(9, 22, 2, b"SSH-2.0-x\r\n"))]
    got = capture(ssh + packets(PIECES))
    assert data_of(got) == (REQUEST,)
    assert rules_of(got) == ["connections-skipped"]


@pytest.mark.parametrize(
    ("payload", "problem"),
    [(b"\x16\x03\x01\x00\x05", "encrypted"), (b"SSH-2.0-x", "no TCP connection with data")],
)
def test_nothing_to_read_is_refused_by_name(payload: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        capture([ip4(tcp(9, 22, 1, flags=SYN)), ip4(tcp(9, 22, 2, payload))])


def test_a_broken_request_after_a_handshake_is_still_the_clients() -> None:
    assert data_of(capture(packets([b"\0\0 nonsense\r\n\r\n"]))) == (b"\0\0 nonsense\r\n\r\n",)


def test_a_response_alone_is_refused() -> None:
    frames = [*packets([])[:2], ip4(tcp(SERVER, CLIENT, 78, b"HTTP/1.1 200 OK\r\n\r\n"))]
    with pytest.raises(CaptureError, match="a response only"):
        capture(frames)
