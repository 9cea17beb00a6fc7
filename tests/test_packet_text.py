"""tcpdump's hex text gives the true bytes; a lost row is noticed."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.packet_text import read, recognise
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse

CASES = [case for case in captured("tcpdump") if not case.name.startswith("A")]
TEXT = [case for case in captured("tcpdump") if case.name.startswith("A")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_true_bytes(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    assert data_of(capture) == case.true
    assert capture.fidelity is Fidelity.EXACT
    assert all(len(connection.segments) >= 1 for connection in capture.connections)


@pytest.mark.parametrize("case", TEXT, ids=lambda case: case.name)
def test_text_without_hex_is_not_recognised(case: Captured) -> None:
    assert recognise(case.data) is None


def test_a_lost_row_is_refused_with_its_line() -> None:
    lines = CASES[0].data.splitlines(keepends=True)
    with pytest.raises(CaptureError, match=r"x, line 3: expected the row of offset 0x0010"):
        read(b"".join(lines[:2] + lines[3:]), "x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cut_capture_gives_no_other_bytes(case: Captured) -> None:
    for cut in cuts(case.data, 97):
        result = read_or_refuse(read, cut)
        if not isinstance(result, CaptureError):
            assert all(true.startswith(got) for got, true in zip(data_of(result), case.true, strict=False))


def test_something_else_in_the_packets_is_refused() -> None:
    with pytest.raises(CaptureError, match="no IP packet"):
        read(b"00:00:00.0 IP a > b:\n\t0x0000:  ffff ffff\n", "x")


def test_blank_lines_take_no_time() -> None:
    assert recognise(b"\n \n" * 100_000 + b"x") is None
