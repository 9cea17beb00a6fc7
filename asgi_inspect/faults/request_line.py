"""Faults of the request line: what precedes it, its method, and how its parts are parted (RFC 9112 §3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Severity
from ..servers.provenance import skip_blank
from ..span import Span
from .grammar import METHODS, NOT_TOKEN
from .locate import quoted
from .rule import Fault, Place, byte_name, count, shown
from .wire import Wire

_REFUSED = r"illegal request line"
_NO_METHOD = r"Invalid method|Expected space after method"
_ICE_OR_RTSP = re.compile(rb"(?i)(?:RTSP|ICE)/")
_EXTRA_SPACES = re.compile(rb"(?<= ) +")


@Fault(
    id="blank-line-before-request",
    summary="empty lines before the request line",
    spec="RFC 9112 §2.2",
    help="send the request line first; what precedes it is often a line end too many behind the body before",
    h11=r"no request line received|illegal request line",
    taken={"httptools": "it skips empty lines here"},
    otherwise=Severity.NOTE,
)
def blank_line_before_request(wire: Wire) -> Iterator[Place]:
    """A server SHOULD ignore at least one empty line here; h11 ignores none."""
    start, data = wire.head.span.start, wire.data
    said = any(_says_blank(reading.words) for reading in wire.request.readings)
    if wire.blank:
        span = Span(start, max(skip_blank(data, start), start))
    elif wire.first_on_connection:
        span = Span(0, start)
    else:
        span = Span(start - (2 if data[start - 2 : start] == b"\r\n" else 1) if said else start, start)
    if span.start < span.end:
        number = count(span.end - span.start, "byte")
        message = f"the request line should stand here, not {number} of line ends"
        reach = Span(span.start, max(wire.head.span.end, span.end))
        yield Place(span=span, message=message, label="no line ends before a request", reach=reach)


@Fault(
    id="request-line-malformed",
    summary="a first line that is no request line",
    spec="RFC 9112 §3",
    help="begin with a line like `GET / HTTP/1.1`",
    h11=r"illegal request line",
    httptools=r"Invalid|Expected",
)
def request_line_malformed(wire: Wire) -> Iterator[Place]:
    """Neither a known method nor a version: these bytes are probably not HTTP."""
    if wire.garbled and wire.first_on_connection:
        message = f"{shown(wire.whole_line.of(wire.data))} is no request line"
        label = "expected a method, a target and a version"
        yield Place(span=wire.whole_line, message=message, label=label, reach=wire.head.span)


@Fault(
    id="method-unknown",
    summary="a method that the parser has no name for",
    spec="RFC 9110 §9.1",
    help="use a registered method, or start uvicorn with --http h11, which takes any token",
    httptools=_NO_METHOD,
    taken={"h11": 'the app is called with this scope["method"]'},
)
def method_unknown(wire: Wire) -> Iterator[Place]:
    """llhttp has a list of methods; any token is legal."""
    method = wire.method
    known = method.upper() in METHODS or method == b"PRI" or _ICE_OR_RTSP.match(wire.version)
    if method and not known and not NOT_TOKEN.search(method):
        message = f"{shown(method)} is not a method that httptools knows"
        label, whole = "a legal name, but not on its list", _whole_word(wire)
        yield Place(span=wire.request_line.method, message=message, label=label, sure=whole)


@Fault(
    id="method-lower-case",
    summary="a known method not in capitals",
    spec="RFC 9110 §9.1",
    help="method names are case-sensitive: write it in capitals",
    httptools=_NO_METHOD,
    taken={"h11": 'scope["method"] keeps this case; the ASGI specification wants it in capitals'},
)
def method_lower_case(wire: Wire) -> Iterator[Place]:
    """`get` is not `GET`."""
    method = wire.method
    if method not in METHODS and method.upper() in METHODS:
        message, whole = f"the method {shown(method)} is not {shown(method.upper())}: case counts", _whole_word(wire)
        yield Place(span=wire.request_line.method, message=message, label="not in capitals", sure=whole)


@Fault(
    id="method-illegal",
    summary="a byte that cannot stand in a method",
    spec="RFC 9112 §3.1",
    help="a method is one token, followed by one space",
    h11=_REFUSED,
    httptools=_NO_METHOD,
)
def method_illegal(wire: Wire) -> Iterator[Place]:
    """A method is a token."""
    if found := NOT_TOKEN.search(wire.data, *wire.request_line.method):
        name = byte_name(found.group()[0])
        message = f"the method {shown(wire.method)} holds {name}"
        yield Place(span=Span(*found.span()), message=message, label=f"{name} cannot stand in a method")


@Fault(
    id="space-before-method",
    summary="white space at the beginning of the request line",
    spec="RFC 9112 §3",
    help="begin the line with the method",
    h11=_REFUSED,
    httptools=_NO_METHOD,
)
def space_before_method(wire: Wire) -> Iterator[Place]:
    """Often a line continued, or indented text that was pasted."""
    before = wire.request_line.gaps[0]
    if before.start < before.end:
        message = f"the request line begins with {count(before.end - before.start, 'byte')} of white space"
        yield Place(span=before, message=message, label="expected a method")


@Fault(
    id="tab-in-request-line",
    summary="a tab between the parts of the request line",
    spec="RFC 9112 §3",
    help="put exactly one space between method, target and version",
    h11=_REFUSED,
    httptools=r"Expected space after method|Invalid characters in url|Expected HTTP/",
)
def tab_in_request_line(wire: Wire) -> Iterator[Place]:
    """Only SP parts them."""
    for gap in wire.request_line.gaps[1:]:
        at = wire.data.find(b"\t", *gap)
        if at >= 0:
            span = Span(at, at + 1)
            yield Place(span=span, message="a tab parts the request line", label="expected one space")


@Fault(
    id="two-spaces-in-request-line",
    summary="more than one space between the parts of the request line",
    spec="RFC 9112 §3",
    help="put exactly one space between method, target and version",
    h11=_REFUSED,
    taken={"httptools": "it skips the spaces"},
    risk="a proxy that reads the second space as part of the target forwards another request",
)
def two_spaces_in_request_line(wire: Wire) -> Iterator[Place]:
    """Only SP between the parts is in the grammar; parsing on white space is allowed, and not alike everywhere."""
    if wire.target.upper().startswith(b"HTTP/") and not wire.version:
        return
    for gap in wire.request_line.gaps[1:]:
        if found := _EXTRA_SPACES.search(wire.data, *gap):
            message = f"{count(gap.end - gap.start, 'space')} stand between two parts of the request line"
            yield Place(span=Span(*found.span()), message=message, label="one space too many")


def _says_blank(words: str) -> bool:
    return words == "no request line received" or (quoted(words) or b"")[:1] == b"\r"


def _whole_word(wire: Wire) -> bool:
    """Whether the method is not merely where the bytes end."""
    return wire.request_line.method.end < len(wire.data)


RULES = (
    blank_line_before_request,
    request_line_malformed,
    method_unknown,
    method_lower_case,
    method_illegal,
    space_before_method,
    tab_in_request_line,
    two_spaces_in_request_line,
)
