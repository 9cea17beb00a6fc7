"""The shape of a header list: an iterable of pairs of byte strings, wherever a message has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..asgi import MESSAGES, RESPONSE_START, WEBSOCKET_ACCEPT
from .call import Call
from .example import responds
from .rule import ERROR, NOTE, WARNING, Met, kind, rule, shown
from .walk import Sent

GOOD = responds()
SCOPES = ("http", "websocket")
_BUFFERS = (bytearray, memoryview)


@rule(
    "headers-missing",
    NOTE,
    spec="specs/www.rst, Response Start - send event: “Optional; if missing defaults to an empty list”",
    help='the key is optional; granian insists on it, so "headers": [] travels further',
    seen="uvicorn, hypercorn, daphne: ok | granian: RuntimeError, 500",
    wrong=responds(headers="", content='b""', beside=("content-length-absent",)),
    right=responds('[(b"content-length", b"0")]', content='b""'),
)
def headers_missing(call: Call) -> Iterator[Met]:
    """In order by the text, and still a 500 on one server."""
    for sent in call.of_type(RESPONSE_START):
        if "headers" not in sent.message:
            yield sent.met("http.response.start has no headers")


@rule(
    "headers-not-pairs",
    ERROR,
    spec="specs/www.rst, Response Start - send event: “iterable of `[name, value]` two-item iterables”",
    help="pass [(name, value), …]; of a dict, list(d.items())",
    seen="uvicorn: ValueError, no reply | hypercorn, daphne: ValueError, 500 | granian: RuntimeError, 500",
    wrong=responds('{b"content-type": b"text/plain"}'),
    right=responds('{b"content-type": b"text/plain", b"content-length": b"5"}.items()'),
    on=SCOPES,
)
def headers_not_pairs(call: Call) -> Iterator[Met]:
    """A dict gives its keys only; one of two bytes is then taken for a pair of numbers."""
    for sent, value in header_lists(call):
        if isinstance(value, dict | str | bytes) or not isinstance(value, Iterable):
            yield sent.met(f"headers is {kind(value)} {shown(value)}, not a list of pairs")
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                if not _is_pair(item):
                    yield sent.met(f"headers[{number}] is {shown(item)}, not a pair of name and value")


@rule(
    "headers-one-shot-iterable",
    NOTE,
    spec="specs/www.rst, Response Start - send event: “iterable of `[name, value]` two-item iterables”",
    help="pass a list",
    seen="all: ok",
    wrong=responds('(pair for pair in [(b"content-type", b"text/plain"), (b"content-length", b"5")])'),
    right=responds('((b"content-type", b"text/plain"), (b"content-length", b"5"))'),
    on=SCOPES,
)
def headers_one_shot_iterable(call: Call) -> Iterator[Met]:
    """Any iterable will do by the text; one that can be read once is empty behind the middleware that read it."""
    for sent, value in header_lists(call):
        read_once = sent.step.types.get("headers")
        if read_once or isinstance(value, Iterator):
            yield sent.met(f"headers is a {read_once or kind(value)}, which can be read only once")


@rule(
    "header-name-not-bytes",
    ERROR,
    spec="specs/asgi.rst, Error Handling: “wrong Python types for objects (e.g. Unicode strings for HTTP headers)”",
    help='write b"…"',
    seen=(
        "uvicorn/h11: ok | uvicorn/httptools, uvicorn/zttp: TypeError, no reply | "
        "hypercorn: TypeError, 500 | daphne: ValueError, 500 | granian: RuntimeError, 500"
    ),
    wrong=responds('[("content-type", b"text/plain"), (b"content-length", b"5")]', beside=("content-type-missing",)),
    right=GOOD,
    on=SCOPES,
)
def header_name_not_bytes(call: Call) -> Iterator[Met]:
    """uvicorn takes text with h11 and not with httptools, so it passes on one machine and fails on the next."""
    for sent, name, _ in _items(call):
        if not isinstance(name, bytes | bytearray | memoryview):
            yield sent.met(f"the header name {shown(name)} is {kind(name)}, not bytes")


@rule(
    "header-value-not-bytes",
    ERROR,
    spec="specs/asgi.rst, Error Handling: “wrong Python types for objects (e.g. Unicode strings for HTTP headers)”",
    help='write b"…", or str(value).encode()',
    seen=(
        "uvicorn/h11, uvicorn/httptools: TypeError, no reply | uvicorn/zttp: AttributeError, no reply | "
        "hypercorn: LocalProtocolError, 500 | daphne: ValueError, 500 | granian: RuntimeError, 500"
    ),
    wrong=responds('[(b"content-type", b"text/plain"), (b"content-length", 5)]', beside=("content-length-absent",)),
    right=GOOD,
    on=SCOPES,
)
def header_value_not_bytes(call: Call) -> Iterator[Met]:
    """Numbers above all: bytes(5) is five NULs, and one server does just that."""
    for sent, name, value in _items(call):
        if not isinstance(value, bytes | bytearray | memoryview):
            yield sent.met(f"the value of {shown(name)} is {kind(value)} {shown(value)}, not bytes")


@rule(
    "header-bytes-like",
    WARNING,
    spec="specs/www.rst, Response Start - send event: “*Iterable[[byte string, byte string]]*”",
    help="wrap it in bytes()",
    seen=(
        "uvicorn/h11, uvicorn/httptools, hypercorn, granian: ok | uvicorn/zttp: TypeError, no reply | "
        "daphne: ValueError, 500"
    ),
    wrong=responds('[(b"content-type", bytearray(b"text/plain")), (b"content-length", b"5")]'),
    right=GOOD,
    on=SCOPES,
)
def header_bytes_like(call: Call) -> Iterator[Met]:
    """Buffers pass on most servers."""
    for sent, name, value in _items(call):
        for part in (name, value):
            if isinstance(part, _BUFFERS):
                yield sent.met(f"the header {shown(name)} holds a {kind(part)}")


def header_lists(call: Call) -> Iterator[tuple[Sent, object]]:
    """Every message that has a header list, with what stands there; of websocket.accept `ws-accept-headers` tells."""
    for sent in call.known:
        keys = MESSAGES[sent.type]
        if "headers" in keys and "headers" in sent.message and sent.type != WEBSOCKET_ACCEPT:
            yield sent, sent.message["headers"]


def _items(call: Call) -> Iterator[tuple[Sent, object, object]]:
    """The names and values of what are pairs at least."""
    for sent, value in header_lists(call):
        for item in value if isinstance(value, list | tuple) else ():
            if _is_pair(item):
                name, content = item
                yield sent, name, content


def _is_pair(item: object) -> bool:
    return not isinstance(item, str | bytes | dict) and isinstance(item, Iterable) and len(list(item)) == 2
