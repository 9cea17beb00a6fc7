"""Where a response ends: content-length, transfer-encoding, and what the body really was."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .call import Call
from .example import HEADERS, STREAMED, app, body, responds, start
from .rule import ERROR, NOTE, WARNING, Met, count, rule, shown

GOOD = responds()
WITHOUT_CONTENT = (204, 304)
_BYTES = ("bytes", "bytearray", "memoryview", "Folded")
_DIGITS = re.compile(rb"[0-9]+")
_CHUNK = re.compile(rb"([0-9A-Fa-f]+)(?:;[^\r\n]*)?\r\n")


@rule(
    "content-length-exceeded",
    ERROR,
    spec="RFC 9112 §6.3: content-length is the length of the body in bytes",
    help="compute it again in whatever changes the body, from the bytes and not from the text",
    seen=(
        "uvicorn/h11, hypercorn: LocalProtocolError@2, cut | "
        "uvicorn/httptools, uvicorn/zttp: RuntimeError@2, cut | "
        "daphne, granian: ok with b'he' + 3 stray bytes that it takes for the next response"
    ),
    wrong=responds('[(b"content-type", b"text/plain"), (b"content-length", b"2")]'),
    right=GOOD,
)
def content_length_exceeded(call: Call) -> Iterator[Met]:
    """Response splitting by accident: the client takes what is too much for its next response."""
    sent_by_then = 0
    for sent in call.bodies if _has_content(call) else ():
        before, sent_by_then = sent_by_then, sent_by_then + len(sent.content)
        if call.length is not None and before <= call.length < sent_by_then:
            yield sent.met(f"the body is {count(sent_by_then, 'byte')} by now, content-length said {call.length}")


@rule(
    "content-length-short",
    ERROR,
    spec="RFC 9112 §8: a message with less content than its content-length is incomplete",
    help="compute it again in whatever changes the body, from the bytes and not from the text",
    seen=(
        "uvicorn/h11, hypercorn: LocalProtocolError@2, cut | "
        "uvicorn/httptools, uvicorn/zttp: RuntimeError@2, cut | daphne, granian: head then silence"
    ),
    wrong=responds('[(b"content-type", b"text/plain"), (b"content-length", b"10")]'),
    right=GOOD,
)
def content_length_short(call: Call) -> Iterator[Met]:
    """The client waits for the rest."""
    last = call.last
    if last and _has_content(call) and last in call.bodies and call.length is not None and call.size < call.length:
        yield last.met(f"the body is {count(call.size, 'byte')}, content-length said {call.length}")


@rule(
    "content-length-invalid",
    ERROR,
    spec="RFC 9110 §8.6: content-length is one number in digits",
    help='write b"%d" % len(body)',
    seen=(
        "uvicorn/h11: LocalProtocolError, no reply | "
        "uvicorn/httptools, uvicorn/zttp: ValueError, no reply | hypercorn: LocalProtocolError, 500 | "
        "daphne, granian: head then silence"
    ),
    wrong=responds('[(b"content-type", b"text/plain"), (b"content-length", b"five")]'),
    right=GOOD,
)
def content_length_invalid(call: Call) -> Iterator[Met]:
    """int() takes "+5" and "0_5"; a client does not, and uvicorn with httptools sends them out."""
    for value in call.headers(b"content-length"):
        if call.start and not _DIGITS.fullmatch(value) and not _odd(value):
            yield call.start.met(f"content-length is {shown(value)}, not a number in digits")


@rule(
    "content-length-duplicate",
    ERROR,
    spec="RFC 9112 §6.3: content-lengths that differ cannot be recovered from",
    help="keep one",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | "
        "uvicorn/httptools, daphne, granian: ok | hypercorn: LocalProtocolError, 500"
    ),
    wrong=responds(f'{HEADERS[:-1]}, (b"content-length", b"6")]'),
    right=GOOD,
)
def content_length_duplicate(call: Call) -> Iterator[Met]:
    """Two readers end the response at two places."""
    values = call.headers(b"content-length")
    if call.start and len(values) > 1:
        severity = WARNING if len(set(values)) == 1 else None
        yield call.start.met(f"content-length was set {len(values)} times: {', '.join(map(shown, values))}", severity)


@rule(
    "content-length-absent",
    NOTE,
    spec=(
        "specs/www.rst, HTTP Connection Scope: "
        "“a response that is given to the server with no `Content-Length` may be chunked”"
    ),
    help="set it where the whole body is known: chunks are then not needed",
    seen="all: ok",
    wrong=responds(STREAMED),
    right=app(start(STREAMED) + body('b"hel"', more="True") + body('b"lo"')),
)
def content_length_absent(call: Call) -> Iterator[Met]:
    """A client of HTTP/1.0 loses its connection; uvicorn with httptools even sends it chunks."""
    framed = call.headers(b"content-length") or call.headers(b"transfer-encoding")
    if call.start and not framed and _has_content(call) and len(call.bodies) == 1 and call.last in call.bodies:
        yield call.start.met(f"no content-length, though all {count(call.size, 'byte')} were known")


@rule(
    "transfer-encoding-set",
    WARNING,
    spec="specs/www.rst, Response Start - send event: “in this message, but the server must ignore it”",
    help="leave it out",
    seen="all: ok",
    wrong=responds(f'{STREAMED[:-1]}, (b"transfer-encoding", b"chunked")]'),
    right=responds(),
)
def transfer_encoding_set(call: Call) -> Iterator[Met]:
    """A server has to ignore it by the text. None does."""
    for value in call.headers(b"transfer-encoding"):
        if call.start and _is_http1(call) and value.lower() == b"chunked" and not call.headers(b"content-length"):
            yield call.start.met("the application sets transfer-encoding: chunked")


@rule(
    "transfer-encoding-unsupported",
    ERROR,
    spec="specs/www.rst, Response Start - send event: “Note that this is not the same as `Content-Encoding`”",
    help="compression is told in content-encoding",
    seen=(
        "uvicorn/h11, uvicorn/zttp: LocalProtocolError, no reply | "
        "uvicorn/httptools, daphne, granian: ok | hypercorn: LocalProtocolError, 500"
    ),
    wrong=responds(f'{STREAMED[:-1]}, (b"transfer-encoding", b"gzip")]'),
    right=responds(),
)
def transfer_encoding_unsupported(call: Call) -> Iterator[Met]:
    """The server frames the body by it, and cannot."""
    for value in call.headers(b"transfer-encoding"):
        if call.start and _is_http1(call) and value.lower() != b"chunked" and not call.headers(b"content-length"):
            yield call.start.met(f"transfer-encoding is {shown(value)}")


@rule(
    "transfer-encoding-and-content-length",
    ERROR,
    spec="RFC 9112 §6.1: a message with one of them must not have the other",
    help="leave transfer-encoding out",
    seen=(
        "uvicorn, hypercorn: ok | "
        "daphne: head then silence + 5 stray bytes that it takes for the next response | granian: no reply"
    ),
    wrong=responds(f'{HEADERS[:-1]}, (b"transfer-encoding", b"chunked")]'),
    right=GOOD,
)
def transfer_encoding_and_content_length(call: Call) -> Iterator[Met]:
    """Read by one the response ends here, read by the other there: smuggling."""
    if call.start and call.headers(b"transfer-encoding") and call.headers(b"content-length") and _is_http1(call):
        yield call.start.met("both content-length and transfer-encoding are set")


@rule(
    "body-prechunked",
    ERROR,
    spec=(
        "specs/www.rst, HTTP Connection Scope: "
        "“Servers are responsible for handling inbound and outbound chunked transfer”"
    ),
    help="send the content as it is; the server makes the chunks",
    seen="all: ok with b'5\\r\\nhello\\r\\n0\\r\\n\\r\\n'",
    wrong=responds(
        f'{STREAMED[:-1]}, (b"transfer-encoding", b"chunked")]',
        'b"5\\r\\nhello\\r\\n0\\r\\n\\r\\n"',
        beside=("transfer-encoding-set",),
    ),
    right=responds(),
)
def body_prechunked(call: Call) -> Iterator[Met]:
    """Servers frame it again, and the client sees the framing as content."""
    parts = [sent.content for sent in call.bodies]
    coded = any(value.lower() == b"chunked" for value in call.headers(b"transfer-encoding"))
    whole = b"".join(parts) if coded and all(isinstance(part, bytes) for part in parts) else b""
    if _is_chunked(whole):
        yield call.bodies[0].met("the body holds chunk framing of its own")


@rule(
    "content-length-on-no-body-status",
    WARNING,
    spec="RFC 9110 §8.6: a 1xx or 204 must not have a content-length",
    help="leave it out",
    seen="all: 204",
    wrong=responds('[(b"content-length", b"0")]', 'b""', status="204"),
    right=responds("[]", 'b""', status="204"),
)
def content_length_on_no_body_status(call: Call) -> Iterator[Met]:
    """Any number but 0 makes one of uvicorn's parsers wait for so many bytes."""
    if call.start and call.status == 204 and (values := call.headers(b"content-length")):
        severity = None if values[0] == b"0" else ERROR
        yield call.start.met(f"a 204 has a content-length ({shown(values[0])})", severity)


