"""What is wrong with an HTTP/2 request and its frames, and what uvicorn does with good ones: named, at the byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .exchange import Exchange
from .findings import Finding, Severity
from .http2 import Http2Connection, Http2Fault, Http2Stream, error_name
from .http2_rules import BY_ID
from .recording import Call
from .span import Span, printable

_SHOWN = 64  # bytes of a span that is marked


def http2_findings(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    """Every finding of one connection, stream by stream."""
    for exchange in exchanges:
        if exchange.http2 is not None:
            yield from _of_stream(exchange, exchange.http2)
    if exchanges and exchanges[0].http2 is not None:
        yield from _never_ending(exchanges)
        yield from _of_connection(exchanges[0], exchanges[0].http2.connection)


def _of_stream(exchange: Exchange, stream: Http2Stream) -> Iterator[Finding]:
    if stream.fault is not None:
        yield _fault(exchange, stream.fault)
    if stream.uncaught:
        yield _uncaught(exchange, stream)
    elif exchange.words and stream.fault is None:
        message = "the client asks for something behind its own GOAWAY"
        notes = ("uvicorn answers 503 without calling the application",)
        yield _finding(exchange, "http2-request-behind-goaway", message, notes)
    yield from _of_request(exchange, stream)
    ended = stream.connection.cut or stream.connection.fault is not None
    if ended and exchange.scope is not None and exchange.response is None and stream.reset is None:
        message = f"the application is called for request {exchange.number}, but its answer never leaves"
        notes = ("what follows in the same read ends the connection before the application has run",)
        yield _finding(exchange, "http2-answer-lost", message, notes)


def _of_request(exchange: Exchange, stream: Http2Stream) -> Iterator[Finding]:
    if not stream.bodyless and exchange.scope is not None:
        for index, (name, value) in enumerate(stream.fields):
            if name == b"expect" and value.lower() == b"100-continue":
                notes = ("uvicorn writes no 100 Continue over HTTP/2: a client that waits for it, waits",)
                message = "the client expects 100 Continue, and nobody sends it"
                span = stream.places[index] if stream.places else None
                yield replace(_finding(exchange, "http2-expect-unanswered", message, notes), span=span)
    if stream.trailers and stream.fault is None:
        names = printable(", ".join(name.decode("latin-1") for name, _ in stream.trailers[:5]))
        notes = ("zttp reads them, uvicorn drops them, and ASGI has no place for them",)
        yield _finding(exchange, "http2-trailers-lost", f"the request has trailers ({names})", notes)


_OVERLOOKED = (
    "uvicorn 0.54 with zttp 0.0.35 overlooks that HEADERS ended it: receive() waits until the client leaves",
    "here it is ended with an empty last message, as hypercorn does",
)


def _never_ending(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    """The one place where what is shown differs from what uvicorn does: told of each call that reads, else once."""
    bodyless = [one for one in exchanges if one.http2 is not None and one.http2.bodyless and one.scope is not None]
    reading = [(one, step) for one in bodyless if (step := _receives(one)) is not None]
    for exchange, (number, source) in reading:
        message = "the application calls receive(), and on uvicorn that would not come back"
        found = _finding(exchange, "http2-request-never-ends", message, _OVERLOOKED)
        yield replace(found, severity=Severity.WARNING, span=None, step=number, source=source)
    if bodyless and not reading:
        message = "on uvicorn the application is never told that this request has ended"
        if len(bodyless) > 1:
            message += f", nor of {len(bodyless) - 1} more"
        yield _finding(bodyless[0], "http2-request-never-ends", message, _OVERLOOKED)


def _receives(exchange: Exchange) -> tuple[int, str | None] | None:
    steps = enumerate(exchange.steps, 1)
    return next(((number, step.source) for number, step in steps if step.call is Call.RECEIVE), None)


def _of_connection(exchange: Exchange, told: Http2Connection) -> Iterator[Finding]:
    if told.rest is not None:
        number = told.rest.end - told.rest.start
        message = f"the capture ends inside a frame: {number} bytes of it came"
        notes = ("uvicorn waits for the rest, and nobody gets anything of it",)
        finding = _finding(exchange, "http2-frame-incomplete", message, notes)
        yield replace(finding, exchange=None, label="begins here", span=_marked(told.rest))
    if told.beyond:
        message = f"{told.beyond} octets of content are more than the capture's client granted"
        notes = ("they are sent all the same, for the client here reads on, as any client would",)
        yield replace(_finding(exchange, "http2-window-exhausted", message, notes), exchange=None, span=None)


def _fault(exchange: Exchange, fault: Http2Fault) -> Finding:
    code = error_name(fault.code)
    told = f"uvicorn resets the stream with {code}, and the connection lives on"
    if fault.whole:
        told = f"uvicorn says GOAWAY with {code} and closes the connection"
    elif exchange.scope is None:
        told = f"uvicorn resets the stream with {code}, and never calls the application"
    elif exchange.words:
        told = f"uvicorn resets the stream with {code}: the application gets http.disconnect"
    finding = _finding(exchange, fault.rule, fault.words, (told,))
    span = None if fault.span is None else _marked(Span(fault.span.start, min(fault.span.end, len(exchange.data))))
    return replace(finding, label="in this frame" if span is None or fault.whole else "here", span=span)


def _uncaught(exchange: Exchange, stream: Http2Stream) -> Finding:
    notes = (
        f'uvicorn does not catch its own error ("{printable(stream.uncaught)}"): '
        "the connection is cut without a word, and all its streams with it",
    )
    finding = _finding(exchange, "http2-path-not-ascii", "the path of the request is not ASCII", notes)
    place = next(
        (place for (name, _), place in zip(stream.fields, stream.places, strict=False) if name == b":path"), None
    )
    return replace(finding, span=place or finding.span)


def _finding(exchange: Exchange, rule: str, message: str, notes: tuple[str, ...]) -> Finding:
    known = BY_ID[rule]
    return Finding(
        rule=rule,
        severity=known.severity,
        message=message,
        notes=notes,
        spec=known.spec,
        help=known.help,
        connection=exchange.connection,
        exchange=exchange.number,
        span=_marked(exchange.span),
    )


def _marked(span: Span) -> Span:
    """Not more of it than an eye takes in."""
    return Span(span.start, min(span.end, span.start + _SHOWN))
