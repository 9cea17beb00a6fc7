"""Where a request ends: cut short, too large, or with bytes behind it that are no request (RFC 9112 §6.3, §8)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Severity
from ..servers.provenance import skip_blank
from ..span import Span
from .chunked import Stop
from .grammar import like_a_request
from .request import Reading
from .rule import Fault, Place, count, shown
from .wire import Wire

_H11_LIMIT = 16 * 1024
_LINE = re.compile(rb"[^\r\n]{0,200}")
_CLOSING = re.compile(rb"HTTP/(?:0\.[0-9]|1\.0)")


@Fault(
    id="head-incomplete",
    summary="a head that no empty line ends",
    spec="RFC 9112 §8",
    help="end the head with an empty line: CRLF CRLF behind the last field",
    incomplete="head",
)
def head_incomplete(wire: Wire) -> Iterator[Place]:
    """The bytes end in the middle of a line, or behind a line where the empty one is missing."""
    if not any(not reading.called for reading in _waiting(wire)):
        return
    lines = wire.head.lines
    last = lines[-1] if lines else wire.head.span
    number = len(lines)
    if wire.data[last.start :].endswith(b"\n"):
        message, label = "the head is not complete: no empty line ends it", "an empty line has to follow"
    else:
        text = shown(wire.data[last.start : wire.head.span.end])
        message, label = f"the head ends in the middle of its line {number}: {text}", "the line is not finished"
    yield Place(span=last if last.start < last.end else wire.head.span, message=message, label=label)


@Fault(
    id="head-too-large",
    summary="a head that h11 does not keep while it is incomplete",
    spec="RFC 6585 §5",
    help="send shorter fields, or start uvicorn with --h11-max-incomplete-event-size",
    h11=r"Receive buffer too long",
    taken={"httptools": "it has no limit for a head"},
)
def head_too_large(wire: Wire) -> Iterator[Place]:
    """h11 counts what is incomplete at the end of a read: a head that comes in one read has no limit."""
    if any(reading.words == "Receive buffer too long" and not reading.called for reading in wire.request.readings):
        start = wire.head.span.start + _H11_LIMIT
        length = wire.head.span.end - wire.head.span.start
        yield Place(
            span=Span(start, start + 1),
            message=f"the head has {count(length, 'byte')}, and h11 keeps {_H11_LIMIT:,} of one that is incomplete",
            label="from here on too much, unless the head comes in one read",
            reach=wire.head.span,
        )


@Fault(
    id="chunk-line-too-long",
    summary="a line between chunks that h11 does not keep while it is incomplete",
    spec="RFC 9112 §7.1.1",
    help="send shorter extensions and trailers",
    h11=r"Receive buffer too long",
    taken={"httptools": "it has no limit for these lines"},
)
def chunk_line_too_long(wire: Wire) -> Iterator[Place]:
    """A recipient ought to limit the total length of chunk extensions."""
    if any(reading.words == "Receive buffer too long" and reading.called for reading in wire.request.readings):
        lines = (chunk.line for chunk in wire.chunked.odd)
        long = next((line for line in lines if line.end - line.start > _H11_LIMIT), None)
        start = (long or wire.chunked.trailer_section or wire.head.span).start
        message = f"a line in the body's framing is longer than the {_H11_LIMIT:,} bytes that h11 keeps"
        yield Place(span=Span(start, start + 1), message=message, label="begins here")


@Fault(
    id="body-incomplete",
    summary="a body shorter than its Content-Length",
    spec="RFC 9112 §8",
    help="send the missing bytes, or the Content-Length of those there are",
    incomplete="body",
)
def body_incomplete(wire: Wire) -> Iterator[Place]:
    """The server waits for the rest, and the client has left."""
    if not _cut_short(wire) or b"chunked" in wire.codings:
        return
    fields = wire.named(b"content-length")
    value = fields[0].value.of(wire.data).partition(b",")[0].strip() if fields else b""
    came = len(wire.data) - wire.head.span.end
    if value.isdigit() and len(value) <= 30:
        missing = count(int(value) - came, "byte")
        verb = "is" if missing == "1 byte" else "are"
        message = f"{missing} of body {verb} missing: Content-Length says {value.decode()}, {came:,} came"
        yield Place(span=fields[0].value, message=message, label=f"{came:,} came")
    else:
        yield Place(span=wire.whole_line, message=f"the body is not complete: {count(came, 'byte')} came")


@Fault(
    id="chunked-body-incomplete",
    summary="a chunked body without its end",
    spec="RFC 9112 §8",
    help="end the body with a chunk of size 0 and an empty line: 0 CRLF CRLF",
    incomplete="body",
)
def chunked_body_incomplete(wire: Wire) -> Iterator[Place]:
    """Without the last chunk nobody can tell whether the body is whole."""
    if not _cut_short(wire) or b"chunked" not in wire.codings:
        return
    seen, last = wire.chunked, wire.chunked.last
    came = f"{count(seen.received, 'byte')} of body came"
    if seen.stop is Stop.DATA and last:
        got = max(len(wire.data) - last.data.start, 0)
        missing = count(last.length - got, "byte")
        verb = "is" if missing == "1 byte" else "are"
        size = f"{shown(last.size.of(wire.data))} says {last.length:,}"
        message = f"{missing} of a chunk {verb} missing: its size {size}, {got:,} came; no last chunk was seen"
        yield Place(span=last.size, message=message, label=f"{got:,} came")
    elif seen.stop is Stop.TRAILERS and last:
        message = f"the empty line behind the last chunk is missing; {came}"
        yield Place(span=last.line, message=message, label="CRLF CRLF has to follow")
    else:
        span = last.line if last and last.line.start < last.line.end else wire.named(b"transfer-encoding")[0].value
        yield Place(span=span, message=f"the last chunk was not seen; {came}", label="no chunk of size 0 follows")


@Fault(
    id="bytes-after-body",
    summary="bytes where the next request should begin",
    spec="RFC 9112 §6.3",
    help="let the Content-Length of the request before count all of its body, or leave these bytes out",
    h11=r"illegal request line|Got data",
    httptools=r"Invalid|Expected",
)
def bytes_after_body(wire: Wire) -> Iterator[Place]:
    """What follows a request on a connection is read as the next one, whatever it is."""
    if wire.garbled and not wire.first_on_connection and not wire.behind_preface:
        text = wire.whole_line.of(wire.data)
        message = f"{shown(text)} stands where the next request should begin"
        label = "left over from the request before?"
        yield Place(span=wire.whole_line, message=message, label=label, reach=wire.head.span)


@Fault(
    id="body-without-length",
    summary="a body that neither Content-Length nor Transfer-Encoding announces",
    spec="RFC 9112 §6.3",
    help="add Content-Length with the number of bytes",
)
def body_without_length(wire: Wire) -> Iterator[Place]:
    """Without either, a request has no body: what follows is read as the next request."""
    rest = _leftover(wire)
    if rest and not wire.named(b"content-length", b"transfer-encoding") and _stray(wire, rest):
        number = count(len(wire.data) - wire.request.end, "byte")
        message = f"{number} follow the head, and no Content-Length makes them its body"
        yield _behind(rest, message, "read as the next request", 'receive() gives b"": the app sees no body')


@Fault(
    id="content-length-too-short",
    summary="a body longer than its Content-Length",
    spec="RFC 9112 §6.3",
    help="let Content-Length count all bytes of the body",
    risk="what is left over is read as the next request",
    smuggling=True,
)
def content_length_too_short(wire: Wire) -> Iterator[Place]:
    """The rest is read as the next request."""
    rest, lengths = _leftover(wire), wire.named(b"content-length")
    if rest and lengths and not wire.codings and _stray(wire, rest):
        value = lengths[0].value.of(wire.data)
        number = count(len(wire.data) - wire.request.end, "byte")
        message = f"Content-Length says {shown(value)}, and {number} that begin no request follow the body"
        yield _behind(rest, message, "read as the next request", f"the app gets the first {value.decode('latin-1')}")


@Fault(
    id="line-ends-after-body",
    summary="line ends behind the request",
    spec="RFC 9112 §2.2",
    help="leave them out; an editor adds one to a file's last line",
    otherwise=Severity.NOTE,
)
def line_ends_after_body(wire: Wire) -> Iterator[Place]:
    """httptools skips them; h11 reads a request line, finds it empty, and that is told where h11 is asked."""
    end, length, chosen = wire.request.end, len(wire.data), wire.request.chosen
    if chosen.parser != "httptools" or chosen.verdict != "accepted" or _closes(wire):
        return
    if end < length <= skip_blank(wire.data, end):
        message = f"{count(length - end, 'byte')} of line ends follow the request"
        taken = {"httptools": "it skips them (h11 answers 400 to them, once this request is answered)"}
        yield Place(span=Span(end, length), message=message, label="no request begins so", taken=taken)


@Fault(
    id="bytes-never-read",
    summary="bytes behind a request that closes the connection",
    spec="RFC 9112 §9.6",
    help="send the next request on a new connection, or leave out Connection: close (and HTTP/1.0)",
)
def bytes_never_read(wire: Wire) -> Iterator[Place]:
    """uvicorn closes after the answer, and does not look at what came behind the request."""
    rest = _leftover(wire)
    if rest and _closes(wire):
        why = "HTTP/1.0" if _CLOSING.fullmatch(wire.version) else "Connection: close"
        message = f"{count(len(wire.data) - wire.request.end, 'byte')} behind the request are never read: {why}"
        yield _behind(rest, message, "the server closes before this", "the bytes are ignored")


def _cut_short(wire: Wire) -> bool:
    return any(reading.called for reading in _waiting(wire))


def _waiting(wire: Wire) -> list[Reading]:
    """The readings that are incomplete; none where the chosen parser has refused already."""
    readings = wire.request.readings if wire.request.chosen.verdict != "rejected" else ()
    return [reading for reading in readings if reading.verdict == "incomplete"]


def _behind(span: Span, message: str, label: str, consequence: str) -> Place:
    return Place(span=span, message=message, label=label, taken={"h11": consequence, "httptools": consequence})


def _leftover(wire: Wire) -> Span | None:
    """The first line of what follows an accepted request, None where only line ends do."""
    start = skip_blank(wire.data, wire.request.end)
    if wire.request.chosen.verdict != "accepted" or start >= len(wire.data) or wire.named(b"upgrade"):
        return None
    if wire.method == b"PRI":  # told of as what it is: an HTTP/2 client's opening
        return None
    found = _LINE.match(wire.data, start)
    return Span(*found.span()) if found and wire.method != b"CONNECT" else None


def _stray(wire: Wire, rest: Span) -> bool:
    """Whether `rest` is read, and begins no request."""
    return not _closes(wire) and not like_a_request(wire.data, rest.start)


def _closes(wire: Wire) -> bool:
    """Whether the request ends its connection, for either parser."""
    values = [field.value.of(wire.data).lower() for field in wire.named(b"connection")]
    said = b"close" in [token.strip() for value in values for token in value.split(b",")]
    return said or _CLOSING.fullmatch(wire.version) is not None


RULES = (
    head_incomplete,
    head_too_large,
    chunk_line_too_long,
    body_incomplete,
    chunked_body_incomplete,
    bytes_after_body,
    body_without_length,
    content_length_too_short,
    line_ends_after_body,
    bytes_never_read,
)
