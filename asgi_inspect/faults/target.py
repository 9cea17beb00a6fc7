"""Faults of the request target (RFC 9112 §3.2), and targets that the two parsers put differently into a scope."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..span import Span, literal
from .grammar import NOT_TOKEN
from .rule import Fault, Place, byte_name, shown
from .wire import Wire

_REFUSED = r"illegal request line"
_IN_URL = r"Invalid char|Unexpected (start )?char in url"
_LONGEST = 65535  # httptools.parse_url keeps offsets in 16 bits
_CONTROL = re.compile(rb"[\x00-\x0c\x0e-\x1f\x7f]")
_NON_ASCII = re.compile(rb"[\x80-\xff]+")
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://")
_ODD_START = re.compile(rb"[\x00-\x20\x7f-\xff]")


@Fault(
    id="target-missing",
    summary="a request line without a target",
    spec="RFC 9112 §3",
    help="put the path between method and version, `/` at least",
    h11=_REFUSED,
    httptools=r"Invalid characters in url|Unexpected char in url|Expected space after method",
)
def target_missing(wire: Wire) -> Iterator[Place]:
    """`GET HTTP/1.1` has its version where the target should be."""
    parts = wire.request_line
    if wire.target and parts.version.start < parts.version.end:
        return
    if NOT_TOKEN.search(wire.method) or wire.blank:
        return
    if not wire.target or wire.target.upper().startswith(b"HTTP/"):
        span = parts.target if wire.target else parts.method
        message = f"the request line {shown(wire.whole_line.of(wire.data))} has no target"
        label = "expected a path such as / before the version"
        yield Place(span=span, message=message, label=label, sure=wire.line_done)


@Fault(
    id="space-in-target",
    summary="a space in the target",
    spec="RFC 9112 §3.2",
    help="write %20 for a space in a path or query",
    h11=_REFUSED,
    httptools=r"Expected HTTP/",
)
def space_in_target(wire: Wire) -> Iterator[Place]:
    """A server that took the last space for the end would read another target than one that takes the first."""
    target = wire.request_line.target
    at = wire.data.find(b" ", *target)
    if at >= 0 and wire.version:
        yield Place(
            span=Span(at, at + 1),
            message=f"the target {shown(wire.target)} holds a space",
            label="the target ends here for a parser",
        )


@Fault(
    id="non-ascii-in-target",
    summary="bytes above 127 in the target",
    spec="RFC 9112 §3.2",
    help="percent-encode the UTF-8 bytes, `é` as %C3%A9",
    h11=_REFUSED,
    httptools=_IN_URL,
)
def non_ascii_in_target(wire: Wire) -> Iterator[Place]:
    """A URI is made of ASCII characters."""
    if found := _NON_ASCII.search(wire.data, *wire.request_line.target):
        encoded = "".join(f"%{byte:02X}" for byte in found.group()[:8])
        message = f"the target {shown(wire.target)} holds bytes that are not ASCII"
        yield Place(span=Span(*found.span()), message=message, label=f"in a URI: {encoded}")


@Fault(
    id="control-byte-in-target",
    summary="a control byte in the target",
    spec="RFC 9112 §3.2",
    help="percent-encode it, or find out where it comes from",
    h11=_REFUSED,
    httptools=_IN_URL,
)
def control_byte_in_target(wire: Wire) -> Iterator[Place]:
    """Tab, NUL, ESC and their like; a bare CR has a rule of its own."""
    if found := _CONTROL.search(wire.data, *wire.request_line.target):
        name = byte_name(found.group()[0])
        message = f"the target {shown(wire.target)} holds {name}"
        yield Place(span=Span(*found.span()), message=message, label=f"{name} cannot stand in a target")


@Fault(
    id="target-without-leading-slash",
    summary="a target that is neither a path, nor a URL, nor *",
    spec="RFC 9112 §3.2.1",
    help="begin the target with `/`",
    httptools=_IN_URL,
    taken={"h11": 'scope["path"] is the target as it stands'},
)
def target_without_leading_slash(wire: Wire) -> Iterator[Place]:
    """h11 hands any visible characters on; llhttp wants `/`, `*` or scheme://."""
    target = wire.target
    if not target or target == b"*" or target[:1] == b"/" or wire.method == b"CONNECT":
        return
    versionless = target.upper().startswith(b"HTTP/") and not wire.version
    if _ABSOLUTE.match(target) or _ODD_START.match(target) or versionless:
        return
    told = 'scope["path"] is the target as it stands'
    yield Place(
        span=wire.request_line.target,
        message=f"the target {shown(target)} does not begin with `/`",
        label="expected `/`, `*` or a URL",
        taken_by=("httptools",) if target[:1] == b"*" else (),
        taken={"httptools": told},
    )


@Fault(
    id="asterisk-without-options",
    summary="the target * with a method other than OPTIONS",
    spec="RFC 9112 §3.2.4",
    help="`*` asks about the server as a whole: use it with OPTIONS only",
)
def asterisk_without_options(wire: Wire) -> Iterator[Place]:
    """Both parsers take it, and the application gets the path `*`."""
    if wire.target == b"*" and wire.method not in (b"OPTIONS", b"PRI"):
        told = 'scope["path"] is "*"'
        message = f"the target `*` is for OPTIONS, not for {shown(wire.method)}"
        span = wire.request_line.target
        yield Place(span=span, message=message, label="no path", taken={"h11": told, "httptools": told})


