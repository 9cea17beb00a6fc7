"""WARC, Burp, mitmproxy and wget -d: the true bytes where they are kept, and said where they are not."""

from __future__ import annotations

import base64

import pytest

from asgi_inspect.captures import archives
from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, rules_of

WARC, WGET, (FLOWS,) = captured("warc"), captured("wget"), captured("mitmproxy")
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na\r\n"


@pytest.mark.parametrize("case", WARC, ids=lambda case: case.name)
def test_warc(case: Captured) -> None:
    assert archives.recognise_warc(case.data)
    capture = archives.read_warc(case.data, "x")
    assert data_of(capture) == case.true
    assert capture.fidelity is Fidelity.EXACT
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("case", WGET, ids=lambda case: case.name)
def test_wget(case: Captured) -> None:
    assert archives.recognise_wget(case.data)
    capture = archives.read_wget(case.data, "x")
    (connection,) = capture.connections
    if case.name == "file.txt":
        assert case.true[0].startswith(connection.data)
        assert connection.missing == Missing(length=276)
        assert rules_of(capture) == ["body-missing"]
    else:
        assert (connection.data,) == case.true
        assert capture.fidelity is Fidelity.EXACT


def test_mitmproxy() -> None:
    assert archives.recognise_mitmproxy(FLOWS.data)
    capture = archives.read_mitmproxy(FLOWS.data, "x")
    assert data_of(capture) == FLOWS.true
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert rules_of(capture) == ["not-the-wire"]


def burp(request: bytes, encoded: bytes) -> bytes:
    return (
        b'<?xml version="1.0"?>\n<items burpVersion="2024.1">\n<item>\n<request base64="'
        + encoded
        + b'"><![CDATA['
        + request
        + b']]></request>\n<response base64="false"><![CDATA[HTTP/1.1 200 OK]]></response>\n</item>\n</items>\n'
    )


def test_burp_with_base64() -> None:
    data = burp(base64.b64encode(POST), b"true")
    assert archives.recognise_burp(data)
    capture = archives.read_burp(data, "x")
    assert data_of(capture) == (POST,)
    assert capture.fidelity is Fidelity.EXACT
    assert capture.connections[0].responses == (b"HTTP/1.1 200 OK",)


def test_burp_without_base64_has_lost_cr() -> None:
    capture = archives.read_burp(burp(POST.replace(b"\r", b""), b"false"), "x")
    assert data_of(capture) == (POST[:-2] + b"\n",)
    assert capture.fidelity is Fidelity.REPAIRED
    assert rules_of(capture) == ["line-ends-assumed"]


REFUSED = [
    (archives.read_warc, WARC[0].data[:-40], "expected a whole WARC record"),
    (archives.read_warc, b"WARC/1.0\r\nContent-Length: x\r\n\r\n", "expected a whole WARC record"),
    (archives.read_burp, burp(b"!!", b"true"), "line 4: the base64 there is damaged"),
    (archives.read_burp, burp(b"x", b"false")[:100], "does not end"),
    (archives.read_mitmproxy, FLOWS.data[:-1], "cut or damaged at byte"),
    (archives.read_wget, WGET[0].data.replace(b"---request end---", b""), "does not end"),
    (archives.read_wget, WGET[0].data.replace(b"\r", b""), "has lost its CR"),
]


@pytest.mark.parametrize(("read", "data", "problem"), REFUSED)
def test_damage_is_refused(read: object, data: bytes, problem: str) -> None:
    assert callable(read)
    with pytest.raises(CaptureError, match=problem):
        read(data, "x")


@pytest.mark.parametrize("seed", range(0, 400, 7))
def test_a_cut_flow_file_is_refused(seed: int) -> None:
    assert isinstance(read_or_refuse(archives.read_mitmproxy, FLOWS.data[: seed * 10 + 1]), CaptureError)


def test_a_cut_warc_gives_whole_requests_only() -> None:
    for cut in cuts(WARC[1].data, 29):
        result = read_or_refuse(archives.read_warc, cut)
        assert isinstance(result, CaptureError) or data_of(result) == WARC[1].true
