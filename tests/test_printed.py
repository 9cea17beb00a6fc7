"""printf and echo piped into netcat: what bash's own printf and echo write."""

from __future__ import annotations

import subprocess

import pytest

from asgi_inspect.captures.capture import CaptureError, Fidelity
from asgi_inspect.captures.printed import read, recognise
from tests.captured import data_of, rules_of

LINES = [
    rb"printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'",
    rb"printf '%s\r\n' 'GET / HTTP/1.1' 'Host: a' ''",
    rb"printf 'POST / HTTP/1.1\r\nX: %s%%\x41\101\\\r\n\r\n%b' 'a b' 'c\td'",
    rb"echo -e 'GET / HTTP/1.1\r\nHost: a\r\n\r'",
    rb"echo -ne 'GET / HTTP/1.1\r\n\r\n\0101\x42'",
    rb"echo -n GET / HTTP/1.1",
    b"echo $'GET / HTTP/1.1\\r\\n\\r'",
    b'printf "GET / HTTP/1.1\\r\\nHost: \\"a\\"\\r\\n\\r\\n"',
]


@pytest.mark.parametrize("line", LINES)
def test_it_is_what_bash_writes(line: bytes) -> None:
    text = line + b" | nc localhost 8000\n"
    true = subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout
    assert recognise(text)
    capture = read(text, "x")
    assert data_of(capture) == (true,)
    assert capture.fidelity is Fidelity.EXACT


def test_several_lines_are_several_connections() -> None:
    text = b"$ printf 'GET /1 HTTP/1.1\\r\\n\\r\\n' | nc a 1\n$ printf 'GET /2 HTTP/1.1\\r\\n\\r\\n' | ncat a 1\n"
    assert data_of(read(text, "x")) == (b"GET /1 HTTP/1.1\r\n\r\n", b"GET /2 HTTP/1.1\r\n\r\n")


def test_a_variable_is_told() -> None:
    capture = read(b'printf "GET /$P HTTP/1.1\\r\\n\\r\\n" | nc a 1', "x")
    assert rules_of(capture) == ["shell-unknown"]
    assert capture.fidelity is Fidelity.REPAIRED


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"printf x > file", "piped into nc"),
        (b"seq 3 | nc a 1", "what seq writes cannot be known"),
        (b"printf '' | nc a 1", "writes nothing"),
        (b"printf 'x | nc a 1", "has no end"),
    ],
)
def test_what_cannot_be_known_is_refused(text: bytes, problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        read(text, "x")


@pytest.mark.parametrize("text", [b"printf hello\n", b"echo a | grep b\n", b"printf is a function | nc\n"[:20]])
def test_other_commands_are_not_recognised(text: bytes) -> None:
    assert recognise(text) is None