@rule(
    "content-length-304",
    NOTE,
    spec="RFC 9110 §8.6: a 304 may have the content-length that a 200 would have had",
    help="leave it out: with httptools uvicorn asks for so many bytes, and then closes",
    seen=(
        "uvicorn/h11, uvicorn/zttp, hypercorn, daphne, granian: 304 | uvicorn/httptools: RuntimeError@2, 304 + closed"
    ),
    wrong=responds('[(b"content-length", b"5")]', 'b""', status="304", beside=("app-raised-after-start",)),
    right=responds("[]", 'b""', status="304"),
)
def content_length_304(call: Call) -> Iterator[Met]:
    """In order by the text, and still an exception on one server."""
    if call.start and call.status == 304 and (values := call.headers(b"content-length")):
        yield call.start.met(f"a 304 with content-length {values[0].decode('latin-1')}")


@rule(
    "body-on-no-body-status",
    ERROR,
    spec="RFC 9110 §6.4.1: a 1xx, 204 or 304 response has no content",
    help='send b""',
    seen=(
        "uvicorn/h11: LocalProtocolError@2, 204 + closed | "
        "uvicorn/httptools: RuntimeError@2, 204 + closed | uvicorn/zttp, hypercorn, daphne, granian: 204"
    ),
    wrong=responds("[]", status="204"),
    right=responds("[]", 'b""', status="204"),
)
def body_on_no_body_status(call: Call) -> Iterator[Met]:
    """Refused here, dropped there, and left on the connection elsewhere."""
    if call.status in WITHOUT_CONTENT:
        for sent in [sent for sent in call.bodies if len(sent.content)][:1]:
            yield sent.met(f"a {call.status} with {count(call.size, 'byte')} of content")


