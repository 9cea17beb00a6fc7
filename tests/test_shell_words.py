"""Words as bash and Windows' cmd cut them."""

from __future__ import annotations

import subprocess

import pytest

from asgi_inspect.captures.capture import CaptureError
from asgi_inspect.captures.shell_words import bash_commands, cmd_commands

LINES = [
    rb"a b\ c 'd e' " + b'"f g"',
    b"'it'\\''s'",
    b"$'a\\tb\\x41\\102\\u00e9\\'\\\\\\q\\cA'",
    b'"a\\"b\\\\c\\n$"',
    b"'' \"\" x''y",
    b"a\\\nb \\\n c",
    b"{a,b}[1] ~x =y !",
    b"a'b'\"c\"$'d'e",
    b"\"multi\nline\" 'multi\nline'",
    b"$'\\U0001f600' $",
]


@pytest.mark.parametrize("line", LINES)
def test_bash_cuts_them_alike(line: bytes) -> None:
    script = b"set +o braceexpand; set -f; printf '%s\\0' " + line
    true = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
    (command,) = bash_commands(line, "x")
    assert b"".join(word + b"\0" for word in command.words) == true


def test_commands_end_and_pipe() -> None:
    commands = bash_commands(b"a 1 && b 2 | c 3; d 4 > out 2>&1 # no\n e 5 || f", "x")
    assert [command.words for command in commands] == [
        [b"a", b"1"],
        [b"b", b"2"],
        [b"c", b"3"],
        [b"d", b"4"],
        [b"e", b"5"],
        [b"f"],
    ]
    assert [command.piped for command in commands] == [False, False, True, False, False, False]


def test_here_documents_and_here_strings() -> None:
    first, second, third = bash_commands(b"a <<'EOF' -x\nline 1\n line 2\nEOF\nb <<<word\nc\n", "x")
    assert first.stdin == b"line 1\n line 2\n"
    assert first.words == [b"a", b"-x"]
    assert second.stdin == b"word\n"
    assert third.words == [b"c"]


def test_a_nul_ends_an_ansi_string_as_in_bash() -> None:
    (command,) = bash_commands(b"$'ab\\0cd'e", "x")
    assert command.words == [b"abe"]
    assert len(command.doubts) == 1


CMD = [
    (b'a ^"b c^" d', [[b"a", b"b c", b"d"]]),
    (b'a "b ^ c" ^^', [[b"a", b"b ^ c", b"^"]]),
    (b'a "say \\"hi\\"" "c:\\\\" d\\e', [[b"a", b'say "hi"', b"c:\\", b"d\\e"]]),
    (b'a "x ""y"" z"', [[b"a", b'x "y" z']]),
    (b'a ^\r\n  b\r\nc "" d', [[b"a", b"b"], [b"c", b"", b"d"]]),
]


@pytest.mark.parametrize(("line", "words"), CMD)
def test_cmd_cuts_them(line: bytes, words: list[list[bytes]]) -> None:
    assert [command.words for command in cmd_commands(line, "x")] == words


@pytest.mark.parametrize("line", [b"a 'b", b'a "b', b"a $'b", b"a (b", b"a `b"])
def test_what_has_no_end_is_refused(line: bytes) -> None:
    with pytest.raises(CaptureError, match=r"line 1: the . there has no end"):
        bash_commands(line, "x")


def test_a_long_line_takes_no_time() -> None:
    line = b"a '" + b"x" * 1_000_000 + b"' \"" + b"\\y" * 500_000 + b'" ' + b"'a'" * 100_000
    (command,) = bash_commands(line, "x")
    assert len(command.words) == 4
