"""What a peer said, in any HTTP version: the values that the parsers' callbacks and events become."""

from __future__ import annotations

from typing import NamedTuple

from .asgi import Headers

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # what an HTTP/2 client sends first (RFC 9113 §3.4)


class RequestHead(NamedTuple):
    """A request line and its fields as the parser gave them (`http_version` like "1.1")."""

    method: bytes
    target: bytes
    http_version: str
    headers: Headers


class Malformed(NamedTuple):
    """The parser refused the bytes.

    `words` are its own. `head_done` tells that the fault is behind a complete head, so that the
    application has been called all the same. `received` counts the connection's bytes read by then.
    """

    words: str
    head_done: bool
    received: int


class Dropped(NamedTuple):
    """Bytes that the server read and threw away: what shares a read with an unsupported Upgrade."""

    start: int
    end: int
