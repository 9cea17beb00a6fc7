"""Packet files give the true bytes on every link type; a cut file and an unknown link are refused."""

from __future__ import annotations

import random
import time

import pytest

from asgi_inspect.captures.capture import Capture, CaptureError, Fidelity
from asgi_inspect.captures.pcap import read, read_ng, recognise, recognise_ng
from tests import packets
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, segments_of

CASES = [case for case in captured("pcap") if case.name != "tcpdump-snaplen.pcap"]
WRITES = {
    "tcpdump-lo.pcap": ((87,), (83, 156, 83), (458,), (779,), (175, 5)),
    "tcpdump-any.pcap": ((83, 156, 83),),
    "tshark-lo.pcapng": ((166,), (151,), (151,)),
}
PIECES = (b"POST / HTTP/1.1\r\nHost: a\r\n", b"Content-Length: 4\r\n\r\n", b"ab", b"cd")


def either(data: bytes, source: str) -> Capture:
    return read(data, source) if recognise(data) else read_ng(data, source)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_true_bytes(case: Captured) -> None:
    assert bool(recognise(case.data)) != bool(recognise_ng(case.data))
    capture = either(case.data, case.name)
    assert data_of(capture) == case.true
    assert capture.fidelity is Fidelity.EXACT
    assert capture.findings == ()
    assert segments_of(capture) == WRITES.get(case.name, segments_of(capture))
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_snap_length_that_cut_is_refused_with_the_count() -> None:
    (case,) = [case for case in captured("pcap") if case.name == "tcpdump-snaplen.pcap"]
    with pytest.raises(
        CaptureError, match=r"82 bytes that the client of connection 1 sent are missing after byte 84.*tcpdump"
    ):
        read(case.data, case.name)


@pytest.mark.parametrize("link", sorted(packets.LINKS))
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_link_type(link: int, order: str) -> None:
    capture = read(packets.pcap(packets.packets(PIECES), link, order), "x")
    assert data_of(capture) == (b"".join(PIECES),)
    assert segments_of(capture) == (tuple(map(len, PIECES)),)


@pytest.mark.parametrize("kind", [2, 3, 6])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_kind_of_block(kind: int, order: str) -> None:
    data = packets.pcapng(packets.packets(PIECES), 1, order, kind)
    assert recognise_ng(data)
    assert data_of(read_ng(data + data, "x")) == (b"".join(PIECES),)


def test_a_tagged_frame_and_ipv6() -> None:
    frames = [packets.ip6(packets.tcp(1, 2, 0, b"".join(PIECES)))]
    assert data_of(read(packets.pcap(frames), "x")) == (b"".join(PIECES),)
    tagged = packets.pcap(packets.packets(PIECES), 1, tag=b"\x88\xa8\0\1\x81\0\0\2")
    assert data_of(read(tagged, "x")) == (b"".join(PIECES),)


def test_an_unknown_link_type_is_refused_by_number() -> None:
    data = bytearray(packets.pcap(packets.packets(PIECES)))
    data[20] = 105
    with pytest.raises(CaptureError, match=r"link type 105.*tcpdump -i any"):
        read(bytes(data), "x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cut_file_is_refused_or_holds_a_beginning(case: Captured) -> None:
    for cut in cuts(case.data):
        result = read_or_refuse(either, cut)
        if not isinstance(result, CaptureError):
            assert all(true.startswith(got) for got, true in zip(data_of(result), case.true, strict=False))


def test_a_cut_file_says_which_packet() -> None:
    data = packets.pcap(packets.packets(PIECES))
    with pytest.raises(CaptureError, match="packet 10 at byte 595 is cut: expected 40 bytes, 39 are left") as refusal:
        read(data[:-1], "x")
    assert "tcpdump -w FILE" in str(refusal.value)


def test_a_block_that_contradicts_itself_is_refused() -> None:
    data = bytearray(packets.pcapng(packets.packets(PIECES)))
    data[48 + 8] = 9  # the interface of the first packet
    with pytest.raises(CaptureError, match="contradicts itself"):
        read_ng(bytes(data), "x")


@pytest.mark.parametrize("seed", range(200))
def test_damage_is_refused_or_read_and_nothing_else(seed: int) -> None:
    shake = random.Random(seed)
    data = bytearray(packets.pcapng(packets.packets(PIECES)) if seed % 2 else packets.pcap(packets.packets(PIECES), 1))
    for _ in range(1 + seed % 7):
        data[shake.randrange(4, len(data))] = shake.randrange(256)
    read_or_refuse(read_ng if seed % 2 else read, bytes(data))


def test_many_small_packets_are_read_fast() -> None:
    """100 MiB at 20 MiB/s is asked for; packets of one byte are the worst that a file can hold."""
    data = packets.pcap(packets.packets([b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + b"x" * 1400] * 3000), 1)
    begun = time.perf_counter()
    (connection,) = read(data, "x").connections
    assert len(data) / 2**20 / (time.perf_counter() - begun) > 20
    assert len(connection.data) == 3000 * 1427
