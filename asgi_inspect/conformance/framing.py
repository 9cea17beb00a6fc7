"""How a body is framed on the wire: transfer-encoding, which is the server's business."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .call import Call
from .content_length import is_http1
from .example import HEADERS, STREAMED, responds
from .rule import ERROR, WARNING, Met, rule, shown

GOOD = responds()
_CHUNK = re.compile(rb"([0-9A-Fa-f]+)(?:;[^\r\n]*)?\r\n")


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
        if call.start and is_http1(call) and value.lower() == b"chunked" and not call.headers(b"content-length"):
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
        if call.start and is_http1(call) and value.lower() != b"chunked" and not call.headers(b"content-length"):
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
    if call.start and call.headers(b"transfer-encoding") and call.headers(b"content-length") and is_http1(call):
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
    parts = [sent.content for sent in call.bodies if isinstance(sent.content, bytes)]
    coded = any(value.lower() == b"chunked" for value in call.headers(b"transfer-encoding"))
    if coded and len(parts) == len(call.bodies) and _is_chunked(b"".join(parts)):
        yield call.bodies[0].met("the body holds chunk framing of its own")


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
