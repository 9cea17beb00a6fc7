""".http files: requests under ###, variables of the file, and what is not in it told."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.rest_file import read, recognise
from tests.captured import data_of, rules_of

FILES = [
    (b"### one\nGET http://a:1/p?q\nAccept: */*\n", [b"GET /p?q HTTP/1.1\r\nHost: a:1\r\nAccept: */*\r\n\r\n"]),
    (b"http://a/p\n", [b"GET /p HTTP/1.1\r\nHost: a\r\n\r\n"]),
    (b"GET https://a/p HTTP/1.1\n\n###\n# @name two\n// more\nDELETE http://a/2 HTTP/1.1\n",
     [b"GET /p HTTP/1.1\r\nHost: a\r\n\r\n", b"DELETE /2 HTTP/1.1\r\nHost: a\r\n\r\n"]),
    (b"@host = http://a\r\n@path={{host}}/p\r\n\r\n### x\r\nPOST {{path}}\r\nX: {{host}}\r\n\r\n{\r\n  1\r\n}\r\n\r\n",
     [b"POST /p HTTP/1.1\r\nHost: a\r\nX: http://a\r\nContent-Length: 7\r\n\r\n{\n  1\n}"]),
    (b"###\nGET http://a/p\n  ?a=1\n  &b=2\nHost: other\n", [b"GET /p?a=1&b=2 HTTP/1.1\r\nHost: other\r\n\r\n"]),
    (b"### s\nPOST http://a/\n\nbody\n\n> {%\n client.test()\n%}\n",
     [b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "requests"), FILES)
def test_requests(data: bytes, requests: list[bytes]) -> None:
    capture = read(data, "x")
    assert list(data_of(capture)) == requests
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert rules_of(capture) == ["not-the-wire"]


@pytest.mark.parametrize("data", [data for data, _ in FILES if not data.startswith(b"http")])
def test_they_are_recognised(data: bytes) -> None:
    assert recognise(data)


def test_a_variable_from_elsewhere_is_told() -> None:
    capture = read(b"### x\nGET http://a/{{id}}\nX: {{$uuid}}\n", "x")
    assert data_of(capture) == (b"GET /{{id}} HTTP/1.1\r\nHost: a\r\nX: {{$uuid}}\r\n\r\n",)
    (finding,) = [finding for finding in capture.findings if finding.rule == "variables-unknown"]
    assert "id, $uuid" in finding.message


def test_a_body_from_a_file_is_missing() -> None:
    capture = read(b"### x\nPOST http://a/\n\n< ./body.json\n", "x")
    assert capture.connections[0].missing == Missing(length=None)
    assert "body-missing" in rules_of(capture)


def test_variables_inside_themselves_end() -> None:
    data = b"@a = {{a}}{{a}}\n### x\nGET http://a/{{a}}\n"
    assert len(data_of(read(data, "x"))[0]) < 1 << 26


@pytest.mark.parametrize(("data", "line"), [(b"### a\nnonsense here\n", 2), (b"###\n\n# c\nGET nowhere\n", 4)])
def test_what_is_no_request_is_refused_with_its_line(data: bytes, line: int) -> None:
    with pytest.raises(CaptureError, match=f"x, line {line}: expected a method and a URL"):
        read(data, "x")


@pytest.mark.parametrize(
    "data",
    [
        b"### Title\n\nSome text about GET http://a/\n",
        b"# GET http://a/\n",
        b"GET http://a/p HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /p HTTP/1.1\r\n\r\n",
        b"GET http://a/p HTTP/1.1\r\n\r\n",
        b"https://a/p\n",
        b"### a\n- GET\n",
        b"",
    ],
)
def test_what_only_looks_alike_is_not_recognised(data: bytes) -> None:
    assert recognise(data) is None