@rule(
    "body-on-205",
    WARNING,
    spec="RFC 9110 §15.3.6: a server must not make content in a 205",
    help='send b""',
    seen="all: 205",
    wrong=responds(status="205"),
    right=responds('[(b"content-length", b"0")]', 'b""', status="205"),
)
def body_on_205(call: Call) -> Iterator[Met]:
    """No server looks."""
    if call.status == 205:
        for sent in [sent for sent in call.bodies if len(sent.content)][:1]:
            yield sent.met(f"a 205 with {count(call.size, 'byte')} of content")


@rule(
    "body-on-head",
    NOTE,
    spec="RFC 9110 §9.3.2: the response to HEAD has no content",
    help="send the headers of the GET, and b''",
    seen="all: ok",
    wrong=responds(method="HEAD"),
    right=responds(content='b""', method="HEAD"),
)
def body_on_head(call: Call) -> Iterator[Met]:
    """Thrown away; but of a body in several messages daphne leaves all but the first on the connection."""
    filled = [sent for sent in call.bodies if len(sent.content)]
    if filled and call.method == "HEAD" and call.status not in WITHOUT_CONTENT:
        severity = WARNING if len(call.bodies) > 1 and filled[-1] is not call.bodies[0] else None
        yield filled[0].met(f"{count(call.size, 'byte')} of content for HEAD", severity)


def _has_content(call: Call) -> bool:
    """Whether the body of this response goes to the client, and is known."""
    status = call.status or 0
    if any(sent.type_of("body") not in _BYTES for sent in call.bodies if "body" in sent.message):
        return False
    return call.method != "HEAD" and status >= 200 and status not in WITHOUT_CONTENT and _is_http1(call)


def _is_http1(call: Call) -> bool:
    return not str(call.scope.get("http_version", "1.1")).startswith(("2", "3"))


def _odd(value: bytes) -> bool:
    """White space around it and bytes that no value may have are told by rules about values."""
    return value != value.strip(b" \t") or any(byte < 0x20 or byte == 0x7F for byte in value)


def _is_chunked(data: bytes) -> bool:
    """Whether `data` reads as chunks to the last one."""
    position = 0
    while found := _CHUNK.match(data, position):
        size = int(found[1], 16)
        position = found.end() + size + 2
        if not size:
            return data[position - 2 : position] == b"\r\n"
        if data[position - 2 : position] != b"\r\n":
            return False
    return False
