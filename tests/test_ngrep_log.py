"""ngrep -x gives the true bytes; -W byline all but those behind a dot; plain ngrep is refused by name."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.ngrep_log import read, read_byline, recognise, recognise_byline
from tests.captured import (
    FOLDER,
    Captured,
    captured,
    cuts,
    data_of,
    difference,
    read_or_refuse,
    rules_of,
    segments_of,
)

HEX = [case for case in captured("ngrep") if case.name.startswith("x")]
BYLINE = [case for case in captured("ngrep") if case.name.startswith("byline")]
WRITES = {5: ((87,), (83, 156, 83), (458,), (779,), (175, 5)), 2: ((83, 156, 83), (175, 5))}


@pytest.mark.parametrize("case", HEX, ids=lambda case: case.name)
def test_hex_gives_the_true_bytes(case: Captured) -> None:
    assert recognise(case.data)
    assert not recognise_byline(case.data)
    capture = read(case.data, case.name)
    assert data_of(capture) == case.true
    assert segments_of(capture) == WRITES[len(case.true)]
    assert capture.fidelity is Fidelity.EXACT
    assert rules_of(capture) == ["order-assumed"]


@pytest.mark.parametrize("case", BYLINE, ids=lambda case: case.name)
def test_byline_differs_only_at_dots_and_line_ends(case: Captured) -> None:
    assert recognise_byline(case.data)
    assert not recognise(case.data)
    capture = read_byline(case.data, case.name)
    assert difference(capture, case) <= {b".", b"\r"}
    assert segments_of(capture) == WRITES[len(case.true)]
    assert capture.fidelity is Fidelity.REPAIRED
    assert set(rules_of(capture)) == {"order-assumed", "line-ends-guessed", "bytes-guessed"}
    for got, true in zip(data_of(capture), case.true, strict=True):
        head = true.index(b"\r\n\r\n")
        assert got[:head].replace(b".", b"") == true[:head].replace(b"\t", b"").replace(b".", b"").replace(
            b"\xc3\xa9", b""
        )


def test_the_line_ends_of_each_connection_are_counted() -> None:
    (case,) = [case for case in BYLINE if case.name == "byline.txt"]
    told = [
        (finding.connection, finding.message.split()[0])
        for finding in read_byline(case.data, "x").findings
        if finding.rule == "line-ends-guessed"
    ]
    assert told == [(1, "5"), (2, "17"), (3, "9"), (4, "20"), (5, "8")]


def test_plain_output_is_not_taken_for_byline() -> None:
    data = (FOLDER / "refused" / "ngrep.txt").read_bytes()
    assert recognise_byline(data) is None
    assert recognise(data) is None


def test_a_broken_row_is_refused_with_its_line() -> None:
    case = next(case for case in HEX if case.name == "x.txt")
    with pytest.raises(CaptureError, match=r"x, line 6: expected a row of ngrep -x or the next packet"):
        read(case.data.replace(b"  54 54 50", b"  54 5x 50", 1), "x")
    with pytest.raises(CaptureError, match=r"x, line 6: the hex of this row and its text do not agree"):
        read(case.data.replace(b"  54 54 50", b"  54 55 50", 1), "x")
    with pytest.raises(CaptureError, match=r"x, line 4: expected ngrep's line of a packet"):
        read(case.data.replace(b"T 127", b"TT 127", 1), "x")


@pytest.mark.parametrize("case", [*HEX, *BYLINE], ids=lambda case: case.name)
def test_a_cut_log_gives_no_other_bytes(case: Captured) -> None:
    for cut in cuts(case.data, 29):
        result = read_or_refuse(read if case in HEX else read_byline, cut)
        if not isinstance(result, CaptureError):
            assert all(len(got) <= len(true) for got, true in zip(data_of(result), case.true, strict=False))
            if case in HEX:
                assert all(true.startswith(got) for got, true in zip(data_of(result), case.true, strict=False))
