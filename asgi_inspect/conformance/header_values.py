"""The values of header fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .call import Call
from .example import HEADERS, responds, with_header
from .header_list import SCOPES
from .header_names import headers
from .rule import ERROR, NOTE, WARNING, Met, count, rule, shown

GOOD = with_header('b"x-note"', 'b"all well"')
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SINGLE = (b"content-type", b"location", b"etag", b"last-modified", b"content-range", b"retry-after")
_SECOND_COOKIE = re.compile(rb",\s+[!#$%&'*+.^_`|~0-9A-Za-z-]+=")
_NO_CONTENT = (204, 304)


@rule(
    "header-value-crlf",
    ERROR,
    spec="RFC 9110 §5.5: CR, LF and NUL in a value are dangerous, and must not be passed on",
    help="strip or refuse what it came from",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | "
        "uvicorn/httptools: RuntimeError, no reply | hypercorn: LocalProtocolError, 500 | daphne: ok | "
        "granian: RuntimeError, 500"
    ),
    wrong=with_header('b"x-note"', 'b"a\\r\\nx-evil: 1"'),
    right=GOOD,
    on=SCOPES,
)
def header_value_crlf(call: Call) -> Iterator[Met]:
    """Response splitting. hypercorn passes it on over HTTP/2, where a proxy may turn it into two fields."""
    for sent, name, value in headers(call):
        if b"\r" in value or b"\n" in value:
            yield sent.met(f"the value of {name.decode('latin-1')} has a line break in it: {shown(value)}")


@rule(
    "header-value-nul",
    ERROR,
    spec="RFC 9110 §5.5: CR, LF and NUL in a value are dangerous, and must not be passed on",
    help="strip it",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | "
        "uvicorn/httptools: RuntimeError, no reply | hypercorn: LocalProtocolError, 500 | daphne: ok | "
        "granian: RuntimeError, 500"
    ),
    wrong=with_header('b"x-note"', 'b"a\\x00b"'),
    right=GOOD,
    on=SCOPES,
)
def header_value_nul(call: Call) -> Iterator[Met]:
    """Where text ends for a program in C."""
    for sent, name, value in headers(call):
        if b"\0" in value:
            yield sent.met(f"the value of {name.decode('latin-1')} has a NUL in it: {shown(value)}")


@rule(
    "header-value-control",
    WARNING,
    spec="RFC 9110 §5.5: a value is made of visible characters, spaces and tabs",
    help="strip or encode it",
    seen=(
        "uvicorn/h11, hypercorn, daphne: ok | uvicorn/httptools: RuntimeError, no reply | "
        "uvicorn/zttp: LocalProtocolError, no reply | granian: RuntimeError, 500"
    ),
    wrong=with_header('b"x-note"', 'b"a\\x01b"'),
    right=with_header('b"x-note"', 'b"a\\tb"'),
    on=SCOPES,
)
def header_value_control(call: Call) -> Iterator[Met]:
    """Half of the servers refuse the response for it, half send it."""
    for sent, name, value in headers(call):
        if found := _CONTROL.search(value):
            yield sent.met(f"the value of {name.decode('latin-1')} has the control byte 0x{found[0][0]:02x} in it")


@rule(
    "header-value-whitespace",
    WARNING,
    spec="RFC 9110 §5.5: white space around a value is not part of it",
    help="strip it",
    seen=(
        "uvicorn/h11: LocalProtocolError, no reply | uvicorn/httptools, uvicorn/zttp, hypercorn, daphne, granian: ok"
    ),
    wrong=with_header('b"x-note"', 'b" all well"'),
    right=GOOD,
    on=SCOPES,
)
def header_value_whitespace(call: Call) -> Iterator[Met]:
    """One parser refuses the whole response."""
    for sent, name, value in headers(call):
        if value != value.strip(b" \t"):
            yield sent.met(f"the value of {name.decode('latin-1')} has white space around it: {shown(value)}")


@rule(
    "header-value-non-ascii",
    NOTE,
    spec="specs/www.rst, WSGI encoding differences: “modern HTTP standards say that headers should be ASCII”",
    help="percent-encode it, or use the form of RFC 8187 (filename*=UTF-8''…)",
    seen="all: ok",
    wrong=with_header('b"x-note"', '"naïve".encode()'),
    right=GOOD,
    on=SCOPES,
)
def header_value_non_ascii(call: Call) -> Iterator[Met]:
    """Every reader decodes it in its own way, most as Latin-1."""
    for sent, name, value in headers(call):
        if not value.isascii():
            yield sent.met(f"the value of {name.decode('latin-1')} is not ASCII: {shown(value)}")


@rule(
    "header-singleton-duplicate",
    WARNING,
    spec="RFC 9110 §5.3: only a field whose value is a list may come more than once",
    help="replace the first one where the second is added; a middleware probably appends",
    seen="all: ok",
    wrong=with_header('b"content-type"', 'b"text/html"'),
    right=with_header('b"vary"', 'b"accept"'),
)
def header_singleton_duplicate(call: Call) -> Iterator[Met]:
    """The client takes the first, the last, or neither."""
    for name in _SINGLE:
        values = call.headers(name)
        if call.start and len(values) > 1:
            listed = ", ".join(map(shown, values))
            yield call.start.met(f"{name.decode()} was sent {len(values)} times: {listed}")


@rule(
    "content-type-missing",
    NOTE,
    spec="RFC 9110 §8.3: who knows the type of the content should say it",
    help="set content-type",
    seen="all: ok",
    wrong=responds('[(b"content-length", b"5")]'),
    right=responds('[(b"content-length", b"0")]', content='b""'),
)
def content_type_missing(call: Call) -> Iterator[Met]:
    """Browsers then guess."""
    successful = call.status is not None and 200 <= call.status <= 299 and call.status != 204
    if call.start and successful and call.size and call.method != "HEAD" and not call.headers(b"content-type"):
        yield call.start.met(f"{count(call.size, 'byte')} of content, and no content-type")


@rule(
    "content-type-on-no-body",
    NOTE,
    spec="RFC 9110 §6.4.1: a 204 or 304 has no content",
    help="leave it out",
    seen="all: 204",
    wrong=responds('[(b"content-type", b"text/plain")]', 'b""', status="204"),
    right=responds("[]", 'b""', status="204"),
)
def content_type_on_no_body(call: Call) -> Iterator[Met]:
    """The type of nothing. Rack's linter calls it an error."""
    if call.start and call.status in _NO_CONTENT and call.headers(b"content-type"):
        yield call.start.met(f"a {call.status} has no content, and a content-type")


