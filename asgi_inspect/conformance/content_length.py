"""How long a response is: content-length, and what the body really was."""

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
    for sent in call.bodies if has_content(call) else ():
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
    if last and has_content(call) and last in call.bodies and call.length is not None and call.size < call.length:
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
    if call.start and not framed and has_content(call) and len(call.bodies) == 1 and call.last in call.bodies:
        known = f"all {count(call.size, 'byte')} were known" if call.size else "there is no content"
        yield call.start.met(f"no content-length, though {known}")


def has_content(call: Call) -> bool:
    """Whether the body of this response goes to the client, and is known."""
    status = call.status or 0
    if any(sent.type_of("body") not in _BYTES for sent in call.bodies if "body" in sent.message):
        return False
    return call.method != "HEAD" and status >= 200 and status not in WITHOUT_CONTENT and is_http1(call)


def is_http1(call: Call) -> bool:
    return not str(call.scope.get("http_version", "1.1")).startswith(("2", "3"))


def _odd(value: bytes) -> bool:
    """White space around it and bytes that no value may have are told by rules about values."""
    return value != value.strip(b" \t") or any(byte < 0x20 or byte == 0x7F for byte in value)
