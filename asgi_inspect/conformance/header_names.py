"""The names of header fields, and fields that are not the application's to send."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .call import Call
from .example import HEADERS, app, body, start, with_header
from .header_list import SCOPES
from .rule import ERROR, NOTE, WARNING, Met, rule, shown
from .walk import Sent

GOOD = with_header('b"x-request-id"', 'b"7"')
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]")
_BREAKS = re.compile(rb"[\r\n\x00]")
_HOP_BY_HOP = (b"keep-alive", b"proxy-connection", b"te", b"upgrade", b"proxy-authenticate")
_NOT_IN_HTTP2 = (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade", b"te")
HTTP2 = app(start(f'{HEADERS[:-1]}, (b"connection", b"close")]') + body(), http_version="2")


@rule(
    "header-name-uppercase",
    WARNING,
    spec="specs/www.rst, Response Start - send event: “Header names must be lowercased”",
    help="write it in lower case",
    seen="all: ok",
    wrong=with_header('b"X-Request-Id"', 'b"7"'),
    right=GOOD,
    on=SCOPES,
)
def header_name_uppercase(call: Call) -> Iterator[Met]:
    """No server minds, but middleware that looks for the lower-case name misses it, and adds a second one."""
    for sent, name, _ in headers(call):
        if name != name.lower():
            yield sent.met(f"the header name {shown(name)} has capital letters")


@rule(
    "header-name-empty",
    ERROR,
    spec="RFC 9110 §5.1: a field name is a token, so at least one character",
    help="leave the header out",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | uvicorn/httptools: ok | "
        "hypercorn: IndexError, 500 | daphne: InvalidHeaderName, silence | granian: RuntimeError, 500"
    ),
    wrong=with_header('b""', 'b"7"'),
    right=GOOD,
    on=SCOPES,
)
def header_name_empty(call: Call) -> Iterator[Met]:
    """A line that begins with its colon."""
    for sent, name, value in headers(call):
        if not name:
            yield sent.met(f"a header without a name (its value is {shown(value)})")


@rule(
    "header-name-invalid",
    ERROR,
    spec="RFC 9110 §5.6.2: a token is letters, digits and !#$%&'*+-.^_`|~",
    help="use letters, digits and -",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | "
        "uvicorn/httptools: RuntimeError, no reply | hypercorn: LocalProtocolError, 500 | "
        "daphne: InvalidHeaderName, silence | granian: RuntimeError, 500"
    ),
    wrong=with_header('b"x request"', 'b"7"'),
    right=GOOD,
    on=SCOPES,
)
def header_name_invalid(call: Call) -> Iterator[Met]:
    """What a parser at the other end refuses, or reads as something else."""
    for sent, name, _ in headers(call):
        odd = _TOKEN.sub(b"", name)
        if odd and not name.startswith(b":") and not _BREAKS.search(name):
            yield sent.met(f"the header name {shown(name)} has {shown(odd[:1])} in it")


@rule(
    "header-name-crlf",
    ERROR,
    spec="RFC 9112 §5: a line break ends the field",
    help="never make a header name from what a user sent",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | "
        "uvicorn/httptools: RuntimeError, no reply | hypercorn: LocalProtocolError, 500 | "
        "daphne: InvalidHeaderName, silence | granian: RuntimeError, 500"
    ),
    wrong=with_header('b"x-a: 1\\r\\nx-b"', 'b"7"'),
    right=GOOD,
    on=SCOPES,
)
def header_name_crlf(call: Call) -> Iterator[Met]:
    """Response splitting: who controls the name controls the response."""
    for sent, name, _ in headers(call):
        if _BREAKS.search(name):
            yield sent.met(f"the header name {shown(name)} has a line break or NUL in it")


@rule(
    "header-name-pseudo",
    ERROR,
    spec=(
        "specs/www.rst, Response Start - send event: "
        "“Pseudo headers (present in HTTP/2 and HTTP/3) must not be present”"
    ),
    help="set the status key; the other pseudo headers are the server's",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | "
        "uvicorn/httptools: RuntimeError, no reply | hypercorn: ValueError, 500 | "
        "daphne: InvalidHeaderName, silence | granian: RuntimeError, 500"
    ),
    wrong=with_header('b":status"', 'b"200"'),
    right=GOOD,
    on=SCOPES,
)
def header_name_pseudo(call: Call) -> Iterator[Met]:
    """HTTP/2 writes the status so; a server does that by itself."""
    for sent, name, _ in headers(call):
        if name.startswith(b":"):
            yield sent.met(f"{shown(name)} is a pseudo header")


@rule(
    "header-status-cgi",
    WARNING,
    spec="specs/www.rst, WSGI Compatibility: “`status` argument becomes `status`, with the reason phrase dropped”",
    help="set the status key of http.response.start",
    seen="all: ok",
    wrong=with_header('b"status"', 'b"404 Not Found"'),
    right=GOOD,
    on=SCOPES,
)
def header_status_cgi(call: Call) -> Iterator[Met]:
    """CGI tells the status in a header; in ASGI it goes to the client as any other."""
    for sent, name, value in headers(call):
        if name.lower() == b"status":
            yield sent.met(f"a header named status ({shown(value)}) changes nothing")


@rule(
    "header-name-underscore",
    NOTE,
    spec="RFC 9110 §5.6.2 allows it; proxies such as nginx drop such fields unless told otherwise",
    help="write - for _",
    seen="all: ok",
    wrong=with_header('b"x_request_id"', 'b"7"'),
    right=GOOD,
    on=SCOPES,
)
def header_name_underscore(call: Call) -> Iterator[Met]:
    """CGI and WSGI cannot tell _ from -, so proxies distrust it."""
    for sent, name, _ in headers(call):
        if b"_" in name:
            yield sent.met(f"the header name {shown(name)} has an underscore")


@rule(
    "header-date-duplicate",
    NOTE,
    spec="RFC 9110 §6.6.1: the origin server makes one Date",
    help="leave it out, or start the server with --no-date-header",
    seen="all: ok",
    wrong=with_header('b"date"', 'b"Sun, 22 Nov 2026 08:00:00 GMT"'),
    right=GOOD,
)
def header_date_duplicate(call: Call) -> Iterator[Met]:
    """uvicorn and hypercorn put their own before it."""
    yield from _server_adds(call, b"date")


@rule(
    "header-server-duplicate",
    NOTE,
    spec="RFC 9110 §10.2.4: Server has one value",
    help="leave it out, or start the server with --no-server-header",
    seen="all: ok",
    wrong=with_header('b"server"', 'b"shop"'),
    right=GOOD,
)
def header_server_duplicate(call: Call) -> Iterator[Met]:
    """uvicorn and hypercorn put their own before it, and strict clients refuse the pair."""
    yield from _server_adds(call, b"server")


def _server_adds(call: Call, wanted: bytes) -> Iterator[Met]:
    for sent, name, value in headers(call):
        if name.lower() == wanted:
            yield sent.met(f"the application sets {wanted.decode()} ({shown(value)}), and so do servers")


@rule(
    "header-connection",
    NOTE,
    spec="RFC 9110 §7.6.1: Connection is about this connection only, which the server holds",
    help="leave it to the server; uvicorn, hypercorn and granian close for it, daphne does not",
    seen="all: ok",
    wrong=with_header('b"connection"', 'b"close"'),
    right=GOOD,
)
def header_connection(call: Call) -> Iterator[Met]:
    """Honoured here, ignored there, and stripped on HTTP/2."""
    for sent, name, value in headers(call):
        if name.lower() == b"connection" and _http1(call):
            yield sent.met(f"the application sets connection: {value.decode('latin-1')}")


@rule(
    "header-hop-by-hop",
    WARNING,
    spec="RFC 9110 §7.6.1: such fields are for the next hop, and removed by it",
    help="leave it out",
    seen="all: ok",
    wrong=with_header('b"keep-alive"', 'b"timeout=5"'),
    right=GOOD,
)
def header_hop_by_hop(call: Call) -> Iterator[Met]:
    """It speaks of a connection that the application does not own. No server objects."""
    for sent, name, _ in headers(call):
        if name.lower() in _HOP_BY_HOP and _http1(call):
            yield sent.met(f"{name.decode('latin-1')} is about the connection, which is the server's")


@rule(
    "header-http2-forbidden",
    WARNING,
    spec="RFC 9113 §8.2.2: fields about a connection make an HTTP/2 message malformed",
    help="leave it out: the response is then the same in every version",
    seen="uvicorn/zttp, hypercorn, granian: the field is stripped",
    wrong=HTTP2,
    right=app(start() + body(), http_version="2"),
)
def header_http2_forbidden(call: Call) -> Iterator[Met]:
    """Servers strip them today, but for te."""
    for sent, name, _ in headers(call):
        if name.lower() in _NOT_IN_HTTP2 and not _http1(call):
            yield sent.met(f"{name.decode('latin-1')} must not be sent over HTTP/{call.scope.get('http_version')}")


def headers(call: Call) -> tuple[tuple[Sent, bytes, bytes], ...]:
    """Every header that is a pair of byte strings, with the message it stands in."""
    return call.fields


def _http1(call: Call) -> bool:
    return not str(call.scope.get("http_version", "1.1")).startswith(("2", "3"))
