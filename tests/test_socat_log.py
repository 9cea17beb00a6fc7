"""socat's hex logs give the true bytes, its text all but those behind a dot; a mixed log is noticed."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.socat_log import read, read_text, recognise, recognise_text
from tests.captured import FOLDER, Captured, captured, cuts, data_of, read_or_refuse, rules_of, segments_of

HEX = [case for case in captured("socat") if case.name.startswith("x")]
TEXT = [case for case in captured("socat") if case.name.startswith("v")]
WRITES = {"keepalive": ((83, 156, 83), (87,)), "binary": ((458,), (87,)), "expect": ((175, 5), (87,))}


@pytest.mark.parametrize("case", HEX, ids=lambda case: case.name)
def test_hex_gives_the_true_bytes(case: Captured) -> None:
    assert recognise(case.data)
    assert not recognise_text(case.data)
    capture = read(case.data, case.name)
    assert data_of(capture) == case.true
    assert segments_of(capture) == WRITES[case.name.removesuffix(".txt").rpartition("-")[2]]
    assert capture.fidelity is Fidelity.EXACT


@pytest.mark.parametrize("case", TEXT, ids=lambda case: case.name)
def test_text_differs_only_at_dots(case: Captured) -> None:
    assert recognise_text(case.data)
    assert not recognise(case.data)
    capture = read_text(case.data, case.name)
    for got, true in zip(data_of(capture), case.true, strict=True):
        assert len(got) == len(true)
        assert all(a == b or a == ord(".") for a, b in zip(got, true, strict=True))
    assert capture.fidelity is Fidelity.REPAIRED
    assert set(rules_of(capture)) == {"bytes-guessed"}
    assert [finding.connection for finding in capture.findings] == [1, 2]


def test_two_connections_written_at_once_are_refused() -> None:
    data = (FOLDER / "refused" / "socat-interleaved.txt").read_bytes()
    with pytest.raises(CaptureError, match="tcpdump -w FILE"):
        read_text(data, "x")


@pytest.mark.parametrize("case", [*HEX, *TEXT], ids=lambda case: case.name)
def test_a_cut_log_gives_no_other_bytes(case: Captured) -> None:
    reader = read if case in HEX else read_text
    for cut in cuts(case.data, 11):
        result = read_or_refuse(reader, cut)
        if not isinstance(result, CaptureError) and reader is read:
            assert all(true.startswith(got) for got, true in zip(data_of(result), case.true, strict=False))


def test_a_lost_transfer_is_refused_with_its_line() -> None:
    case = next(case for case in HEX if case.name == "x-keepalive.txt")
    lines = case.data.splitlines(keepends=True)
    with pytest.raises(CaptureError, match="x, line 7: expected from=83"):
        read(b"".join(lines[:4] + lines[6:]), "x")
