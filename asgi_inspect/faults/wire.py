"""The bytes of one request as the rules look at them: its lines, fields and chunks, each split once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from ..servers.provenance import Field
from ..span import Span
from . import locate
from .chunked import Chunked, walk
from .grammar import METHODS, like_a_request
from .request import Reading, Request

_METHOD = re.compile(rb"([ \t]*)([^ \t]*)([ \t]*)")
_VERSIONS = (
    re.compile(rb"(?i)(?<=[ \t])(?:HTTP|RTSP|ICE)/[0-9][^ \t\r]*"),
    re.compile(rb"(?i)(?<=[ \t])(?:HTTP|RTSP|ICE)/[^ \t\r]*"),
    re.compile(rb"(?<=[ \t])[A-Za-z]+/[^ /\r]*\Z"),
)
_TARGET = re.compile(rb".*[^ \t]", re.DOTALL)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_PREFACE = (b"PRI * HTTP/2.0\r\n\r\n", b"SM\r\n")
_BLANK = re.compile(rb"[\r\n]*\Z")


class RequestLine(NamedTuple):
    """The parts of a request line; `version` is empty where none can be told.

    `gaps` is the white space before the method, the target and the version; `rest` what follows all of them.
    """

    method: Span
    target: Span
    version: Span
    rest: Span
    gaps: tuple[Span, Span, Span]


class FieldLine(NamedTuple):
    """A line of a head or of trailers: `colon` is its offset, -1 for none; `first` in its section."""

    line: Span
    colon: int
    first: bool
    folded: bool


class Wire:
    """One request for the rules. Nothing here judges; everything is split when first asked for."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.data = request.data
        self.head = request.head
        self._refused_at: dict[str, Span | None] = {}

    @cached_property
    def whole_line(self) -> Span:
        """The first line of the head."""
        return self.head.lines[0] if self.head.lines else Span(self.head.span.start, self.head.span.start)

    @property
    def line_done(self) -> bool:
        """Whether the first line has its line end."""
        return len(self.head.lines) > 1 or self.head.span.of(self.data).endswith(b"\n")

    @cached_property
    def garbled(self) -> bool:
        """Whether the first line is not even meant as a request line."""
        if like_a_request(self.data, self.head.span.start):
            return False
        text = self.whole_line.of(self.data)
        return bool(text) and (self.line_done or not any(method.startswith(text) for method in METHODS))

    @property
    def blank(self) -> bool:
        """Whether a line end stands where the request line should be."""
        return self.whole_line.start == self.whole_line.end

    @cached_property
    def first_on_connection(self) -> bool:
        """Whether nothing but blank lines stands before."""
        return _BLANK.match(self.data, 0, self.head.span.start) is not None

    @cached_property
    def behind_preface(self) -> bool:
        """Whether an HTTP/2 client says this, behind the line of its opening that h11 takes for a request."""
        start, (before, line) = self.request.start, _PREFACE
        return self.data[max(start - len(before), 0) : start + len(line)] == before + line

    @cached_property
    def request_line(self) -> RequestLine:
        """Method, target and version, however badly they are parted."""
        line, data = self.whole_line, self.data
        begin = _METHOD.match(data, *line)
        assert begin is not None
        before, method, gap = (Span(*begin.span(group)) for group in (1, 2, 3))
        found = (pattern.search(data, gap.end, line.end) for pattern in _VERSIONS if gap.end < line.end)
        version = next((match for match in found if match and match.start() > gap.end), None)
        target = _TARGET.match(data, gap.end, version.start() if version else line.end)
        end = target.end() if target else gap.end
        if version is None:
            none = Span(line.end, line.end)
            return RequestLine(method, Span(gap.end, end), none, Span(end, line.end), (before, gap, Span(end, end)))
        rest = Span(version.end(), line.end)
        gaps = (before, gap, Span(end, version.start()))
        return RequestLine(method, Span(gap.end, end), Span(*version.span()), rest, gaps)

    @property
    def method(self) -> bytes:
        return self.request_line.method.of(self.data)

    @property
    def target(self) -> bytes:
        return self.request_line.target.of(self.data)

    @property
    def version(self) -> bytes:
        return self.request_line.version.of(self.data)

    def named(self, *names: bytes) -> list[Field]:
        """The fields of the head called one of `names` (lower case), name by name."""
        return [field for name in names for field in self._by_name.get(name, ())]

    @cached_property
    def _by_name(self) -> dict[bytes, list[Field]]:
        fields: dict[bytes, list[Field]] = {}
        for field in self.head.fields:
            fields.setdefault(field.name.of(self.data).lower(), []).append(field)
        return fields

    def value(self, field: Field) -> bytes:
        """A field's value, folded lines joined."""
        return _FOLD.sub(b" ", field.value.of(self.data)).strip(b" \t")

    def part(self, field: Field, start: int, end: int | None = None) -> Span:
        """Part of a field's value; all of it where it is folded, since its offsets are then not those of the value."""
        if b"\n" in field.value.of(self.data):
            return field.value
        return Span(field.value.start + start, field.value.end if end is None else field.value.start + end)

    @cached_property
    def codings(self) -> list[bytes]:
        """What the Transfer-Encoding fields list, in lower case."""
        values = [self.value(field).lower() for field in self.named(b"transfer-encoding")]
        return [coding.strip(b" \t") for value in values for coding in value.split(b",")]

    @property
    def called(self) -> bool:
        """Whether any of the parsers got behind the head."""
        return any(reading.called for reading in self.request.readings)

    @cached_property
    def chunked(self) -> Chunked:
        """The chunks behind the head; none where the body is not chunked, or nobody read it."""
        if self.called and self.head.complete and b"chunked" in self.codings:
            return walk(self.data, self.head.span.end)
        return Chunked()

    @cached_property
    def field_lines(self) -> list[FieldLine]:
        """The field lines of the head, then those of the trailers."""
        return [*self._field_lines(self.head.lines[1:]), *self._field_lines(self.chunked.trailers)]

    def _field_lines(self, lines: list[Span]) -> Iterator[FieldLine]:
        for number, line in enumerate(lines):
            folded = self.data[line.start : line.start + 1] in (b" ", b"\t")
            yield FieldLine(line, self.data.find(b":", line.start, line.end), number == 0, folded)

    def finished(self, line: Span) -> bool:
        """Whether a line end stands behind `line`."""
        return line.end < len(self.data)

    def line_around(self, span: Span) -> Span:
        """The line that `span` begins in, its line end included."""
        start = self.data.rfind(b"\n", self.head.span.start, span.start) + 1 or self.head.span.start
        end = self.data.find(b"\n", span.start) + 1
        return Span(start, end or len(self.data))

    def sections(self) -> list[Span]:
        """Where lines stand: the head, and the trailers where there are any."""
        trailers = self.chunked.trailer_section
        return [self.head.span, trailers] if trailers else [self.head.span]

    def refused_at(self, reading: Reading) -> Span | None:
        """The bytes at which a parser that refused stopped, as far as that can be told."""
        if reading.parser not in self._refused_at:
            self._refused_at[reading.parser] = self._locate(reading)
        return self._refused_at[reading.parser]

    def _locate(self, reading: Reading) -> Span | None:
        if reading.parser != "h11":
            offset = locate.httptools_offset(self.data, self.head.span.start)
            return None if offset is None else Span(offset, offset + 1)
        quote = locate.quoted(reading.words)
        if reading.words.startswith("illegal request line"):
            return self.line_around(self.whole_line)
        if reading.words.startswith("illegal header line"):
            lines = self.chunked.trailers if reading.head_done else self.head.lines[1:]
            return locate.unfolded(self.data, lines, quote)
        odd = (Span(chunk.line.start, chunk.line_end.end) for chunk in self.chunked.odd)
        tails = (chunk.tail for chunk in self.chunked.odd)
        return next((span for span in (*odd, *tails) if quote and span.of(self.data) == quote), None)
