"""A PowerShell command becomes the request that it describes; what browsers really copy is in test_browsers."""

from __future__ import annotations

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.powershell_command import read, recognise
from tests.captured import FOLDER, cuts, data_of, read_or_refuse, rules_of

COPY = (FOLDER / "powershell" / "chromium.ps1").read_bytes()

COMMANDS = [
    ("Invoke-WebRequest http://a/p?q=1#f\r\n", b"GET /p?q=1 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("iwr -Uri 'http://a/''x'", b"GET /'x HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("PS C:\\> irm -Method Delete -Uri http://a:81/ -TimeoutSec 5", b"DELETE / HTTP/1.1\r\nHost: a:81\r\n\r\n"),
    ("$r = Invoke-RestMethod -Uri http://a/ | ConvertTo-Json", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (
        "Invoke-RestMethod http://a/ -Method Post -ContentType 'application/json' -Body '{\"a\": \"$b\"}' # make one",
        b'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"a": "$b"}',
    ),
    (
        'iwr "http://a/" `\r\n -Headers @{ "A" = "1`t`"2`" $ $([char]269)"; B=\'3\' } `\n -UserAgent x',
        b'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x\r\nA: 1\t"2" $ \xc4\x8d\r\nB: 3\r\n\r\n',
    ),
    (
        'iwr "http://a/" -Method PUT -Body ([System.Text.Encoding]::UTF8.GetBytes("$([char]55356)$([char]57205)`n"))',
        b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n\xf0\x9f\x8d\xb5\n",
    ),
]


@pytest.mark.parametrize(("command", "request_"), COMMANDS)
def test_a_command_is_its_request(command: str, request_: bytes) -> None:
    assert recognise(command.encode())
    capture = read(command.encode(), "x")
    assert data_of(capture) == (request_,)
    assert capture.fidelity is Fidelity.RECONSTRUCTED
    assert "not-the-wire" in rules_of(capture)
    assert ("options-ignored" in rules_of(capture)) == ("-TimeoutSec" in command)


def test_a_session_lasts_until_the_next() -> None:
    first, second = COPY.split(b"\n$session = New-Object")[2:4]
    data = data_of(read(b"$session = New-Object" + first + b"\n$session = New-Object" + second, "x"))
    assert len(data) == 2
    assert all(request.count(b"Cookie: session=abc123; theme=dark\r\n") == 1 for request in data)


BROKEN = [
    (b"Invoke-WebRequest -Uri $url", r"x, line 1: expected a string; what a variable or an expression holds"),
    (b'iwr "http://$server/"', r"x, line 1: expected the string to end; what a variable in it holds"),
    (b'iwr "http://a/', r"x, line 1: expected the string to end"),
    (b'iwr "http://a/" -Headers @{\n"A" "b"}', r"x, line 2: expected ="),
    (b'iwr "http://a/" -Headers @{\n"A"="b"', r"x, line 2: expected a string"),
    (b"iwr -Method Get\n", r"x, line 1: expected -Uri and a URL before the end of the command"),
    (b"iwr http://a/\nGet-Content x", r"x, line 2: expected Invoke-WebRequest or \$session"),
    (b"$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n", "holds no byte that a client sent"),
    (b"iwr http://a/\xff", r"x, line 1: expected text in UTF-8"),
]


@pytest.mark.parametrize(("command", "problem"), BROKEN)
def test_what_only_running_could_tell_is_refused_with_its_line(command: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        read(command, "x")


def test_a_cut_copy_is_read_or_refused() -> None:
    for cut in cuts(COPY, 53):
        read_or_refuse(read, cut)
