"""cat -v and cat -A are turned back; where the text held such signs itself, Content-Length tells."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.cat_v import read, recognise
from tests.captured import Captured, captured, data_of, rules_of

CASES = captured("cat-v")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_bytes_behind_the_signs(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    assert capture.fidelity is Fidelity.REPAIRED
    if "binary" in case.name:  # all 256 bytes in a row hold ^_, which cat -v also draws for 0x1f
        assert data_of(capture) == (case.true[0].replace(b"^_", b"\x1f"),)
        assert rules_of(capture) == ["bytes-guessed", "length-misfit"]
        assert capture.findings[1].message == "1 byte is missing: Content-Length says 276."
    else:
        assert data_of(capture) == case.true
        assert rules_of(capture) == ["bytes-guessed"]


def test_each_sign_is_counted() -> None:
    capture = read(b"GET /M-CM-) HTTP/1.1^M\nA: ^I^?M-^?M-^@M-^M-^_^M\n^M\n", "x")
    assert data_of(capture) == (b"GET /\xc3\xa9 HTTP/1.1\r\nA: \t\x7f\xff\x80\xde\x9f\r\n\r\n",)
    assert capture.findings[0].message.startswith("11 times are ^X or M-X taken for")


def test_a_line_without_its_dollar_is_refused() -> None:
    with pytest.raises(CaptureError, match=r"x, line 2: expected \$ at the end of the line, as cat -A draws it"):
        read(b"GET / HTTP/1.1^M$\nHost: a^M\n^M$\n", "x")
    with pytest.raises(CaptureError, match=r"x, line 1: expected a request line that ends in \^M"):
        read(b"GET / HTTP/1.1\r\n\r\n", "x")