@rule(
    "set-cookie-folded",
    ERROR,
    spec="specs/www.rst, HTTP: “cannot be concatenated by commas (or anything else)”",
    help="send one set-cookie header for each cookie",
    seen="all: ok",
    wrong=with_header('b"set-cookie"', 'b"a=1, b=2"'),
    right=with_header('b"set-cookie"', 'b"a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"'),
)
def set_cookie_folded(call: Call) -> Iterator[Met]:
    """The client takes everything for one cookie with an odd value."""
    for sent, name, value in headers(call):
        if name.lower() == b"set-cookie" and _SECOND_COOKIE.search(value):
            yield sent.met(f"one set-cookie holds several cookies: {shown(value)}")


@rule(
    "header-trailer-unused",
    NOTE,
    spec="docs/extensions.rst, HTTP Trailers: “The ASGI framework is in charge of sending the `Trailer` headers”",
    help="leave the trailer header out, or send the trailers",
    seen="all: ok",
    wrong=with_header('b"trailer"', 'b"x-checksum"'),
    right=responds(HEADERS),
)
def header_trailer_unused(call: Call) -> Iterator[Met]:
    """Who reads the announcement waits for them."""
    sent = any(call.of_type("http.response.trailers"))
    if call.start and call.headers(b"trailer") and not sent and not call.start.message.get("trailers"):
        yield call.start.met(f"trailers are announced ({shown(call.headers(b'trailer')[0])}) and never sent")
