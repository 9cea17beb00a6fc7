"""Where in the client's bytes each part of a request stands.

The parsers do not tell. This file splits lines and only points: it never judges, and what it
points at is checked against what the parser said; a span whose bytes do not give the value is
left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..asgi import Scope
from ..events import RequestHead
from ..span import Span

Provenance = dict[str, Any]
_LONGEST_CHUNK_LINE = 64 * 1024
_SIZE = re.compile(rb"[0-9A-Fa-f]+")
_NOWHERE = Span(0, 0)


class Field(NamedTuple):
    """One field line: its name as sent, and its value without the white space around it."""

    name: Span
    value: Span


@dataclass(slots=True, kw_only=True)
class HeadMap:
    """The lines of a head. `span` ends behind the empty line, or with the bytes where none came."""

    span: Span
    complete: bool
    method: Span = _NOWHERE
    target: Span = _NOWHERE
    version: Span = _NOWHERE
    lines: list[Span] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)


def skip_blank(data: bytes, start: int) -> int:
    """The first offset from `start` that is no CR or LF."""
    while data[start : start + 1] in (b"\r", b"\n"):
        start += 1
    return start


def map_head(data: bytes, start: int) -> HeadMap:
    """Split the head that begins at `start` into its lines; each ends at its LF."""
    lines: list[Span] = []
    texts: list[bytes] = []
    position, size, complete = start, len(data), False
    while position < size:
        found = data.find(b"\n", position)
        end = size if found < 0 else found + 1
        line = data[position:end]
        text = line.rstrip(b"\r\n")
        if not text and lines and line in (b"\r\n", b"\n"):
            position, complete = end, True
            break
        lines.append(Span(position, position + len(text)))
        texts.append(text)
        position = end
    head = HeadMap(span=Span(start, position), complete=complete, lines=lines)
    if lines:
        split_request_line(data, head, lines[0])
        _split_fields(head.fields, lines[1:], texts[1:])
    return head


def split_request_line(data: bytes, head: HeadMap, line: Span) -> None:
    """Find method, target and version."""
    text = line.of(data)
    method = text.split(b" ", 1)[0]
    head.method = Span(line.start, line.start + len(method))
    rest = text[len(method) :]
    target_start = head.method.end + len(rest) - len(rest.lstrip(b" "))
    before, _, last = text.rstrip(b" \t").rpartition(b" ")
    if last.upper().startswith((b"HTTP/", b"RTSP/", b"ICE/")) and line.start + len(before) >= target_start:
        target_end = line.start + len(before.rstrip(b" "))
        version_start = line.start + len(before) + 1
        head.version = Span(version_start, version_start + len(last))
    else:
        target_end = line.start + len(text.rstrip(b" \t"))
        head.version = Span(target_end, target_end)
    head.target = Span(target_start, max(target_start, target_end))


def _split_fields(fields: list[Field], lines: list[Span], texts: list[bytes]) -> None:
    for (line_start, line_end), text in zip(lines, texts, strict=True):
        colon = text.find(b":")
        if text[:1] in (b" ", b"\t") and fields:
            # A folded line continues the value before it; its bytes no longer give that value.
            last = fields.pop()
            fields.append(Field(last.name, Span(last.value.start, line_end)))
        elif colon >= 0:
            value = text[colon + 1 :]
            start = line_end - len(value.lstrip(b" \t"))
            end = line_end - (len(value) - len(value.rstrip(b" \t")))
            fields.append(Field(Span(line_start, line_start + colon), Span(start, max(start, end))))


class Body(NamedTuple):
    """Where a body ends: `end` is the offset behind it, None where that cannot be told.

    `trailers` are the field lines behind the last chunk.
    """

    end: int | None
    trailers: tuple[Field, ...] = ()


def map_body(data: bytes, head: HeadMap, length: int) -> Body:
    """Find the end of the body behind `head`; the parser gave `length` bytes of content."""
    codings = [field.value.of(data).lower() for field in head.fields if _is(data, field, b"transfer-encoding")]
    if any(b"chunked" in coding for coding in codings):
        return _map_chunks(data, head.span.end, length)
    return Body(end=head.span.end + length)


def _map_chunks(data: bytes, position: int, length: int) -> Body:
    total = 0
    while True:
        line_end = data.find(b"\r\n", position, position + _LONGEST_CHUNK_LINE)
        if line_end < 0:
            return Body(end=None)
        digits = data[position:line_end].partition(b";")[0].strip(b" \t")
        if not _SIZE.fullmatch(digits):  # int() would take "-5" and "1_0" too
            return Body(end=None)
        size = int(digits, 16)
        if size == 0:
            break
        total += size
        position = line_end + 2 + size + 2
    if total != length:
        return Body(end=None)
    if data[line_end + 2 : line_end + 4] == b"\r\n":
        return Body(end=line_end + 4)
    trailers = map_head(data, line_end)  # the chunk line's own end stands in for a request line
    return Body(end=trailers.span.end if trailers.complete else None, trailers=tuple(trailers.fields))


def _is(data: bytes, field: Field, name: bytes) -> bool:
    start, end = field.name
    return end - start == len(name) and data[start:end].lower() == name


def provenance(data: bytes, map_: HeadMap, body: Body, head: RequestHead, scope: Scope, root_path: str) -> Provenance:
    """Spans for the scope keys that come from the bytes; `headers` has one [name, value] pair per header.

    A pair's part, or a key, is None or missing where the bytes do not give the value.
    """
    spans = line_spans(data, map_, head, scope, root_path)
    if spans is None:
        return {}
    fields = (*map_.fields, *body.trailers)
    return {**spans, "headers": _header_spans(data, fields, scope["headers"])}


def line_spans(data: bytes, map_: HeadMap, head: RequestHead, scope: Scope, root_path: str) -> Provenance | None:
    """The spans that the request line gives; None where the parser read another one."""
    if map_.target.of(data) != head.target or map_.method.of(data) != head.method:
        return None
    spans: Provenance = {"method": map_.method} if "method" in scope else {}  # a WebSocket's has none
    if map_.version.of(data)[-3:].decode("latin-1") == head.http_version:
        spans["http_version"] = Span(map_.version.end - 3, map_.version.end)
    return spans | _target_spans(map_.target, head.target, scope, root_path)


def _target_spans(span: Span, target: bytes, scope: Scope, root_path: str) -> Provenance:
    spans: Provenance = {}
    raw_path: bytes = scope["raw_path"][len(root_path.encode()) :]
    authority = target.find(b"://")
    start = 0 if target.startswith(raw_path) else target.find(b"/", authority + 3) if authority >= 0 else -1
    if start < 0 or target[start : start + len(raw_path)] != raw_path:
        return spans
    end = start + len(raw_path)
    spans["path"] = spans["raw_path"] = Span(span.start + start, span.start + end)
    query: bytes = scope["query_string"]
    mark = target.find(b"?", end)
    # A `?` behind a fragment begins no query for httptools.
    if mark == end and target[mark + 1 : mark + 1 + len(query)] == query:
        spans["query_string"] = Span(span.start + mark + 1, span.start + mark + 1 + len(query))
    return spans


def _header_spans(
    data: bytes, fields: tuple[Field, ...], headers: list[tuple[bytes, bytes]]
) -> list[tuple[Span | None, Span | None]]:
    spans: list[tuple[Span | None, Span | None]] = []
    position = 0
    for name, value in headers:
        match = position
        while match < len(fields) and not _is(data, fields[match], name):
            match += 1
        if match == len(fields):
            spans.append((None, None))
            continue
        position = match + 1
        field = fields[match]
        given = Span(field.value.start, field.value.start + len(value))
        spans.append((field.name, given if given.of(data) == value else None))
    return spans
