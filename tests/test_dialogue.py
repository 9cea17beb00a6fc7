"""Texts with both directions: the requests are told from the answers, and guesses are told."""

from __future__ import annotations

import pytest

from asgi_inspect.captures import dialogue, read_capture
from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.messages import head_end
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, rules_of

NCAT = [case for case in captured("nc") if case.name.startswith("ncat-o")]
HTTPIE = [case for case in captured("httpie") if case.true and "pretty" not in case.name]
OFFLINE = [case for case in captured("httpie") if "offline" in case.name]
(FORMATTED,) = [case for case in captured("httpie") if "format" in case.name]
(TOOLBELT,) = captured("toolbelt")


@pytest.mark.parametrize("case", NCAT, ids=lambda case: case.name)
def test_ncat(case: Captured) -> None:
    assert dialogue.recognise(case.data)
    capture = dialogue.read(case.data, "x")
    assert data_of(capture) == case.true
    assert capture.fidelity is Fidelity.REPAIRED
    assert rules_of(capture) == ["direction-guessed"]
    assert capture.connections[0].responses == (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",)


def test_several_exchanges() -> None:
    one = b"GET / HTTP/1.1\r\n\r\n"
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    capture = dialogue.read(one + ok + b"\r\n" + one + ok, "x")
    assert data_of(capture) == (one + one,)
    assert capture.connections[0].responses == (ok, ok)


def test_a_request_alone_is_not_recognised() -> None:
    assert dialogue.recognise(b"GET / HTTP/1.1\r\n\r\n") is None
    assert dialogue.recognise(b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK") is None


@pytest.mark.parametrize("case", HTTPIE, ids=lambda case: case.name)
def test_httpie(case: Captured) -> None:
    assert dialogue.recognise_httpie(case.data)
    capture = dialogue.read_httpie(case.data, "x")
    (got,) = data_of(capture)
    (true,) = case.true
    assert sorted(got[: head_end(got)].split(b"\r\n")) == sorted(true[: head_end(true)].split(b"\r\n"))
    assert got[head_end(got) :] == true[head_end(true) :]
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert capture.connections[0].responses[0].startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("case", OFFLINE, ids=lambda case: case.name)
def test_httpie_offline(case: Captured) -> None:
    assert dialogue.recognise_httpie(case.data)
    (got,) = data_of(dialogue.read_httpie(case.data, "x"))
    assert got == case.data.rstrip(b"\n") or got == case.data


def test_what_httpie_prints_is_not_taken_for_the_wire() -> None:
    """Neither what it would send, nor with --pretty=format, which sorts fields and lays out the body anew."""
    for case in (*OFFLINE, FORMATTED):
        capture = read_capture(case.data, "x")
        assert (capture.format, capture.fidelity) == ("httpie", Fidelity.RECONSTRUCTED)
    assert data_of(capture)[0].endswith(b'\r\n\r\n{"a": "1", "b": 2}')
    assert rules_of(capture) == ["body-laid-out", "not-the-wire"]
    wire = HTTPIE[0].true[0]
    assert data_of(read_capture(wire, "x")) == (wire,)
    assert read_capture(wire, "x").format == "raw"


def test_a_body_of_no_known_layout_is_missing() -> None:
    capture = dialogue.read_httpie(FORMATTED.data.replace(b": 18", b": 19"), "x")
    assert capture.connections[0].missing == Missing(length=19)


def test_httpie_prints_chunks_without_framing() -> None:
    head = b"POST / HTTP/1.1\r\nUser-Agent: HTTPie/3\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n"
    (got,) = data_of(dialogue.read_httpie(head + b"hello\n\nHTTP/1.1 200 OK\r\n\r\n", "x"))
    assert got == head + b"5\r\nhello\r\n0\r\n\r\n"


def test_toolbelt_marks_the_request_the_other_way_round() -> None:
    assert dialogue.recognise_toolbelt(TOOLBELT.data)
    capture = dialogue.read_toolbelt(TOOLBELT.data, "x")
    assert data_of(capture) == TOOLBELT.true
    assert capture.fidelity is Fidelity.EXACT


TELNET = (
    b"Trying 127.0.0.1...\nConnected to localhost.\nEscape character is '^]'.\nGET /t HTTP/1.1\nHost: a\n\n"
    b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi\nConnection closed by foreign host.\n"
)


def test_telnet() -> None:
    assert dialogue.recognise_telnet(TELNET)
    capture = dialogue.read_telnet(TELNET, "x")
    assert data_of(capture) == (b"GET /t HTTP/1.1\r\nHost: a\r\n\r\n",)
    assert rules_of(capture) == ["line-ends-assumed"]
    assert capture.fidelity is Fidelity.REPAIRED


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (dialogue.read, b"GET / HTTP/1.1\r\n\r\nHTTP/1.1 204 No\r\n\r\nmore"),
        (dialogue.read_httpie, b"GET / HTTP/1.1\r\n"),
        (dialogue.read_toolbelt, b"< GET / HTTP/1.1\r\n< Host: a\r\n"),
        (dialogue.read_toolbelt, b"GET / HTTP/1.1\r\n"),
        (dialogue.read_telnet, b"Trying\n"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(read: object, data: bytes) -> None:
    assert callable(read)
    with pytest.raises(CaptureError, match=r"x, line [1-9]: "):
        read(data, "x")


def test_cut_texts_are_read_or_refused() -> None:
    for cut in cuts(TOOLBELT.data, 5):
        result = read_or_refuse(dialogue.read_toolbelt, cut)
        assert isinstance(result, CaptureError) or TOOLBELT.true[0].startswith(data_of(result)[0])
    for cut in cuts(NCAT[0].data, 5):
        read_or_refuse(dialogue.read, cut)
        read_or_refuse(dialogue.read_httpie, cut)
        read_or_refuse(dialogue.read_telnet, cut)
