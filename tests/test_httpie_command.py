"""An HTTPie command line becomes what HTTPie 3.2.4 sent when it was run, taken from its socket."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.httpie_command import read, recognise
from asgi_inspect.captures.messages import head_end
from tests.captured import Captured, captured, data_of, rules_of

CASES = captured("httpie-command")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_httpie_sent(case: Captured) -> None:
    """All of it but the order of fields, and br, which HTTPie accepts where brotli is installed."""
    assert recognise(case.data)
    capture = read(case.data, case.name)
    (got,), (true,) = data_of(capture), case.true
    lines, true_lines = got[: head_end(got)].split(b"\r\n"), true[: head_end(true)].split(b"\r\n")
    assert lines[0] == true_lines[0]
    shown = {line.removesuffix(b", br").rstrip() for line in true_lines}
    assert set(lines) == shown
    assert got[head_end(got) :] == true[head_end(true) :]
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert rules_of(capture) == ["not-the-wire"]


def test_files_are_not_read() -> None:
    capture = read(b"http POST :8000/ a=1 b=@c.txt", "x")
    assert capture.connections[0].missing == Missing(length=None)
    assert rules_of(capture) == ["body-missing", "not-the-wire"]


def test_what_is_not_worked_out_is_told() -> None:
    capture = read(b"http --session=me :8000/ 'a[b]=1' X:$TOKEN", "x")
    (message,) = [finding.message for finding in capture.findings if finding.rule == "options-untold"]
    assert "--session" in message
    assert "a[b]=1" in message
    assert "$TOKEN" in message


def test_several_commands_and_prompts() -> None:
    data = data_of(read(b"$ http :8000/a\n$ https --verbose example.com/b x==1\n", "x"))
    assert [request.split(b" HTTP/")[0] for request in data] == [b"GET /a", b"GET /b?x=1"]
    assert [request.split(b"\r\n")[1] for request in data] == [b"Host: localhost:8000", b"Host: example.com"]


BROKEN = [
    (b"http --offline", "the http command names no URL"),
    (b"http :8000/ nothing", "expected an item as name=value or Name:value and found 'nothing'"),
    (b"http :8000/ a:=b", "expected JSON behind := and found 'b'"),
    (b"http ftp://a/ a=1", "expected a URL and found 'ftp://a/'"),
    (b"curl :8000/", "x, line 1: expected a command that begins with http or https"),
]


@pytest.mark.parametrize(("command", "problem"), BROKEN)
def test_what_is_no_request_is_refused(command: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        read(command, "x")


@pytest.mark.parametrize(
    "text", [b"http is a protocol", b"https only", b"http: see rfc9110", b"http (GET /x)", b"http GET"]
)
def test_prose_is_not_recognised(text: bytes) -> None:
    assert recognise(text) is None
