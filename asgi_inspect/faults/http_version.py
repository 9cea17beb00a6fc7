"""Faults of the version in a request line (RFC 9112 §2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..span import Span
from .rule import Fault, Place, shown
from .wire import Wire

_REFUSED = r"illegal request line"
_ICE_OR_RTSP = re.compile(rb"(?i)(?:RTSP|ICE)/")
_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
_PREFACE = re.compile(rb"PRI \* HTTP/2\.0")
_ASK_OTHERWISE = (
    "ask with HTTP/1.1 (curl --http1.1), or start uvicorn with --http zttp --http2 and leave --parser out here"
)


@Fault(
    id="http-version-missing",
    summary="a request line without a version",
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


@Fault(
    id="http-version-lower-case",
    summary="a version whose HTTP is not in capitals",
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


@Fault(
    id="http-version-malformed",
    summary="a version that is not HTTP/digit.digit",
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


@Fault(
    id="http-version-unsupported",
    summary="a version that is neither HTTP/1.0 nor HTTP/1.1",
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


@Fault(
    id="http-version-of-another-protocol",
    summary="an RTSP or ICE version",
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


@Fault(
    id="text-after-version",
    summary="something behind the version in the request line",
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


@Fault(
    id="http2-preface",
    summary="the opening of an HTTP/2 connection",
    spec="RFC 9113 §3.4",
    help=_ASK_OTHERWISE,
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
        )


@Fault(
    id="http2-preface-continued",
    summary="the second half of an HTTP/2 connection's opening, behind a first half that was taken for a request",
    spec="RFC 9113 §3.4",
    help=_ASK_OTHERWISE,
    h11=_REFUSED,
)
def http2_preface_continued(wire: Wire) -> Iterator[Place]:
    """Where h11 stumbles."""
    if wire.behind_preface:
        message = "the second half of an HTTP/2 client's opening stands where the next request should begin"
        yield Place(span=wire.whole_line, message=message, label="not HTTP/1")


RULES = (
    http_version_missing,
    http_version_lower_case,
    http_version_malformed,
    http_version_unsupported,
    http_version_of_another_protocol,
    text_after_version,
    http2_preface,
    http2_preface_continued,
)
