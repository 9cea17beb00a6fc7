"""What mitmdump prints and mitmproxy exports of flows, beside the flows themselves."""

from __future__ import annotations

import pytest

from asgi_inspect.captures import read_capture
from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.mitmdump_text import read, recognise
from tests.captured import FOLDER, captured, cuts, data_of, read_or_refuse, rules_of

(FLOWS,) = captured("mitmproxy")
DETAIL = {case.name: case.data for case in captured("mitmdump")}
NAMES = ("hello", "orders", "binary", "chunked")


def test_detail_3_holds_all_but_some_bodies() -> None:
    data = DETAIL["detail-3.txt"]
    assert recognise(data)
    capture = read(data, "x")
    got = data_of(capture)
    assert got[:2] == FLOWS.true[:2]
    assert FLOWS.true[2].startswith(got[2])
    assert capture.connections[2].missing == Missing(length=276)
    assert got[3].endswith(
        b'\r\n\r\n1d\r\n{"item": "caf\xc3\xa9", "count": 3}\r\n0\r\n\r\n'
    )  # the last LF is not shown
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert [(f.rule, f.connection) for f in capture.findings[:-1]] == [
        ("body-laid-out", 2),
        ("body-missing", 3),
        ("body-laid-out", 4),
    ]


def test_detail_2_holds_the_heads() -> None:
    capture = read(DETAIL["detail-2.txt"], "x")
    for got, true in zip(data_of(capture), FLOWS.true, strict=True):
        assert got == true[: true.index(b"\r\n\r\n") + 4]
    missing = [connection.missing for connection in capture.connections]
    assert missing == [None, Missing(length=29), Missing(length=276), Missing(length=None, framed=True)]


def test_detail_1_holds_the_urls() -> None:
    capture = read(DETAIL["detail-1.txt"], "x")
    assert [data.split(b" HTTP/")[0] for data in data_of(capture)] == [true.split(b" HTTP/")[0] for true in FLOWS.true]
    assert "fields-left-out" in rules_of(capture)


def test_dots_in_a_body_are_counted() -> None:
    text = b"127.0.0.1:1: POST http://a/\n    Content-Length: 3\n\n    a.b\n\n << 200 OK 0b\n"
    capture = read(text, "x")
    assert data_of(capture) == (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na.b",)
    assert capture.findings[0].message.startswith("1 byte is printed as '.' in the body")


def test_what_goes_on_otherwise_is_refused_with_its_line() -> None:
    data = DETAIL["detail-2.txt"].replace(b"127.0.0.1:60900: POST", b"127.0.0.1:60900 POST")
    with pytest.raises(CaptureError, match=r"x, line 9: expected a client's address, a method and a URL"):
        read(data, "x")


@pytest.mark.parametrize("name", DETAIL)
def test_a_cut_text_is_read_or_refused(name: str) -> None:
    for cut in cuts(DETAIL[name], 41):
        read_or_refuse(read, cut)


@pytest.mark.parametrize("name", NAMES)
def test_raw_exports(name: str) -> None:
    """mitmproxy adds Content-Length: 0 to a GET; the rest is the flow's."""
    true = FLOWS.true[NAMES.index(name)]
    true = true.removesuffix(b"\r\n") + b"content-length: 0\r\n\r\n" if name == "hello" else true
    for kind, format in (("raw_request", "raw"), ("raw", "both-directions")):
        capture = read_capture((FOLDER / "mitmproxy-export" / f"{kind}-{name}.bin").read_bytes(), "x")
        assert capture.format == format
        assert data_of(capture) == (true,)


@pytest.mark.parametrize("tool", ["curl", "httpie"])
def test_exported_commands(tool: str) -> None:
    """As a shell would run them: HTTPie's here-string ends in a line end that the flow did not have."""
    for name in ("hello", "orders"):
        capture = read_capture((FOLDER / "mitmproxy-export" / f"{tool}-{name}.sh").read_bytes(), "x")
        (got,), true = data_of(capture), FLOWS.true[NAMES.index(name)]
        assert capture.format == f"{tool}-command"
        assert got.split(b"\r\n")[0] == true.split(b"\r\n")[0]
        assert got.partition(b"\r\n\r\n")[2].rstrip(b"\n") == true.partition(b"\r\n\r\n")[2]


def test_a_url_without_a_host_is_refused_with_its_line() -> None:
    flows = b"127.0.0.1:60892: GET http://127.0.0.1:8000/\n << 200 OK 0b\n\n127.0.0.1:60893: GET http://#a\n"

    with pytest.raises(CaptureError, match=r"^flows\.txt, line 4: the URL has no host that can be read"):
        read_capture(flows, "flows.txt")
