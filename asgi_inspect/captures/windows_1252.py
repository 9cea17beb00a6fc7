"""A request that was typed and saved in Windows-1252: its letters are no UTF-8, and are read as others."""

from __future__ import annotations

import re

from ..findings import Finding, Severity
from ..span import LineIndex, Span, printable
from .capture import ClientConnection

_BLANK_LINE = re.compile(rb"\n\r?\n")
_LONGEST_HEAD = 64 * 1024
# A word with a letter or a quotation mark of that code page in it, which ASCII letters stand beside.
_TYPED = re.compile("[a-zA-Z]{2}[À-ÖØ-öø-ÿœŒšŠžŽŸ’](?![À-ÿ])|[“„‘‚][a-zA-Z]{2}")
_NEVER_TYPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0]")


def windows_1252(client: ClientConnection) -> Finding | None:
    """A note on the first such line of the head; None where the head is UTF-8, or reads like nothing a person wrote."""
    blank = _BLANK_LINE.search(client.data, 0, _LONGEST_HEAD)
    head = client.data[: blank.end() if blank else _LONGEST_HEAD]
    place = _no_utf_8(head)
    if place is None:
        return None
    try:
        text = head.decode("cp1252")
    except UnicodeDecodeError:
        return None
    if _NEVER_TYPED.search(text) or not _TYPED.search(text):
        return None
    index = LineIndex(head)
    line, position = index.line_span(place).of(head).rstrip(b"\r\n").decode("cp1252"), index.position(place)
    return Finding(
        rule="windows-1252-text",
        severity=Severity.NOTE,
        message=f"the head is no UTF-8; as Windows-1252 this line reads `{printable(line)[:200]}`",
        help="the bytes are taken as they are; if UTF-8 was meant, save the file as UTF-8",
        connection=client.number,
        span=Span(place, place + 1),
        line=position.line,
        column=position.column,
    )


def _no_utf_8(head: bytes) -> int | None:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None
