"""tcpflow -cD gives the true bytes, -c all but those behind a dot."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.tcpflow_log import read, read_text, recognise, recognise_text
from tests.captured import Captured, captured, cuts, data_of, difference, read_or_refuse, rules_of

(HEX,) = [case for case in captured("tcpflow") if "D" in case.name]
TEXT = [case for case in captured("tcpflow") if "D" not in case.name]


def test_hex_gives_the_true_bytes() -> None:
    assert recognise(HEX.data)
    assert not recognise_text(HEX.data)
    capture = read(HEX.data, "x")
    assert data_of(capture) == HEX.true
    assert capture.fidelity is Fidelity.EXACT
    assert capture.findings == ()


@pytest.mark.parametrize("case", TEXT, ids=lambda case: case.name)
def test_text_differs_only_at_dots(case: Captured) -> None:
    assert recognise_text(case.data)
    assert not recognise(case.data)
    capture = read_text(case.data, case.name)
    assert difference(capture, case) <= {b"."}
    assert capture.fidelity is Fidelity.REPAIRED
    assert set(rules_of(capture)) == {"bytes-guessed"}
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 200 OK\r\n")


def test_text_that_looks_like_hex_is_told_from_it() -> None:
    """A single row is not padded: what is hex and what is text shows in that they agree."""
    data = b"127.000.000.001.00001-127.000.000.001.00002: \n0000: 6162 6364 ab cd abcd\n\n"
    with pytest.raises(CaptureError, match="line 2: the hex of this row and its text do not agree"):
        read(data, "x")
    assert data_of(read(data.replace(b"ab cd abcd", b"abcd"), "x")) == (b"abcd",)


def test_a_lost_row_is_refused_with_its_line() -> None:
    lines = HEX.data.splitlines(keepends=True)
    with pytest.raises(CaptureError, match=r"x, line 3: expected the row of offset 0020"):
        read(b"".join(lines[:2] + lines[3:]), "x")


@pytest.mark.parametrize("case", [HEX, *TEXT], ids=lambda case: case.name)
def test_a_cut_log_gives_no_other_bytes(case: Captured) -> None:
    for cut in cuts(case.data, 29):
        result = read_or_refuse(read if case is HEX else read_text, cut)
        if not isinstance(result, CaptureError) and case is HEX:
            assert all(true.startswith(got) for got, true in zip(data_of(result), case.true, strict=False))
