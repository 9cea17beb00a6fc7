"""What nc -o and ncat -x write gives the true bytes; ncat tells no direction, which is said."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.netcat_dump import read_nc, read_ncat, recognise_nc, recognise_ncat
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, rules_of

NC = [case for case in captured("nc") if case.name.startswith("nc-o")]
NCAT = [case for case in captured("nc") if case.name.startswith("ncat-x")]


@pytest.mark.parametrize("case", NC, ids=lambda case: case.name)
def test_nc(case: Captured) -> None:
    assert recognise_nc(case.data)
    capture = read_nc(case.data, case.name)
    assert data_of(capture) == case.true
    assert capture.fidelity is Fidelity.EXACT
    assert capture.connections[0].responses == (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",)


@pytest.mark.parametrize("case", NCAT, ids=lambda case: case.name)
def test_ncat(case: Captured) -> None:
    assert recognise_ncat(case.data)
    capture = read_ncat(case.data, case.name)
    assert data_of(capture) == case.true
    assert rules_of(capture) == ["direction-guessed"]
    assert capture.fidelity is Fidelity.REPAIRED


def test_nc_that_sent_the_request_itself() -> None:
    case = NC[0]
    turned = case.data.translate(bytes.maketrans(b"<>", b"><"))
    assert data_of(read_nc(turned, "x")) == case.true


@pytest.mark.parametrize("case", [*NC, *NCAT], ids=lambda case: case.name)
def test_a_cut_dump_gives_no_other_bytes(case: Captured) -> None:
    reader = read_nc if case in NC else read_ncat
    for cut in cuts(case.data):
        result = read_or_refuse(reader, cut)
        if not isinstance(result, CaptureError):
            assert case.true[0].startswith(data_of(result)[0])


@pytest.mark.parametrize("case", [NC[0], NCAT[0]], ids=lambda case: case.name)
def test_a_lost_row_is_refused(case: Captured) -> None:
    reader = read_nc if case in NC else read_ncat
    lines = case.data.splitlines(keepends=True)
    with pytest.raises(CaptureError, match="x, line 2: expected"):
        reader(b"".join(lines[:1] + lines[2:]), "x")
