"""Where a message ends, as far as its head leaves no doubt.

This is no parser: it judges nothing, and where two servers could read a head differently
(Content-Length beside Transfer-Encoding, a folded line, a bare CR) it says that it does not know.
What follows such a head is then left as it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FRAMING_FIELD = re.compile(
    rb"\n([ \t]*)(content-length|transfer-encoding|upgrade)([^:\n]*):([^\n]*)(?=\n([ \t])?)", re.IGNORECASE
)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_SIZE_LINE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*+)?(\r?\n)?")
_TRAILER_LINE = re.compile(rb"[^\r\n]++(\r?\n)?")
_LINE_END = re.compile(rb"\r?\n")


class Framing(NamedTuple):
    """What follows the head: `length` bytes, or chunks; nothing can be said if `known` is false."""

    known: bool = True
    length: int | None = None
    chunked: bool = False


class Chunks(NamedTuple):
    """A chunked body that adds up.

    `end` is the offset behind it, `bare` where its framing lines end in LF alone, and `missing`
    the line ends that the end of the file cut off.
    """

    end: int
    bare: list[int]
    missing: int


_UNKNOWN = Framing(known=False)


def framing(head: bytes) -> Framing:
    """How the body behind `head` is delimited; `head` ends with its blank line."""
    if head.count(b"\r") != head.count(b"\r\n") or head.startswith(b"CONNECT "):
        return _UNKNOWN
    fields: dict[bytes, bytes] = {}
    for match in _FRAMING_FIELD.finditer(head):
        before, name, after, value, fold = match.groups()
        if before or after or fold or name.lower() in fields:
            return _UNKNOWN
        fields[name.lower()] = value.strip(b" \t\r").lower()
    if fields.pop(b"upgrade", b"") == b"websocket" or len(fields) > 1:
        return _UNKNOWN
    return _declared(head, fields)


def _declared(head: bytes, fields: dict[bytes, bytes]) -> Framing:
    if length := fields.get(b"content-length"):
        return Framing(length=int(length)) if _LENGTH.fullmatch(length) else _UNKNOWN
    if fields.get(b"transfer-encoding") == b"chunked":
        # HTTP/1.0 has no chunks, and servers part ways over one that claims them.
        return Framing(chunked=True) if head.partition(b"\r\n")[0].endswith(b" HTTP/1.1") else _UNKNOWN
    return _UNKNOWN if fields else Framing()


def walk_chunks(data: bytes, start: int) -> Chunks | None:
    """The chunked body at `start` if every size line adds up, whatever ends its lines; else None."""
    bare: list[int] = []
    at = start
    while size_line := _SIZE_LINE.match(data, at):
        size, line_end = int(size_line[1], 16), size_line[2]
        if not size:
            return _walk_trailers(data, size_line, bare)
        data_end = size_line.end() + size
        after = _LINE_END.match(data, data_end)
        if line_end is None or after is None:
            return None
        bare += [offset for offset in (_bare(size_line), _bare(after)) if offset is not None]
        at = after.end()
    return None


def _walk_trailers(data: bytes, last_chunk: re.Match[bytes], bare: list[int]) -> Chunks | None:
    line: re.Match[bytes] | None = last_chunk
    end = last_chunk.end()
    while line:
        end = line.end()
        if not line[0].endswith(b"\n"):
            return Chunks(end, bare, 2) if end == len(data) else None
        bare += [] if (offset := _bare(line)) is None else [offset]
        line = _TRAILER_LINE.match(data, end)
    if blank := _LINE_END.match(data, end):
        bare += [] if (offset := _bare(blank)) is None else [offset]
        return Chunks(blank.end(), bare, 0)
    return Chunks(end, bare, 1) if end == len(data) else None


def _bare(line: re.Match[bytes]) -> int | None:
    """Where the LF of `line` stands, if no CR stands before it."""
    return None if line[0].endswith(b"\r\n") else line.end() - 1
