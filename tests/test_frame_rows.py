"""tshark -x gives the true bytes; blocks that repeat them are left out, a lost row is noticed."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.formats import recognised
from asgi_inspect.captures.frame_rows import FORMAT, read, recognise
from asgi_inspect.captures.links import network_start
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse
from tests.packets import LINKS, ip4, ip6, packets, tcp

CASES = [case for case in captured("tshark") if case.name.startswith("x-")]
(TWO,) = [case for case in CASES if case.name == "x-two.txt"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_true_bytes(case: Captured) -> None:
    found = recognised(case.data)
    assert found is not None
    assert found[0].name == FORMAT
    capture = read(case.data, case.name)
    assert data_of(capture) == case.true
    assert capture.fidelity is Fidelity.EXACT


def rows(packet: bytes, gap: str = "   ") -> str:
    return "".join(f"{start:04x}{gap}{packet[start : start + 16].hex(' ')}\n" for start in range(0, len(packet), 16))


def test_wiresharks_copy_is_read_as_well() -> None:
    wire = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    text = "\n".join(rows(LINKS[1] + packet) for packet in packets([wire])).encode()
    assert recognise(text)
    assert data_of(read(text, "x")) == (wire,)


def test_rows_without_tcp_are_left_to_others() -> None:
    assert recognise(rows(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").encode()) is None


def test_other_frames_are_left_out() -> None:
    arp = b"\xff" * 12 + b"\x08\x06" + bytes(28)
    assert data_of(read(rows(arp).encode() + b"\n" + TWO.data, "x")) == TWO.true


def test_a_lost_row_is_refused_with_its_line() -> None:
    lines = TWO.data.splitlines(keepends=True)
    with pytest.raises(CaptureError, match=r"x, line 3: expected the row of offset 0020"):
        read(b"".join(lines[:2] + lines[3:]), "x")
    with pytest.raises(CaptureError, match=r"x, line 2: expected a row of hex, or a blank line between frames"):
        read(lines[0] + b"something else\n", "x")


def test_a_cut_capture_gives_no_other_bytes() -> None:
    for cut in cuts(TWO.data, 97):
        result = read_or_refuse(read, cut)
        if not isinstance(result, CaptureError):
            assert all(true.startswith(got) for got, true in zip(data_of(result), TWO.true, strict=False))


@pytest.mark.parametrize(("link", "start"), [(1, 14), (101, 0), (113, 16), (276, 20)])
def test_where_ip_begins(link: int, start: int) -> None:
    header = LINKS[link]
    assert network_start(header + ip4(tcp(1, 2, 3))) == start
    version6 = header.replace(b"\x08\x00", b"\x86\xdd")
    assert network_start(version6 + ip6(tcp(1, 2, 3))) == start


def test_a_packet_of_something_else_has_no_ip() -> None:
    assert network_start(b"\xff" * 60) == -1
    assert network_start(b"") == -1
