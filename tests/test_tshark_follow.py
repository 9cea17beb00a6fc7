"""Followed streams in raw, hex and yaml give the true bytes; ascii and utf-8 are refused by name."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import Capture, CaptureError, Fidelity
from asgi_inspect.captures.tshark_follow import read, read_yaml, recognise, recognise_yaml
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, segments_of

CASES = [case for case in captured("tshark") if "ascii" not in case.name and "utf-8" not in case.name]
LOSSY = [case for case in captured("tshark") if "ascii" in case.name or "utf-8" in case.name]
WRITES = {"1": ((83, 156, 83),), "2": ((458,),), "4": ((175, 5),)}


def either(data: bytes, source: str) -> Capture:
    return read_yaml(data, source) if recognise_yaml(data) else read(data, source)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_true_bytes(case: Captured) -> None:
    assert bool(recognise(case.data)) != bool(recognise_yaml(case.data))
    capture = either(case.data, case.name)
    assert sorted(data_of(capture)) == sorted(case.true)  # tshark prints the streams in its own order
    assert capture.fidelity is Fidelity.EXACT
    number = case.name.removesuffix(".txt").rpartition("-")[2]
    assert segments_of(capture) == WRITES.get(number, segments_of(capture))
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("case", LOSSY, ids=lambda case: case.name)
def test_lossy_modes_are_refused_with_the_better_one(case: Captured) -> None:
    assert recognise(case.data)
    with pytest.raises(CaptureError, match=r"so the bytes are lost.*follow,tcp,raw,0"):
        read(case.data, "x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cut_capture_gives_no_other_bytes(case: Captured) -> None:
    for cut in cuts(case.data, 31):
        result = read_or_refuse(either, cut)
        if not isinstance(result, CaptureError):
            assert all(any(true.startswith(got) for true in case.true) for got in data_of(result))


def test_a_lost_line_is_refused() -> None:
    (case,) = [case for case in CASES if case.name == "follow-hex-1.txt"]
    with pytest.raises(CaptureError, match=r"x, line 8: expected the row of offset 00000010"):
        read(case.data.replace(b"00000010  31", b"00000011  31"), "x")
    (case,) = [case for case in CASES if case.name == "follow-raw-1.txt"]
    with pytest.raises(CaptureError, match=r"line 7: expected a line of tshark's raw mode"):
        read(case.data.replace(b"474554", b"47455"), "x")
