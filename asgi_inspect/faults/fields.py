"""Faults of field lines, in heads and trailers alike (RFC 9112 §5) and of line ends (§2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..span import Span
from .grammar import NOT_TOKEN
from .rule import Fault, Place, byte_name, shown
from .wire import FieldLine, Wire

_ILLEGAL_LINE = r"illegal header line"
_ILLEGAL_NAME = r"Invalid header (token|field char)"
_ILLEGAL_VALUE = r"Invalid header value char"
_BARE_LF = re.compile(rb"(?<!\r)\n")
_BARE_CR = re.compile(rb"\r(?!\n)(?!\Z)")
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


@Fault(
    id="bare-lf",
    summary="a line that ends with LF alone",
    spec="RFC 9112 §2.2",
    help="end every line with CRLF; `sed 's/$/\\r/'` or `unix2dos` make it so",
    httptools=r"CR\b|CRLF|Invalid header (field|value) char",
    taken={"h11": "LF alone ends a line for it"},
    risk="a proxy for which only CRLF ends a line sees one field where h11 sees two",
    smuggling=True,
)
def bare_lf(wire: Wire) -> Iterator[Place]:
    """A recipient MAY take a single LF for a line end; the two parsers differ."""
    for section in wire.sections():
        for found in _BARE_LF.finditer(wire.data, *section):
            span = Span(*found.span())
            yield Place(span=span, message="the line ends with LF, without a CR", label="LF alone", reach=span)


@Fault(
    id="bare-cr",
    summary="a CR that no LF follows",
    spec="RFC 9112 §2.2",
    help="end every line with CRLF, and keep CR out of names and values",
    h11=r"illegal (header|request) line",
    httptools=r"\bLF\b|CRLF|Invalid char|Invalid header token",
    taken={"h11": "it is a line end, or part of a value"},
    risk="a proxy for which CR alone ends a line sees two fields where others see one",
    smuggling=True,
)
def bare_cr(wire: Wire) -> Iterator[Place]:
    """A recipient MUST treat it as invalid, or replace it with a space."""
    for section in wire.sections():
        for found in _BARE_CR.finditer(wire.data, *section):
            span = Span(*found.span())
            reach = Span(span.start, span.end + 1)
            yield Place(span=span, message="a CR stands alone, no LF follows", label="CR alone", reach=reach)


@Fault(
    id="obsolete-line-folding",
    summary="a field line that continues on the next line",
    spec="RFC 9112 §5.2",
    help="write the value on one line",
    httptools=r"Unexpected whitespace after header value|Invalid header value char",
    taken={"h11": "the lines are joined with one space"},
    risk="a proxy that takes the second line for a field of its own forwards another head",
    smuggling=True,
)
def obsolete_line_folding(wire: Wire) -> Iterator[Place]:
    """A server MUST refuse it or put spaces in its place: both happen here."""
    for line in wire.field_lines:
        if line.folded and not line.first:
            text = line.line.of(wire.data)
            end = line.line.start + len(text) - len(text.lstrip(b" \t"))
            message = f"the line {shown(text)} begins with white space, which continues the line before it"
            yield Place(span=Span(line.line.start, end), message=message, label="continues the value above")


@Fault(
    id="whitespace-before-first-field",
    summary="white space between the request line and the first field",
    spec="RFC 9112 §2.2",
    help="begin every field line with its name",
    h11=r"continuation line at start of headers",
    httptools=r"Unexpected space after start line|Invalid header (token|field char)",
    risk="a proxy that skips the line reads a head without it",
    smuggling=True,
)
def whitespace_before_first_field(wire: Wire) -> Iterator[Place]:
    """There is no line before it that it could continue."""
    for line in wire.field_lines:
        if line.folded and line.first:
            span = Span(line.line.start, line.line.start + 1)
            message = f"the first field line {shown(line.line.of(wire.data))} begins with white space"
            yield Place(span=span, message=message, label="nothing above to continue")


@Fault(
    id="space-before-colon",
    summary="white space between a field's name and its colon",
    spec="RFC 9112 §5.1",
    help="put the colon right behind the name",
    h11=_ILLEGAL_LINE,
    httptools=_ILLEGAL_NAME,
    risk="a proxy that ignores the space honours a field that the server does not see, or the other way round",
    smuggling=True,
)
def space_before_colon(wire: Wire) -> Iterator[Place]:
    """A server MUST answer 400: such lines have been used to smuggle requests."""
    for line, name in _names(wire):
        bare = name.rstrip(b" \t")
        if bare and bare != name:
            span = Span(line.line.start + len(bare), line.colon)
            yield Place(span=span, message=f"white space follows the name {shown(bare)}", label="before the colon")


@Fault(
    id="field-without-colon",
    summary="a line in the head that has no colon",
    spec="RFC 9112 §5",
    help="write `Name: value`; where the body was meant to begin, an empty line is missing above",
    h11=_ILLEGAL_LINE,
    httptools=_ILLEGAL_NAME + r"|Invalid header value char",
)
def field_without_colon(wire: Wire) -> Iterator[Place]:
    """Often the first line of a body, where the empty line was forgotten."""
    for line in wire.field_lines:
        text = line.line.of(wire.data)
        if line.colon < 0 and not line.folded and text:
            message, done = f"the line {shown(text)} is no field", wire.finished(line.line)
            yield Place(span=line.line, message=message, label="no colon in it", sure=done)


@Fault(
    id="field-name-empty",
    summary="a field without a name",
    spec="RFC 9110 §5.1",
    help="write the name before the colon",
    h11=_ILLEGAL_LINE,
    httptools=_ILLEGAL_NAME,
)
def field_name_empty(wire: Wire) -> Iterator[Place]:
    """A name is one character at least."""
    for line in wire.field_lines:
        if line.colon == line.line.start:
            message = f"the line {shown(line.line.of(wire.data))} has no name"
            yield Place(span=Span(line.colon, line.colon + 1), message=message, label="nothing before the colon")


@Fault(
    id="field-name-illegal",
    summary="a byte that cannot stand in a field name",
    spec="RFC 9110 §5.1",
    help="use letters, digits and hyphens in names",
    h11=_ILLEGAL_LINE,
    httptools=_ILLEGAL_NAME,
)
def field_name_illegal(wire: Wire) -> Iterator[Place]:
    """A field name is a token (§5.6.2); a bare CR has a rule of its own."""
    for line, name in _names(wire):
        bare = name.rstrip(b" \t")
        found = NOT_TOKEN.search(bare)
        if found and found.group() != b"\r":
            at = line.line.start + found.start()
            label = f"{byte_name(bare[found.start()])} cannot stand in a name"
            yield Place(span=Span(at, at + 1), message=f"the field name {shown(bare)} is illegal", label=label)


@Fault(
    id="nul-in-value",
    summary="a NUL byte in a field value",
    spec="RFC 9110 §5.5",
    help="take the NUL out: it ends strings in too many programs",
    h11=_ILLEGAL_LINE,
    httptools=_ILLEGAL_VALUE,
)
def nul_in_value(wire: Wire) -> Iterator[Place]:
    """CR, LF and NUL are invalid and dangerous in values."""
    for line, value in _values(wire):
        at = wire.data.find(b"\0", *value)
        if at >= 0:
            message = f"the value of {shown(_name(wire, line))} holds a NUL byte"
            yield Place(span=Span(at, at + 1), message=message, label="NUL cannot stand in a value")


@Fault(
    id="control-byte-in-value",
    summary="a control byte in a field value",
    spec="RFC 9110 §5.5",
    help="encode it, or take it out",
    h11=_ILLEGAL_LINE,
    httptools=_ILLEGAL_VALUE,
    taken={"h11": "the byte is in the scope's headers as it came"},
)
def control_byte_in_value(wire: Wire) -> Iterator[Place]:
    """h11 takes all of them but VT and FF, since some clients send them in cookies."""
    for line, value in _values(wire):
        if found := _CONTROL.search(wire.data, *value):
            name = byte_name(found.group()[0])
            yield Place(
                span=Span(*found.span()),
                message=f"the value of {shown(_name(wire, line))} holds {name}",
                label=f"{name} cannot stand in a value",
                taken_by=() if found.group() in (b"\x0b", b"\x0c") else ("h11",),
            )


def _names(wire: Wire) -> Iterator[tuple[FieldLine, bytes]]:
    """Field lines that have a colon, with what stands before it."""
    for line in wire.field_lines:
        if line.colon > line.line.start and not line.folded:
            yield line, wire.data[line.line.start : line.colon]


def _values(wire: Wire) -> Iterator[tuple[FieldLine, Span]]:
    """Field lines with the span of their value; all of a folded line is value."""
    for line in wire.field_lines:
        if line.folded or line.colon >= 0:
            yield line, Span(line.line.start if line.folded else line.colon + 1, line.line.end)


def _name(wire: Wire, line: FieldLine) -> bytes:
    if line.folded:
        return b"a folded line"
    return wire.data[line.line.start : line.colon].rstrip(b" \t")


RULES = (
    bare_lf,
    bare_cr,
    obsolete_line_folding,
    whitespace_before_first_field,
    space_before_colon,
    field_without_colon,
    field_name_empty,
    field_name_illegal,
    nul_in_value,
    control_byte_in_value,
)