@Fault(
    id="target-too-long",
    summary="a target of more than 65,535 bytes",
    spec="RFC 9110 §15.5.15",
    help="send what does not fit as a body",
    httptools=r"url is too long",
    taken={"h11": "it has no limit of its own for a target"},
)
def target_too_long(wire: Wire) -> Iterator[Place]:
    """uvicorn with httptools cannot parse it; no 414 is sent, only 400."""
    target = wire.request_line.target
    length = target.end - target.start
    if length > _LONGEST and wire.line_done:
        yield Place(
            span=Span(target.start + _LONGEST, target.end),
            message=f"the target has {length:,} bytes, and httptools takes {_LONGEST:,}",
            label="from here on",
            reach=wire.head.span,
        )


@Fault(
    id="connect-request",
    summary="a CONNECT request, which asks for a tunnel",
    spec="RFC 9110 §9.3.6",
    help="CONNECT is for proxies; an ASGI application cannot answer it as one",
    httptools=rf"invalid url|{_IN_URL}",
    taken={
        "h11": "the app is called, but what it sends behind the head of a 2xx answer raises in send()",
        "httptools": "the app is called; bytes behind the head are not read as a body",
    },
)
def connect_request(wire: Wire) -> Iterator[Place]:
    """httptools cannot parse the host:port that CONNECT is to be sent with."""
    if wire.method == b"CONNECT" and wire.target:
        taken_by = ("httptools",) if wire.target[:1] in (b"/", b"*") or _ABSOLUTE.match(wire.target) else ()
        yield Place(
            span=wire.request_line.target,
            message=f"CONNECT asks for a tunnel to {shown(wire.target)}",
            label="not something an application can serve",
            reach=wire.head.span,
            sure=wire.line_done,
            taken_by=taken_by,
        )


@Fault(
    id="absolute-form-without-path",
    summary="a URL without a path as the target",
    spec="RFC 9112 §3.2.2",
    help="write `/` behind the host",
    httptools=r"'NoneType' object has no attribute 'decode'",
    taken={"h11": 'scope["path"] is the whole URL'},
)
def absolute_form_without_path(wire: Wire) -> Iterator[Place]:
    """Legal in the RFC; uvicorn with httptools trips over the missing path, in its own code."""
    if _absolute(wire) and _parsed(wire.target) == b"":
        message = f"the URL {shown(wire.target)} has no path"
        label = "no / behind the host"
        yield Place(span=wire.request_line.target, message=message, label=label, reach=wire.head.span)


@Fault(
    id="absolute-form-invalid",
    summary="a URL as the target that httptools cannot parse",
    spec="RFC 9112 §3.2.2",
    help="give a host, and a port from 0 to 65535 or none",
    httptools=r"invalid url|Unexpected char in url server",
    taken={"h11": 'scope["path"] is the whole URL'},
)
def absolute_form_invalid(wire: Wire) -> Iterator[Place]:
    """An empty host, an empty or impossible port."""
    if _absolute(wire):
        message, invalid = f"the URL {shown(wire.target)} cannot be parsed", _parsed(wire.target) is None
        label = "look at its host and port"
        yield Place(span=wire.request_line.target, message=message, label=label, reach=wire.head.span, sure=invalid)


@Fault(
    id="absolute-form-target",
    summary="a URL as the target, which the parsers put differently into the scope",
    spec="RFC 9112 §3.2.2",
    help="only a proxy is sent the whole URL; send the path, and the host in Host",
    risk="a rule on the path in a proxy, and an app behind h11, see different paths for one request",
)
def absolute_form_target(wire: Wire) -> Iterator[Place]:
    """A server MUST accept it, and take its host for Host; uvicorn does not."""
    path = _parsed(wire.target) if _absolute(wire) else None
    if path:
        told = {"h11": wire.target.partition(b"?")[0], "httptools": path}
        yield Place(
            span=wire.request_line.target,
            message=f"the target {shown(wire.target)} is a whole URL",
            label="a path was expected",
            taken={parser: f'scope["raw_path"] is {literal(raw[:200])}' for parser, raw in told.items()},
        )


@Fault(
    id="fragment-in-target",
    summary="a fragment in the target",
    spec="RFC 9112 §3.2",
    help="leave out what follows `#`, or write %23 where it is meant",
    risk="a rule on the path in a proxy, and the app, see different paths for one request",
)
def fragment_in_target(wire: Wire) -> Iterator[Place]:
    """A client keeps the fragment to itself; h11 leaves it in the path or query, httptools drops it."""
    target = wire.request_line.target
    at = wire.data.find(b"#", *target)
    if at >= 0 and wire.target[:1] != b"#":
        part = "query_string" if b"?" in wire.data[target.start : at] else "path"
        lost = ", and the ? behind it with the query" if b"?" in wire.data[at : target.end] and part == "path" else ""
        yield Place(
            span=Span(at, target.end),
            message=f"the target {shown(wire.target)} has a fragment",
            label="no client should send this",
            taken={"h11": f'scope["{part}"] keeps it', "httptools": f"it is dropped{lost}"},
        )


def _absolute(wire: Wire) -> bool:
    return wire.method != b"CONNECT" and _ABSOLUTE.match(wire.target) is not None


def _parsed(target: bytes) -> bytes | None:
    """The path that httptools finds in a URL, empty for none; None where it cannot parse the URL."""
    import httptools

    try:
        path = httptools.parse_url(target).path
    except httptools.HttpParserInvalidURLError:
        return None
    return path or b""


RULES = (
    target_missing,
    space_in_target,
    non_ascii_in_target,
    control_byte_in_target,
    target_without_leading_slash,
    asterisk_without_options,
    target_too_long,
    connect_request,
    absolute_form_without_path,
    absolute_form_invalid,
    absolute_form_target,
    fragment_in_target,
)
