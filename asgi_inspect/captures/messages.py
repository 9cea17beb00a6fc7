"""Where HTTP/1 messages begin and end, as far as reading a capture needs it.

This points and never judges: what a server makes of the bytes is the server's matter. It is used
where a capture mixes both directions or keeps a head without its body.
"""

from __future__ import annotations

import re
from typing import Final

TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}"
# A request line as it stands on the wire or in a trace; the target may hold any byte but a blank.
REQUEST_LINE: Final = re.compile(TOKEN + rb" [^ \r\n]{1,65536} HTTP/\d(?:\.\d)?(?=\r*(?:\n|$))")
STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)? \d{3}(?: [^\r\n]{0,1000})?(?=\r?(?:\n|$))")
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r*$")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding[ \t]*:[^\r\n]*\bchunked\b")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[^\r\n]{0,1000}\r?\n")
_HEAD_END = re.compile(rb"\n\r?\n")


def begins_as_request(data: bytes) -> bool:
    """Whether an HTTP/1 request line or HTTP/2's preface comes first."""
    return REQUEST_LINE.match(data, 0, 70_000) is not None or data.startswith(b"PRI * HTTP/2.0\r\n")


def head_end(data: bytes, start: int = 0) -> int:
    """The offset after the empty line that ends the head begun at `start`, or -1."""
    match = _HEAD_END.search(data, start)
    return match.end() if match else -1


def content_length(head: bytes) -> int | None:
    """What Content-Length says, None where there is none to read."""
    match = _LENGTH.search(head)
    return int(match[1]) if match else None


def is_chunked(head: bytes) -> bool:
    """Whether Transfer-Encoding names chunked."""
    return _CHUNKED.search(head) is not None


def request_end(data: bytes, start: int = 0) -> int | None:
    """Where the request begun at `start` ends; None where the bytes stop before that."""
    body = head_end(data, start)
    if body < 0:
        return None
    head = data[start:body]
    if is_chunked(head):
        return chunks_end(data, body)
    end = body + (content_length(head) or 0)
    return end if end <= len(data) else None


def response_end(data: bytes, start: int, method: bytes) -> int | None:
    """Where the response to a `method` request ends, interim ones (100, 103) included.

    None where the bytes stop before that, or where only the closing of the connection ends it.
    """
    body = head_end(data, start)
    while body >= 0 and status_of(data, start).startswith(b"1") and status_of(data, start) != b"101":
        start, body = body, head_end(data, body)
    if body < 0:
        return None
    head, status = data[start:body], status_of(data, start)
    if method == b"HEAD" or status in (b"204", b"304"):
        return body
    if is_chunked(head):
        return chunks_end(data, body)
    length = content_length(head)
    if length is None or status == b"101" or body + length > len(data):
        return None
    return body + length


def status_of(data: bytes, start: int) -> bytes:
    """The three digits of the status line at `start`."""
    blank = data.find(b" ", start, start + 10)
    return data[blank + 1 : blank + 4]


def chunks_end(data: bytes, start: int) -> int | None:
    """Where a chunked body begun at `start` ends, its trailer included; None where it does not."""
    size = _SIZE.match(data, start)
    while size:
        end = size.end() + int(size[1], 16)
        if int(size[1], 16) == 0:
            return _trailer_end(data, end)
        end += 2 if data.startswith(b"\r\n", end) else 1
        size = _SIZE.match(data, end) if end <= len(data) else None
    return None


def _trailer_end(data: bytes, start: int) -> int | None:
    while (line := data.find(b"\n", start)) >= 0:
        if data[start:line] in (b"", b"\r"):
            return line + 1
        start = line + 1
    return None


def without_chunks(data: bytes) -> bytes:
    """The content of whatever whole chunks `data` begins with."""
    parts, size = [], _SIZE.match(data)
    while size and int(size[1], 16):
        end = size.end() + int(size[1], 16)
        parts.append(data[size.end() : end])
        size = _SIZE.match(data, end + 2)
    return b"".join(parts)


def request_starts(data: bytes) -> tuple[int, ...]:
    """The offset of each request in one client's bytes, as far as their framing carries."""
    starts, position = [], 0
    while position < len(data):
        while data.startswith((b"\r\n", b"\n"), position):
            position += 2 if data[position : position + 1] == b"\r" else 1
        if not REQUEST_LINE.match(data, position):
            break
        starts.append(position)
        end = request_end(data, position)
        if end is None:
            break
        position = end
    return tuple(starts)


def split_responses(received: bytes, sent: bytes) -> tuple[bytes, ...]:
    """`received` cut into the answers to the requests in `sent`; what cannot be cut stays whole."""
    parts, position = [], 0
    for start in request_starts(sent):
        if position >= len(received):
            break
        method = sent[start : sent.find(b" ", start)]
        end = response_end(received, position, method) or len(received)
        parts.append(received[position:end])
        position = end
    if position < len(received):
        parts.append(received[position:])
    return tuple(parts)
