"""A command line gives what curl 8.14 sent when it was run; nothing here runs one."""

from __future__ import annotations

import re

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity, Missing
from asgi_inspect.captures.curl_command import read, recognise
from tests.captured import Captured, captured, cuts, data_of, read_or_refuse, rules_of

CASES = captured("curl-command")
AGENT = b"User-Agent: curl/8.14.1\r\nAccept: */*\r\n"


def same_boundary(data: bytes) -> bytes:
    return re.sub(rb"-{24}[A-Za-z0-9]{22}", b"BOUNDARY", data)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_curl_sent(case: Captured) -> None:
    assert recognise(case.data)
    capture = read(case.data, case.name)
    assert [same_boundary(data) for data in data_of(capture)] == [same_boundary(data) for data in case.true]
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert rules_of(capture)[0] == "not-the-wire"
    assert len(case.true) > 0


def test_every_connection_holds_each_request_as_a_segment() -> None:
    (connection,) = read(b"curl http://a/1 http://a/2", "x").connections
    assert connection.segments == (66, 66)
    assert len(connection.data) == 132


MISSING = [
    (
        b"curl -d @order.json http://a/",
        Missing(length=None),
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\n",
    ),
    (b"cat x | curl --data-binary @- http://a/", Missing(length=None), b"urlencoded\r\n\r\n"),
    (b"curl -F f=@x.png http://a/", Missing(length=None), b"asgiinspect\r\n\r\n"),
    (b"curl -T dir/x.png http://a/up/", Missing(length=None), b"*/*\r\n\r\n"),
    (b"curl -T - http://a/up", Missing(length=None, framed=True), b"Transfer-Encoding: chunked\r\n\r\n"),
]


@pytest.mark.parametrize(("command", "missing", "end"), MISSING)
def test_a_body_from_a_file_is_missing(command: bytes, missing: Missing, end: bytes) -> None:
    capture = read(command, "x")
    (connection,) = capture.connections
    assert connection.missing == missing
    assert connection.data.endswith(end)
    assert b"Content-Length" not in connection.data
    assert "body-missing" in rules_of(capture)


def test_an_uploaded_file_names_the_target() -> None:
    assert data_of(read(b"curl -T dir/x.png http://a/up/", "x"))[0].startswith(b"PUT /up/x.png HTTP/1.1\r\n")


CHROME = rb"""curl --url ^"http://127.0.0.1:8000/orders?a=1^&b=%^25^" ^
  -H ^"accept: */*^" ^
  -H ^"content-type: application/json^" ^
  --data-raw ^"^{^\^"item^\^":^\^"x^

y\\\\z^\^"^}^"
"""


def test_copied_as_curl_for_cmd() -> None:
    (data,) = data_of(read(CHROME, "x"))
    assert recognise(CHROME)
    assert data.startswith(b"POST /orders?a=1&b=%25 HTTP/1.1\r\n")
    assert data.endswith(b'\r\n\r\n{"item":"x\ny\\\\\\\\z"}')
    assert b"\r\naccept: */*\r\ncontent-type: application/json\r\n" in data


def test_an_older_copy_for_cmd() -> None:
    text = (
        b'curl "http://a/x" ^\r\n -H "Accept: text/html" ^\r\n --data-raw "{\\"a\\":\\"b c\\"}" ^\r\n --compressed\r\n'
    )
    (data,) = data_of(read(text, "x"))
    assert data.startswith(b"POST /x HTTP/1.1\r\n")
    assert b"\r\nAccept: text/html\r\n" in data
    assert data.endswith(b'{"a":"b c"}')


DOUBTS = [
    (b'curl -H "Authorization: Bearer $TOKEN" http://a/', b"Authorization: Bearer $TOKEN\r\n", "$TOKEN"),
    (b"curl http://a/`date`", b"GET /`date` HTTP/1.1", "`date`"),
    (b"curl http://a/?a=1&b=2", b"GET /?a=1 HTTP/1.1", "an & without quotes"),
]


@pytest.mark.parametrize(("command", "sent", "doubt"), DOUBTS)
def test_what_only_a_shell_knows_is_told(command: bytes, sent: bytes, doubt: str) -> None:
    capture = read(command, "x")
    assert sent in data_of(capture)[0]
    (finding,) = [finding for finding in capture.findings if finding.rule == "shell-unknown"]
    assert doubt in finding.message


def test_ignored_and_untold_options_are_listed_apart() -> None:
    findings = {
        f.rule: f.message for f in read(b"curl -sk --digest -u a:b -x http://p:1 -K f -o x http://a/", "x").findings
    }
    assert findings["options-ignored"].endswith(": --silent, --insecure, --output.")
    assert findings["options-untold"].endswith(": --digest, --proxy, --config.")


REFUSED = [
    (b"curl -d", "ends where --data needs a value"),
    (b"curl -s", "names no URL"),
    (b"curl --nonsense http://a/", "no option --nonsense"),
    (b"curl 'http://a/", r"x, line 1: the ' there has no end"),
    (b'curl http://a/ \\\n  -H "X: y\n', r"x, line 2: the \" there has no end"),
    (b"curl ftp://a/", "no http or https URL"),
    (b"curl 'http://a/b c'", "curl refuses the URL"),
    (b"curl 'http://a/{b'", "has no partner"),
    (b"curl 'http://a/[1-100000]'", "stands for"),
    (b"curl -d @- http://a/ <<EOF\nx\n", "the here-document that ends at EOF does not end"),
    (b"curl -F x http://a/", "-F needs name=content"),
    (b"wget http://a/", "begins with curl"),
]


@pytest.mark.parametrize(("command", "problem"), REFUSED)
def test_what_curl_or_the_shell_refuse_is_refused(command: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        read(command, "x")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cut_command_is_read_or_refused(case: Captured) -> None:
    for cut in cuts(case.data, 3):
        read_or_refuse(read, cut)


@pytest.mark.parametrize("prompt", [b"$ ", b"user@host:~/a$ ", b"% ", b"PS C:\\> ", b"# what it does\n$ ", b"\n  "])
def test_prompts_stand_before_it(prompt: bytes) -> None:
    text = prompt + b"curl http://a/"
    assert recognise(text)
    assert data_of(read(text, "x")) == (b"GET / HTTP/1.1\r\nHost: a\r\n" + AGENT + b"\r\n",)


@pytest.mark.parametrize(
    "text",
    [
        b"curl is a tool\n",
        b"curl (1)\n",
        b"curling -s\n",
        b"The command curl -s http://a/ does it\n",
        b"import curl\n",
        b"curl\n",
    ],
)
def test_what_only_looks_alike_is_not_recognised(text: bytes) -> None:
    assert recognise(text) is None
