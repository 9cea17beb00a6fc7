"""`curl -v` gives true heads, says which bodies it does not hold, and is not fooled by a response."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.curl_verbose import read, recognise
from asgi_inspect.captures.gathering import fill_body
from asgi_inspect.captures.messages import head_end, request_starts
from asgi_inspect.captures.wrapping import opened
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, rules_of

CASES = [case._replace(data=opened(case.data, case.name).data) for case in captured("curl-v")]
EXACT = {"get", "echo", "head", "parallel"}
NO_CR = {"curl7-pasted.txt", "curl8-utf16.txt"}


def name(case: Captured) -> str:
    return case.name


def case_of(file: str) -> Captured:
    (case,) = [case for case in CASES if case.name == file]
    return case


def heads(true: tuple[bytes, ...]) -> list[bytes]:
    """The heads in what the clients sent."""
    return [data[start : head_end(data, start)] for data in true for start in request_starts(data)]


@pytest.mark.parametrize("case", CASES, ids=name)
def test_every_head_is_true(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    assert heads(data_of(capture)) == heads(case.true)
    complete = data_of(capture) == case.true
    assert complete == (not any(connection.missing for connection in capture.connections))
    assert rules_of(capture).count("body-missing") == sum(bool(c.missing) for c in capture.connections)
    exact = complete and case.name not in NO_CR
    assert (capture.fidelity is Fidelity.EXACT) == exact
    assert ("line-ends-assumed" in rules_of(capture)) == (case.name in NO_CR)


MISSING = {
    "curl7-post.txt": [Missing(length=29)],
    "curl8-multipart.txt": [Missing(length=581)],
    "curl7-chunked.txt": [Missing(length=None, framed=True)],
    "curl8-chunked.txt": [Missing(length=41, framed=True)],
    "curl8-keepalive.txt": [Missing(length=3), None],
    "curl7-meter.txt": [Missing(length=3), Missing(length=3)],
    "curl8-config-all.txt": [Missing(length=29)],
    "curl7-script.txt": [Missing(length=29)],
    "curl8-get.txt": [None],
}


@pytest.mark.parametrize("file", sorted(MISSING))
def test_missing_bodies_are_counted(file: str) -> None:
    capture = read(case_of(file).data, file)
    assert [connection.missing for connection in capture.connections] == MISSING[file]


def test_the_count_is_said_with_the_command_that_keeps_it() -> None:
    (finding,) = read(case_of("curl7-post.txt").data, "x").findings
    assert finding.message == "29 bytes of body are missing: Content-Length says 29."
    assert "curl --trace" in finding.help
    assert "--body FILE" in finding.help


def test_what_follows_a_missing_body_is_cut_off_from_it() -> None:
    first, second = read(case_of("curl8-keepalive.txt").data, "x").connections
    assert first.data.startswith(b"GET /first ")
    assert b"POST /second " in first.data
    assert second.data.startswith(b"GET /third ")


@pytest.mark.parametrize("file", ["curl7-echo.txt", "curl8-echo.txt"])
def test_a_response_body_that_looks_like_curl_is_no_request(file: str) -> None:
    case = case_of(file)
    assert b"> POST /fake HTTP/1.1" in case.data
    capture = read(case.data, file)
    assert data_of(capture) == case.true
    assert [len(response) for response in capture.connections[0].responses] == [309, 77]


def test_a_fake_request_in_a_body_of_unknown_length_is_told() -> None:
    text = (
        b"* Connected to a (1.2.3.4) port 80\n> GET / HTTP/1.1\r\n> Host: a\r\n> \r\n< HTTP/1.1 200 OK\r\n< \r\n"
        b"> GET /fake HTTP/1.1\r\n> Host: b\r\n> \r\n"
    )
    capture = read(text, "x")
    assert data_of(capture) == (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",)
    assert rules_of(capture) == ["request-doubtful"]


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("curl7-post.txt", b'{"item": "caf\xc3\xa9", "count": 3}'),
        ("curl8-chunked.txt", b'{"item": "caf\xc3\xa9", "count": 3}\n'),
    ],
)
def test_a_body_given_by_hand_makes_the_true_bytes(file: str, body: bytes) -> None:
    case = case_of(file)
    body = case.true[0][head_end(case.true[0]) :] if file == "curl7-post.txt" else body
    filled = fill_body(read(case.data, file), body)
    assert "body-missing" not in rules_of(filled)
    if file == "curl7-post.txt":
        assert data_of(filled) == case.true
    else:
        assert data_of(filled)[0].endswith(b"\r\n\r\n1e\r\n" + body + b"\r\n0\r\n\r\n")


def test_a_body_that_does_not_fit_is_refused() -> None:
    capture = read(case_of("curl7-post.txt").data, "post.txt")
    with pytest.raises(CaptureError, match="--body has 2 bytes, but the capture misses 29"):
        fill_body(capture, b"xx")
    with pytest.raises(CaptureError, match="misses no body"):
        fill_body(read(case_of("curl7-get.txt").data, "get.txt"), b"xx")
    with pytest.raises(CaptureError, match="pick one with --connection N"):
        fill_body(read(case_of("curl7-meter.txt").data, "meter.txt"), b"xx")


def test_a_head_cut_in_the_middle_is_refused_with_its_line() -> None:
    data = case_of("curl7-get.txt").data
    cut = data[: data.index(b"> User-Agent")]
    with pytest.raises(CaptureError, match=r"get\.txt, line 5: the request head of line 3 is cut"):
        read(cut, "get.txt")
    wrapped = data.replace(b"> Accept", b"Accept")
    with pytest.raises(CaptureError, match=r"get\.txt, line 6: the request head is cut"):
        read(wrapped, "get.txt")


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_cut_capture_never_gives_another_head(case: Captured) -> None:
    for cut in cuts(case.data):
        if cut.endswith((b">", b"> ")) and case.name == "curl7-pasted.txt":
            continue  # without CR this is how a head ends
        result = read_or_refuse(read, cut)
        if not isinstance(result, CaptureError):
            got = heads(data_of(result))
            assert got == heads(case.true)[: len(got)]


@pytest.mark.parametrize(
    "text",
    [
        b"> GET /quoted HTTP/1.1\n>\n> wrote someone\n",
        b"* a list\n* of things\n\nsome text\n",
        b"Try this:\n\n* Connected to a port 80\n> GET / HTTP/1.1\n> Host: a\n>\n",
        b"> a quote\n",
    ],
)
def test_what_only_looks_alike_is_not_recognised(text: bytes) -> None:
    assert recognise(text) is None


def test_a_million_lines_take_no_time() -> None:
    noise = b"\r" + b" " * 200_000 + b"\n" + b"x" * 200_000 + b"\n" + b"* a\n" * 100_000
    data = case_of("curl7-get.txt").data
    for length in (b"12", b"250000", b"99999999"):
        told = data.replace(b"Content-Length: 12", b"Content-Length: " + length)
        assert len(read(told + noise, "x").connections) == 1
