"""The short way for a request with nothing odd about it: most are, and there may be 100,000 of them.

Only certain of its yes: whatever it is in doubt about, the rules look at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from .chunked import plain_end
from .grammar import METHODS, TOKEN, like_a_request

_HEAD = re.compile(
    rb"(?:%b) (?:/[!\x22$-~]*|(?<=OPTIONS )\*) HTTP/1\.([01])\r\n"
    rb"(?:%b:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*\r\n" % (b"|".join(sorted(METHODS - {b"CONNECT"})), TOKEN)
)
_TELLING = re.compile(
    rb"(?i)\n(host|content-length|transfer-encoding|expect|upgrade|connection):[ \t]*([^\r\n]*)(?=\r)"
)
_HOST = re.compile(rb"[A-Za-z0-9._~-]+(?::[0-9]+)?[ \t]*")
_LENGTH = re.compile(rb"[0-9]{1,18}[ \t]*")
_LONGEST_HEAD = 65_535
_LONGEST_KEPT = 2048


def nothing_odd(data: bytes, start: int, end: int) -> bool:
    """Whether no rule can be met by the request in `data` from `start` to `end`, which every reading accepts."""
    if start and data[start - 1 : start] == b"\n" and not _parted(data, start):
        return False
    blank = data.find(b"\r\n\r\n", start, start + _LONGEST_HEAD)
    if blank < 0:
        return False
    head = data[start : blank + 4]
    plain = _plain_before(head) if len(head) <= _LONGEST_KEPT else _plain(head)
    return plain is not None and _ends_well(data, blank + 4, end, plain)


class _Plain(NamedTuple):
    """A head with nothing odd about it: the fields that tell how the message goes on, by name."""

    http11: bool
    fields: dict[bytes, bytes]


def _plain(head: bytes) -> _Plain | None:
    match = _HEAD.fullmatch(head)
    if match is None:
        return None
    fields: dict[bytes, bytes] = {}
    for name, value in _TELLING.findall(head):
        name = name.lower()
        if name in fields:
            return None
        fields[name] = value
    http11 = match[1] == b"1"
    return _Plain(http11, fields) if _fields_fit(fields, http11=http11) else None


_plain_before = lru_cache(maxsize=256)(_plain)  # a client repeats itself


def _parted(data: bytes, start: int) -> bool:
    """Whether the line ends before `start` may all belong to the request before: one empty line, not more."""
    # A mapped file is sliced as bytes are, and has no endswith().
    return data[start - 4 : start] == b"\r\n\r\n" and data[start - 6 : start - 4] != b"\r\n"


def _fields_fit(fields: dict[bytes, bytes], *, http11: bool) -> bool:
    host = fields.get(b"host")
    if (host is None and http11) or (host is not None and not _HOST.fullmatch(host)):
        return False
    if b"upgrade" in fields or fields.get(b"expect", b"100-continue").lower() != b"100-continue":
        return False
    if b"transfer-encoding" in fields:
        return http11 and b"content-length" not in fields and fields[b"transfer-encoding"].lower() == b"chunked"
    if b"expect" in fields and not http11:
        return False
    return b"content-length" not in fields or _LENGTH.fullmatch(fields[b"content-length"]) is not None


def _ends_well(data: bytes, head_end: int, end: int, plain: _Plain) -> bool:
    """Whether the body's framing is plain, and only a further request follows."""
    fields = plain.fields
    if b"transfer-encoding" in fields and plain_end(data, head_end) != end:
        return False
    if end >= len(data):
        return True
    closes = not plain.http11 or b"close" in fields.get(b"connection", b"").lower()
    return not closes and data[end : end + 1] not in (b"\r", b"\n") and like_a_request(data, end)
