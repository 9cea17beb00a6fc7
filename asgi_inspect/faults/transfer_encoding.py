"""Faults of Transfer-Encoding (RFC 9112 §6.1): codings that this server cannot take off, or reads by halves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..servers.provenance import Field
from ..span import Span
from .rule import Fault, Place, shown
from .wire import Wire

_ONLY_CHUNKED = r"Only Transfer-Encoding: chunked"
_VALUE = r"Invalid `Transfer-Encoding` header value"
_OLD_VERSION = re.compile(rb"HTTP/(?:0\.[0-9]|1\.0)")
_OTHER_END = "a reader that knows other codings, or ignores this field, ends the body elsewhere"


@Fault(
    id="transfer-encoding-not-chunked",
    summary="a Transfer-Encoding without chunked",
    spec="RFC 9112 §6.1, §6.3",
    help="end the list of codings with chunked, or send Content-Length; compression goes into Content-Encoding",
    h11=_ONLY_CHUNKED,
    httptools=r"Request has invalid `Transfer-Encoding`",
    risk=_OTHER_END,
    smuggling=True,
)
def transfer_encoding_not_chunked(wire: Wire) -> Iterator[Place]:
    """The end of the body cannot be told. httptools says so only after the application was called."""
    fields = _fields(wire)
    if fields and wire.head.complete and any(wire.codings) and b"chunked" not in wire.codings:
        field = next(field for field in fields if wire.value(field))
        message = f"Transfer-Encoding is {shown(wire.value(field))}, not chunked"
        label = "nothing tells where the body ends"
        yield Place(span=field.value, message=message, label=label, reach=wire.head.span)


@Fault(
    id="transfer-encoding-before-chunked",
    summary="a coding before chunked",
    spec="RFC 9112 §6.1",
    help="send `Transfer-Encoding: chunked` alone; compression goes into Content-Encoding",
    h11=_ONLY_CHUNKED,
    taken={"httptools": "the chunks are taken off, and the app gets the body in the other coding"},
    risk=_OTHER_END,
    smuggling=True,
)
def transfer_encoding_before_chunked(wire: Wire) -> Iterator[Place]:
    """h11 knows chunked only; httptools leaves the rest to the application without a word."""
    fields = _fields(wire)
    if fields and len(wire.codings) > 1 and wire.codings[-1] == b"chunked" and wire.codings[0] != b"chunked":
        span = wire.part(fields[0], 0, max(len(wire.value(fields[0]).partition(b",")[0].rstrip()), 1))
        message = f"Transfer-Encoding lists {shown(b', '.join(wire.codings))}"
        yield Place(span=span, message=message, label="a coding that the server leaves on", reach=wire.head.span)


@Fault(
    id="transfer-encoding-after-chunked",
    summary="a coding behind chunked",
    spec="RFC 9112 §6.1",
    help="chunked stands once, at the end",
    h11=_ONLY_CHUNKED,
    httptools=_VALUE,
    risk=_OTHER_END,
    smuggling=True,
)
def transfer_encoding_after_chunked(wire: Wire) -> Iterator[Place]:
    """`chunked, gzip`, `chunked, chunked` and `chunked,`."""
    for field in _fields(wire):
        value = wire.value(field).lower()
        codings = [coding.strip(b" \t") for coding in value.split(b",")]
        if b"chunked" in codings[:-1]:
            span = wire.part(field, value.index(b",", value.index(b"chunked")))
            message, done = f"Transfer-Encoding {shown(value)} has something behind chunked", wire.finished(field.value)
            yield Place(span=span, message=message, label="chunked has to be last", sure=done)


@Fault(
    id="transfer-encoding-empty",
    summary="a Transfer-Encoding without a value",
    spec="RFC 9112 §6.1",
    help="write chunked, or leave the field out",
    h11=_ONLY_CHUNKED,
    httptools=r"Empty Transfer-Encoding",
    risk=_OTHER_END,
    smuggling=True,
)
def transfer_encoding_empty(wire: Wire) -> Iterator[Place]:
    """One coding at least."""
    for field in _fields(wire):
        if not wire.value(field):
            message, done = "Transfer-Encoding has no value", wire.head.complete
            yield Place(span=field.name, message=message, label="no coding", reach=wire.head.span, sure=done)


@Fault(
    id="transfer-encoding-repeated",
    summary="more than one Transfer-Encoding field",
    spec="RFC 9112 §6.1",
    help="send it once",
    h11=r"multiple Transfer-Encoding",
    httptools=_VALUE,
    taken={"httptools": "the last one counts"},
    risk=_OTHER_END,
    smuggling=True,
)
def transfer_encoding_repeated(wire: Wire) -> Iterator[Place]:
    """httptools refuses only what follows chunked, h11 says this only behind chunked."""
    fields = _fields(wire)
    if len(fields) > 1:
        values = [wire.value(field) for field in fields]
        earlier = b"chunked" in [value.lower() for value in values[:-1]]
        yield Place(
            span=Span(fields[1].name.start, fields[1].value.end),
            message=f"Transfer-Encoding is there twice: {shown(values[0])} and {shown(values[1])}",
            label="the second one",
            taken_by=() if earlier else ("h11", "httptools"),
        )


@Fault(
    id="transfer-encoding-trailing-tab",
    summary="a tab behind Transfer-Encoding: chunked",
    spec="RFC 9110 §5.5",
    help="end the line right behind chunked",
    httptools=r"Request has invalid `Transfer-Encoding`",
    taken={"h11": "white space behind a value is no part of it"},
    risk=_OTHER_END,
    smuggling=True,
)
def transfer_encoding_trailing_tab(wire: Wire) -> Iterator[Place]:
    """White space around a value is legal and no part of it; llhttp leaves off spaces only."""
    fields = _fields(wire)
    if fields and wire.codings[-1] == b"chunked":
        end = fields[-1].value.end
        rest = wire.data[end : wire.line_around(Span(end, end)).end].rstrip(b"\r\n")
        if b"\t" in rest:
            span = Span(end, end + len(rest))
            message = "a tab follows Transfer-Encoding: chunked"
            yield Place(span=span, message=message, label="part of the value for httptools", reach=wire.head.span)


@Fault(
    id="transfer-encoding-in-http10",
    summary="Transfer-Encoding in an HTTP/1.0 request",
    spec="RFC 9112 §6.1",
    help="send HTTP/1.1, or Content-Length",
    taken=dict.fromkeys(("h11", "httptools"), "it reads chunks, and closes after the answer"),
    risk="a proxy that does not know chunks in HTTP/1.0 takes them for the body, or for the next request",
    smuggling=True,
)
def transfer_encoding_in_http10(wire: Wire) -> Iterator[Place]:
    """A server MUST treat the framing as faulty; both parsers take it."""
    fields = _fields(wire)
    if fields and _OLD_VERSION.fullmatch(wire.version):
        span = Span(fields[0].name.start, fields[0].value.end)
        version = shown(wire.version)
        yield Place(span=span, message=f"Transfer-Encoding is newer than {version}", label="unknown in this version")


def _fields(wire: Wire) -> list[Field]:
    return wire.named(b"transfer-encoding")


RULES = (
    transfer_encoding_not_chunked,
    transfer_encoding_before_chunked,
    transfer_encoding_after_chunked,
    transfer_encoding_empty,
    transfer_encoding_repeated,
    transfer_encoding_trailing_tab,
    transfer_encoding_in_http10,
)
