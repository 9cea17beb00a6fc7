"""Followed streams in raw, hex and yaml give the true bytes; ascii and utf-8 all but those they cannot draw."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import Capture, CaptureError, Fidelity
from asgi_inspect.captures.tshark_follow import read, read_yaml, recognise, recognise_yaml
from tests.captured import Captured, captured, cuts, data_of, difference, read_or_refuse, rules_of, segments_of

FOLLOWED = [case for case in captured("tshark") if not case.name.startswith("x-")]
CASES = [case for case in FOLLOWED if "ascii" not in case.name and "utf-8" not in case.name]
LOSSY = [case for case in FOLLOWED if "ascii" in case.name or "utf-8" in case.name]
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
def test_text_differs_only_at_dots(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    assert difference(capture, case) <= {b"."}
    assert capture.fidelity is Fidelity.REPAIRED
    assert rules_of(capture) == ["bytes-guessed"]
    number = case.name.removesuffix(".txt").rpartition("-")[2]
    assert segments_of(capture) == WRITES[number]
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 ")


UTF8 = """
===================================================================
Follow: tcp,utf-8
Filter: tcp.stream eq 0
Node 0: 127.0.0.1:45670
Node 1: 127.0.0.1:8000
{length}
{request}
\t17
HTTP/1.1 200 OK\r


===================================================================
"""


def test_a_byte_that_utf_8_does_not_draw_is_another_such_byte() -> None:
    """As tshark 4.4 writes it: U+FFFD for the byte, and the length of the text with it."""
    drawn = "POST /\ufffd HTTP/1.1\r\nContent-Length: 5\r\n\r\né\ufffd\ufffdx"
    text = UTF8.format(length=len(drawn.encode()), request=drawn).replace("\n\n===", "\n===")

    capture = read(text.encode(), "x")

    assert data_of(capture) == (b"POST /\xff HTTP/1.1\r\nContent-Length: 5\r\n\r\n\xc3\xa9\xff\xffx",)
    assert [finding.message[:11] for finding in capture.findings] == ["3 signs are"]


@pytest.mark.parametrize("case", LOSSY, ids=lambda case: case.name)
def test_cut_text_is_refused(case: Captured) -> None:
    for cut in cuts(case.data.rstrip(b"=\n"), 31):
        assert isinstance(read_or_refuse(read, cut), CaptureError)


def test_text_that_is_not_as_long_as_it_says_is_refused_with_its_line() -> None:
    data = LOSSY[0].data.replace(b"\n156\n", b"\n157\n")
    with pytest.raises(CaptureError, match=r"line 20: the piece is not as long as this line says; that line is \"157"):
        read(data, "x")


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
