"""Faults of the request line's method and version, and of how its parts are parted (RFC 9112 §3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Severity
from ..servers.provenance import skip_blank
from ..span import Span
from .locate import quoted
from .rule import Place, byte_name, count, fault, shown
from .wire import METHODS, NOT_TOKEN, Wire

_REFUSED = r"illegal request line"
_NO_METHOD = r"Invalid method|Expected space after method"
_ICE_OR_RTSP = re.compile(rb"(?i)(?:RTSP|ICE)/")
_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
_EXTRA_SPACES = re.compile(rb"(?<= ) +")
_PREFACE = re.compile(rb"PRI \* HTTP/2\.0")


@fault(
    "blank-line-before-request",
    "empty lines before the request line",
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
        span = Span(start - (2 if data.endswith(b"\r\n", 0, start) else 1) if said else start, start)
    if span.start < span.end:
        number = count(span.end - span.start, "byte")
        message = f"the request line should stand here, not {number} of line ends"
        reach = Span(span.start, max(wire.head.span.end, span.end))
        yield Place(span=span, message=message, label="no line ends before a request", reach=reach)


@fault(
    "request-line-malformed",
    "a first line that is no request line",
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


@fault(
    "method-unknown",
    "a method that the parser has no name for",
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


@fault(
    "method-lower-case",
    "a known method not in capitals",
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


@fault(
    "method-illegal",
    "a byte that cannot stand in a method",
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


@fault(
    "space-before-method",
    "white space at the beginning of the request line",
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


@fault(
    "tab-in-request-line",
    "a tab between the parts of the request line",
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


@fault(
    "two-spaces-in-request-line",
    "more than one space between the parts of the request line",
    spec="RFC 9112 §3",
    help="put exactly one space between method, target and version",
    h11=_REFUSED,
    taken={"httptools": "it skips the spaces"},
    smuggling="a proxy that reads the second space as part of the target forwards another request",
)
def two_spaces_in_request_line(wire: Wire) -> Iterator[Place]:
    """Only SP between the parts is in the grammar; parsing on white space is allowed, and not alike everywhere."""
    if wire.target.upper().startswith(b"HTTP/") and not wire.version:
        return
    for gap in wire.request_line.gaps[1:]:
        if found := _EXTRA_SPACES.search(wire.data, *gap):
            message = f"{count(gap.end - gap.start, 'space')} stand between two parts of the request line"
            yield Place(span=Span(*found.span()), message=message, label="one space too many")


@fault(
    "http-version-missing",
    "a request line without a version",
    spec="RFC 9112 §3",
    help="end the request line with HTTP/1.1",
    h11=_REFUSED,
    httptools=r"Expected HTTP/",
    taken={"httptools": 'HTTP/0.9, so it reads: scope["http_version"] is "0.9", the answer still HTTP/1.1'},
)
def http_version_missing(wire: Wire) -> Iterator[Place]:
    """A line of two words was a request in HTTP/0.9."""
    parts = wire.request_line
    nothing = parts.version.start == parts.version.end and not wire.target.upper().startswith(b"HTTP/")
    if nothing and wire.target:
        span = Span(parts.target.start, wire.whole_line.end)
        taken_by = () if b" " in span.of(wire.data) else ("httptools",)
        message, label, done = "the request line has no version", "no HTTP/1.1 behind it", wire.line_done
        yield Place(span=span, message=message, label=label, taken_by=taken_by, sure=done)


@fault(
    "http-version-lower-case",
    "a version whose HTTP is not in capitals",
    spec="RFC 9112 §2.3",
    help="write HTTP/1.1",
    h11=_REFUSED,
    httptools=r"Expected HTTP/",
)
def http_version_lower_case(wire: Wire) -> Iterator[Place]:
    """HTTP-name is case-sensitive."""
    version = wire.version
    if version.upper().startswith(b"HTTP/") and not version.startswith(b"HTTP/"):
        message = f"the version {shown(version)} is not in capitals: case counts"
        yield Place(span=wire.request_line.version, message=message, label="not in capitals")


@fault(
    "http-version-malformed",
    "a version that is not HTTP/digit.digit",
    spec="RFC 9112 §2.3",
    help="write HTTP/1.1",
    h11=_REFUSED,
    httptools=r"Expected (dot|HTTP/|CRLF after version)|Invalid (major|minor|HTTP) version",
)
def http_version_malformed(wire: Wire) -> Iterator[Place]:
    """One digit, a dot, one digit."""
    version = wire.version
    if not version or _VERSION.fullmatch(version.upper()) or _ICE_OR_RTSP.match(version):
        return
    yield Place(
        span=wire.request_line.version,
        message=f"{shown(version)} is no HTTP version",
        label="expected HTTP/, a digit, a dot, a digit",
        sure=wire.line_done,
    )


@fault(
    "http-version-unsupported",
    "a version that is neither HTTP/1.0 nor HTTP/1.1",
    spec="RFC 9112 §2.3",
    help="write HTTP/1.1; HTTP/2 and HTTP/3 are not text, tools such as curl -v only show them so",
    httptools=r"Invalid HTTP version",
)
def http_version_unsupported(wire: Wire) -> Iterator[Place]:
    """h11 takes any digits, httptools 0.9 and 2.0."""
    version = wire.version
    if _VERSION.fullmatch(version) and version not in (b"HTTP/1.0", b"HTTP/1.1") and wire.method != b"PRI":
        told = f'scope["http_version"] is "{version[5:].decode()}"'
        yield Place(
            span=wire.request_line.version,
            message=f"{shown(version)} is not a version of HTTP/1",
            label="neither HTTP/1.0 nor HTTP/1.1",
            taken_by=("httptools",) if version in (b"HTTP/0.9", b"HTTP/2.0") else (),
            taken={"h11": told, "httptools": told},
        )


@fault(
    "http-version-of-another-protocol",
    "an RTSP or ICE version",
    spec="RFC 9112 §2.3",
    help="write HTTP/1.1",
    h11=_REFUSED,
    httptools=r"Expected (SOURCE|HTTP/|dot|CRLF)|Invalid (method|HTTP|major|minor)",
)
def http_version_of_another_protocol(wire: Wire) -> Iterator[Place]:
    """llhttp reads RTSP and ICE too, and uvicorn does not ask which it was."""
    version = wire.version
    if _ICE_OR_RTSP.match(version):
        told = f'the app is called with scope["http_version"] "{version[-3:].decode("latin-1")}", as if it were HTTP'
        yield Place(
            span=wire.request_line.version,
            message=f"{shown(version)} is not HTTP",
            label="another protocol",
            taken={"httptools": told},
        )


@fault(
    "text-after-version",
    "something behind the version in the request line",
    spec="RFC 9112 §3",
    help="end the line right behind the version",
    h11=_REFUSED,
    httptools=r"Expected CRLF after version",
)
def text_after_version(wire: Wire) -> Iterator[Place]:
    """A trailing space is enough."""
    rest = wire.request_line.rest
    whole = _VERSION.fullmatch(wire.version.upper()) or _ICE_OR_RTSP.match(wire.version)
    if rest.start < rest.end and whole and wire.data[rest.start : rest.start + 1] != b"\r":
        message = f"{shown(rest.of(wire.data))} follows the version"
        yield Place(span=rest, message=message, label="the line should have ended")


@fault(
    "http2-preface",
    "the opening of an HTTP/2 connection",
    spec="RFC 9113 §3.4",
    help="ask with HTTP/1.1 (curl --http1.1): uvicorn with h11 or httptools does not speak HTTP/2",
    h11=r"illegal request line",
    httptools=r"HTTP/2 Connection Preface|PRI/Upgrade",
    taken={"h11": 'the app is called with scope["method"] "PRI", and the next line is refused'},
)
def http2_preface(wire: Wire) -> Iterator[Place]:
    """The preface is shaped so that HTTP/1 servers stumble over it; h11 stumbles one line later."""
    if _PREFACE.match(wire.data, wire.head.span.start):
        yield Place(
            span=wire.whole_line,
            message="an HTTP/2 client opens its connection here",
            label="not HTTP/1",
            reach=Span(wire.head.span.start, len(wire.data)),
            taken_by=("h11",),
        )


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
    http_version_missing,
    http_version_lower_case,
    http_version_malformed,
    http_version_unsupported,
    http_version_of_another_protocol,
    text_after_version,
    http2_preface,
)
