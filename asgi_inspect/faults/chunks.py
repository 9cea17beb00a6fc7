"""Faults of chunked bodies (RFC 9112 §7.1). By then the application has been called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Severity
from ..span import Span
from .chunked import Chunk
from .grammar import TOKEN
from .rule import Fault, Place, byte_name, count, shown
from .wire import Wire

_HEADER = r"illegal chunk header"
_FOOTER = r"malformed chunk footer"
_SIZE = r"Invalid character in chunk size"
_QUOTED = rb'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*"'
_EXTENSION = re.compile(rb"(?:;%b(?:=(?:%b|%b))?)+" % (TOKEN, TOKEN, _QUOTED))
_NO_VALUE = re.compile(rb"(?:;%b(?:=(?:%b|%b)?)?)+" % (TOKEN, TOKEN, _QUOTED))
_DESYNC = "a proxy that reads the chunks differently takes part of the body for the next request"
_MOST_DIGITS = 20
# Framing, routing and authentication must not come behind the body (RFC 9110 §6.5.1).
_FORBIDDEN = frozenset(
    b"content-length transfer-encoding host content-type content-encoding content-range trailer te expect "
    b"authorization proxy-authorization cookie cache-control max-forwards range if-match if-none-match "
    b"if-modified-since if-unmodified-since connection upgrade x-forwarded-for x-forwarded-proto forwarded".split()
)


@Fault(
    id="chunk-size-invalid",
    summary="a chunk size that is no hexadecimal number",
    spec="RFC 9112 §7.1",
    help="each chunk begins with a line that holds its size in hexadecimal digits",
    h11=_HEADER,
    httptools=_SIZE,
    risk=_DESYNC,
    smuggling=True,
)
def chunk_size_invalid(wire: Wire) -> Iterator[Place]:
    """No digits, or something else in front of or behind them."""
    for chunk in wire.chunked.odd:
        rest = wire.data[chunk.size.end : chunk.line.end]
        if chunk.size.start == chunk.size.end or rest.lstrip(b" \t")[:1] not in (b"", b";", b"\r"):
            at = chunk.size.end + len(rest) - len(rest.lstrip(b" \t")) if rest.strip(b" \t") else chunk.line.start
            text = shown(chunk.line.of(wire.data))
            message = f"the chunk size {text} is no hexadecimal number" if rest else "a line without a chunk size"
            label = f"{byte_name(wire.data[at])} is no digit" if rest else "expected digits"
            yield Place(span=Span(at, at + 1), message=message, label=label)


@Fault(
    id="chunk-size-whitespace",
    summary="white space around a chunk size",
    spec="RFC 9112 §7.1",
    help="put nothing but digits into the line",
    h11=_HEADER,
    httptools=_SIZE,
    taken={"h11": "it ignores white space at the end of the line"},
    risk=_DESYNC,
    smuggling=True,
)
def chunk_size_whitespace(wire: Wire) -> Iterator[Place]:
    """h11 takes it behind the size only."""
    for chunk in wire.chunked.odd:
        if chunk.size.start == chunk.size.end:
            continue
        before = Span(chunk.line.start, chunk.size.start)
        rest = wire.data[chunk.size.end : chunk.line.end]
        behind = Span(chunk.size.end, chunk.size.end + len(rest) - len(rest.lstrip(b" \t")))
        for span in (before, behind):
            if span.start < span.end:
                message = f"the chunk size {shown(chunk.line.of(wire.data))} has white space around it"
                taken_by = ("h11",) if span == behind and behind.end == chunk.line.end else ()
                yield Place(span=span, message=message, label="not part of a size", taken_by=taken_by)


@Fault(
    id="chunk-size-too-big",
    summary="a chunk size of more digits than a parser takes",
    spec="RFC 9112 §7.1",
    help="no chunk is that long; leading zeros count too for h11",
    h11=_HEADER,
    httptools=r"Chunk size overflow",
    taken={"h11": "up to 20 digits are fine, and it waits for that much", "httptools": "leading zeros do not count"},
    risk="where the number wraps around in another program, the chunk ends elsewhere",
    smuggling=True,
)
def chunk_size_too_big(wire: Wire) -> Iterator[Place]:
    """A recipient MUST guard against numbers it cannot hold; h11 counts digits, httptools the value."""
    for chunk in wire.chunked.odd:
        digits = chunk.size.end - chunk.size.start
        overflows = chunk.length >= 2**64
        if overflows or digits > _MOST_DIGITS:
            yield Place(
                span=chunk.size,
                message=f"the chunk size {shown(chunk.size.of(wire.data))} is too big a number",
                label="more than 2**64 - 1" if overflows else f"{digits} digits",
                taken_by=("h11",) if digits <= _MOST_DIGITS else () if overflows else ("httptools",),
            )


@Fault(
    id="chunk-bare-lf",
    summary="LF alone in the framing of chunks",
    spec="RFC 9112 §7.1",
    help="end every line of the framing with CRLF",
    h11=rf"{_HEADER}|{_FOOTER}",
    httptools=r"Missing expected CR",
    risk=_DESYNC,
    smuggling=True,
)
def chunk_bare_lf(wire: Wire) -> Iterator[Place]:
    """httptools refuses at once; h11 goes on looking for CRLF, for ever if need be."""
    for chunk in wire.chunked.odd:
        if chunk.line_end.end - chunk.line_end.start == 1:
            yield _bare_lf(wire, chunk.line_end, "the line of a chunk size", chunk.line)
        elif chunk.tail.of(wire.data)[:1] == b"\n" and wire.data[chunk.data.end - 1 : chunk.data.end] != b"\r":
            yield _bare_lf(wire, Span(chunk.tail.start, chunk.tail.start + 1), "a chunk", chunk.tail)


def _bare_lf(wire: Wire, span: Span, what: str, quoted: Span) -> Place:
    reach = Span(quoted.start, max(quoted.end, span.end))
    return Place(span=span, message=f"{what} ends with LF, without a CR", label="LF alone", reach=reach)


@Fault(
    id="chunk-bare-cr",
    summary="CR alone in the line of a chunk size",
    spec="RFC 9112 §7.1",
    help="end every line of the framing with CRLF",
    h11=_HEADER,
    httptools=r"Expected LF after chunk|Invalid character in chunk extensions",
    taken={"h11": "it is part of the extension"},
    risk=_DESYNC,
    smuggling=True,
)
def chunk_bare_cr(wire: Wire) -> Iterator[Place]:
    """Inside an extension h11 does not mind."""
    for chunk in wire.chunked.odd:
        at = wire.data.find(b"\r", *chunk.line)
        if at >= 0:
            taken_by = ("h11",) if b";" in wire.data[chunk.size.end : at] and _ends_in_crlf(chunk) else ()
            message = "a CR stands alone in the line of a chunk size"
            yield Place(span=Span(at, at + 1), message=message, label="no LF follows", taken_by=taken_by)


def _ends_in_crlf(chunk: Chunk) -> bool:
    return chunk.line_end.end - chunk.line_end.start == 2


@Fault(
    id="chunk-extension",
    summary="a chunk extension",
    spec="RFC 9112 §7.1.1",
    help="leave it out: no application sees it",
    taken={"h11": "the extension is dropped", "httptools": "the extension is dropped"},
    otherwise=Severity.NOTE,
)
def chunk_extension(wire: Wire) -> Iterator[Place]:
    """Legal, and unknown to everyone; a recipient MUST ignore what it does not know."""
    for chunk in wire.chunked.odd:
        extension = Span(chunk.size.end, chunk.line.end)
        if chunk.size.start < chunk.size.end and _ends_in_crlf(chunk) and _EXTENSION.fullmatch(wire.data, *extension):
            message = f"the chunk has an extension: {shown(extension.of(wire.data))}"
            yield Place(span=extension, message=message, label="ignored")


@Fault(
    id="chunk-extension-malformed",
    summary="a chunk extension that is not ;name=value",
    spec="RFC 9112 §7.1.1",
    help="write ;name or ;name=value without white space, or leave it out",
    httptools=r"chunk extensions|Invalid character in chunk size",
    taken={"h11": "the extension is dropped, whatever it is", "httptools": "the extension is dropped"},
    risk=_DESYNC,
    smuggling=True,
)
def chunk_extension_malformed(wire: Wire) -> Iterator[Place]:
    """An empty name, a byte that no token has, a quote without its end; white space is legal, and refused too."""
    for chunk in wire.chunked.odd:
        rest = wire.data[chunk.size.end : chunk.line.end]
        text = rest.lstrip(b" \t")
        if chunk.size.start < chunk.size.end and text[:1] == b";" and not _EXTENSION.fullmatch(rest):
            if b"\r" in rest or len(rest) != len(text):
                continue
            span = Span(chunk.size.end + len(rest) - len(text), chunk.line.end)
            message = f"the chunk extension {shown(text)} is not ;name=value"
            taken_by = ("httptools",) if _NO_VALUE.fullmatch(rest) else ()
            yield Place(span=span, message=message, label="not a list of names and values", taken_by=taken_by)


@Fault(
    id="chunk-data-unterminated",
    summary="chunk data that no CRLF follows",
    spec="RFC 9112 §7.1",
    help="the size counts the bytes up to the CRLF: compare them",
    h11=_FOOTER,
    httptools=r"Expected LF after chunk data|Missing expected CR after chunk data",
    risk=_DESYNC,
    smuggling=True,
)
def chunk_data_unterminated(wire: Wire) -> Iterator[Place]:
    """The size is wrong, or the CRLF is missing."""
    for chunk in wire.chunked.odd:
        tail = chunk.tail.of(wire.data)
        crlf_inside = wire.data[chunk.data.end - 1 : chunk.data.end] == b"\r"
        if chunk.length and not b"\r\n".startswith(tail) and (tail[:1] != b"\n" or crlf_inside):
            size = shown(chunk.size.of(wire.data))
            message = f"the chunk of size {size} ({count(chunk.length, 'byte')}) is not followed by CRLF"
            label = f"expected CRLF, found {shown(tail)}"
            yield Place(span=chunk.tail, message=message, label=label, reach=chunk.tail)


@Fault(
    id="trailer-forbidden",
    summary="a field in the trailers that must not come there",
    spec="RFC 9110 §6.5.1",
    help="send it in the head",
    h11=r"Content-Length|Transfer-Encoding",
    httptools=r"can't be present with|Invalid `Transfer-Encoding` header value",
    taken={"h11": "trailers are dropped", "httptools": 'it is appended to scope["headers"]'},
    risk="what a proxy checked in the head, a trailer can add to behind its back",
)
def trailer_forbidden(wire: Wire) -> Iterator[Place]:
    """httptools refuses a second framing only, h11 a framing it would refuse in a head."""
    for line in wire.field_lines:
        name = wire.data[line.line.start : line.colon].rstrip(b" \t")
        if line.colon > 0 and line.line.start >= wire.head.span.end and name.lower() in _FORBIDDEN:
            span = Span(line.line.start, line.line.start + len(name))
            framing = name.lower() in (b"content-length", b"transfer-encoding")
            taken_by = ("h11",) if framing else ("h11", "httptools")
            message = f"{shown(name)} is among the trailers"
            yield Place(span=span, message=message, label="has to come before the body", taken_by=taken_by)


@Fault(
    id="trailer-fields",
    summary="fields behind the last chunk",
    spec="RFC 9112 §7.1.2",
    help="send what the application needs in the head",
    taken={
        "h11": "trailers are dropped, the app never sees them",
        "httptools": 'they are appended to scope["headers"], after the app was called where they come in a later read',
    },
    otherwise=Severity.NOTE,
)
def trailer_fields(wire: Wire) -> Iterator[Place]:
    """Legal; a recipient MUST NOT merge them into the head unless it knows the field, and httptools does."""
    for line in wire.field_lines:
        name = wire.data[line.line.start : line.colon].rstrip(b" \t").lower()
        if line.line.start >= wire.head.span.end and line.colon > 0 and name not in _FORBIDDEN:
            message = f"a field follows the last chunk: {shown(line.line.of(wire.data))}"
            yield Place(span=line.line, message=message, label="a trailer")


RULES = (
    chunk_size_invalid,
    chunk_size_whitespace,
    chunk_size_too_big,
    chunk_bare_lf,
    chunk_bare_cr,
    chunk_extension,
    chunk_extension_malformed,
    chunk_data_unterminated,
    trailer_forbidden,
    trailer_fields,
)
