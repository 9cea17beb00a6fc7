"""What a lossy form leaves open, counted: dots, line ends, bytes that Content-Length misses.

A reader keeps one byte for each sign that stands for one, so lengths stay true; what the sign was
is the guess, and each guess is a finding with its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..findings import Finding, Severity
from .capture import Capture, ClientConnection, Fidelity
from .messages import content_length, head_end, is_chunked, request_end, request_starts

_MULTIPART = re.compile(rb"(?im)^content-type[ \t]*:[ \t]*multipart/")
_BLANK_LINE = re.compile(rb"\n\.?\n")
_LAST_CHUNK = re.compile(rb"\n0+\.?\n\.?\n")
_DOT_END = re.compile(rb"\.\n")


def guessed(capture: Capture, *findings: Finding) -> Capture:
    """The capture under these guesses, and what its own Content-Length says against it."""
    lengths = tuple(finding for connection in capture.connections for finding in misfits(connection))
    return replace(capture, fidelity=Fidelity.REPAIRED, findings=(*capture.findings, *findings, *lengths))


def dots(capture: Capture, tool: str, keeps: str) -> Iterator[Finding]:
    """How many dots of each connection may not be dots; `keeps` is the command that prints every byte."""
    for connection in capture.connections:
        if count := connection.data.count(b"."):
            yield Finding(
                rule="bytes-guessed",
                severity=Severity.WARNING,
                message=f"{counted(count, 'byte')} printed as '.', which stands for itself "
                f"or for any byte that {tool} does not draw.",
                help=f"Capture it with: {keeps}, which keeps every byte.",
                connection=connection.number,
            )


def line_ends(count: int, connection: int, why: str, keeps: str) -> Finding:
    """That `count` line ends of a connection are a guess, and which."""
    return Finding(
        rule="line-ends-guessed",
        severity=Severity.WARNING,
        message=f"{counted(count, 'line end')} guessed: {why}",
        help=f"Capture it with: {keeps}, which keeps every byte.",
        connection=connection,
    )


def counted(count: int, noun: str) -> str:
    """The number with its noun and verb: "1 byte is", "2 bytes are"."""
    return f"1 {noun} is" if count == 1 else f"{count} {noun}s are"


def misfits(connection: ClientConnection) -> Iterator[Finding]:
    """Bytes that the last request lacks by its Content-Length, or that follow it and begin no request."""
    starts = request_starts(connection.data)
    if not starts or connection.missing:
        return
    data, last = connection.data, starts[-1]
    end, body = request_end(data, last), head_end(data, last)
    length = content_length(data[last:body]) if body >= 0 else None
    if end is None and length is not None and not is_chunked(data[last:body]):
        lacking = length - (len(data) - body)
        yield _misfit(lacking, "missing", length, connection.number)
    elif end is not None and length is not None and data[end:].strip(b"\r\n"):
        yield _misfit(len(data) - end, "too many", length, connection.number)


def _misfit(count: int, how: str, length: int, number: int) -> Finding:
    return Finding(
        rule="length-misfit",
        severity=Severity.WARNING,
        message=f"{counted(count, 'byte')} {how}: Content-Length says {length}.",
        help="Capture the bytes themselves with: nc -l 8000 > FILE, or tcpdump -w FILE.",
        connection=number,
    )


def with_cr(data: bytes) -> tuple[bytes, int]:
    """`data` with CR for the dots that end lines of heads, chunks and multipart bodies, and their number.

    In any other body a dot before a line end may well be a full stop, so it stays.
    """
    parts: list[bytes] = []
    position = count = 0
    while position < len(data):
        blank = _BLANK_LINE.search(data, position)
        body = blank.end() if blank else len(data)
        head, found = _DOT_END.subn(b"\r\n", data[position:body])
        end = _body_end(data, body, head)
        rest, more = data[body:end], 0
        if is_chunked(head) or _MULTIPART.search(head):
            rest, more = _DOT_END.subn(b"\r\n", rest)
        parts += [head, rest]
        count += found + more
        position = end
    return b"".join(parts), count


def _body_end(data: bytes, body: int, head: bytes) -> int:
    if is_chunked(head):
        last = _LAST_CHUNK.search(data, max(0, body - 1))
        return last.end() if last else len(data)
    return min(len(data), body + (content_length(head) or 0))
