"""`printf '…' | nc host port` and `echo -e '…' | nc …`: what the shell would have piped, never run."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from ..findings import Finding, Severity
from .capture import Capture, CaptureError, ClientConnection, Fidelity
from .messages import begins_as_request
from .shell_words import Command, bash_commands

FORMAT: Final = "printf-to-netcat"
_MARK = re.compile(rb"\s*+(?:[^\n'\"]{0,80}?[$%#>] +)?(?:printf|echo)[ \t]+[^\n]")
_CLIENTS: Final = (b"nc", b"ncat", b"netcat", b"socat", b"telnet", b"openssl", b"nc.traditional", b"nc.openbsd")
_PIPE = re.compile(
    rb"\|\s*(?:\w+=\S* )?(?:sudo )?(?:nc|ncat|netcat|socat|telnet|openssl|nc\.traditional|nc\.openbsd)[ \t]"
)
_PROMPT = re.compile(rb"(?m)^[^\n'\"]{0,80}?[$%#>] +(?=printf|echo)")
_ESCAPE = re.compile(
    rb"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|0?([0-7]{1,3})|([abefnrtv\\'\"?c]))|%([%sbdc])", re.DOTALL
)
_NAMED: Final = {
    b"a": b"\a",
    b"b": b"\b",
    b"e": b"\x1b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}


def recognise(head: bytes) -> str | None:
    """Why this is such a line, or None."""
    return "printf or echo is piped into a netcat" if _MARK.match(head) and _PIPE.search(head) else None


def read(data: bytes, source: str) -> Capture:
    """What each pipe carries, exact by the rules of the shell's own printf and echo."""
    commands = bash_commands(_PROMPT.sub(b"", data), source)
    pairs = [(left, right) for left, right in pairwise(commands) if right.piped and right.words[0] in _CLIENTS]
    if not pairs:
        raise CaptureError(f"{source}: expected printf or echo piped into nc. Paste the whole line")
    doubts = [doubt for left, _ in pairs for doubt in left.doubts]
    connections = tuple(
        ClientConnection(number=number, data=_output(left, source)) for number, (left, _) in enumerate(pairs, 1)
    )
    finding = Finding(
        rule="shell-unknown",
        severity=Severity.WARNING,
        message=f"Taken as written, though in the shell {', '.join(doubts)}.",
    )
    return Capture(
        source=source,
        format=FORMAT,
        fidelity=Fidelity.REPAIRED if doubts else Fidelity.EXACT,
        connections=connections,
        findings=(finding,) if doubts else (),
    )


def _output(command: Command, source: str) -> bytes:
    name, *words = command.words
    if name == b"printf" and words:
        written = _printf(words[0] if words[0] != b"--" else words[1], words[1:])
    elif name == b"echo":
        written = _echo(words)
    else:
        raise CaptureError(
            f"{source}: what {name.decode('utf-8', 'replace')} writes cannot be known without running it"
        )
    if not begins_as_request(written) and not written.strip():
        raise CaptureError(f"{source}: the command writes nothing into the pipe. Paste the whole line")
    return written


def _printf(pattern: bytes, arguments: list[bytes]) -> bytes:
    """The pattern with its escapes and %s filled; used again while arguments are left, as printf does."""
    rest = list(arguments)

    def one(match: re.Match[bytes]) -> bytes:
        if match[5] == b"%":
            return b"%"
        if match[5]:
            value = rest.pop(0) if rest else b""
            return _ESCAPE.sub(_unescaped, value) if match[5] == b"b" else value
        return _unescaped(match)

    written = [_ESCAPE.sub(one, pattern)]
    while rest and re.search(rb"%[sbdc]", pattern):
        written.append(_ESCAPE.sub(one, pattern))
    return b"".join(written)


def _echo(words: list[bytes]) -> bytes:
    escapes, newline = False, b"\n"
    while words and re.fullmatch(rb"-[neE]+", words[0]):
        escapes = b"e" in words[0] or (escapes and b"E" not in words[0])
        newline = b"" if b"n" in words[0] else newline
        words = words[1:]
    text = b" ".join(words)
    return (_ESCAPE.sub(_unescaped, text) if escapes else text) + newline


def _unescaped(match: re.Match[bytes]) -> bytes:
    hexadecimal, code, octal, named, percent = match.groups()
    if percent:
        return match[0]
    if hexadecimal or octal:
        return bytes((int(hexadecimal or octal, 16 if hexadecimal else 8) & 0xFF,))
    if code:
        return chr(int(code, 16)).encode("utf-8", "surrogatepass")
    return _NAMED.get(named, named)
