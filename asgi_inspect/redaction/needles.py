"""Find known secrets anywhere, however they are written.

A secret that was seen at one place is looked for at all others: percent-encoded, as JSON or Python
writes it, in base64, in hex. Values shorter than four bytes are hidden only where they were found:
anywhere else they would be part of everything.
"""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from bisect import bisect
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import quote, quote_plus, unquote_to_bytes

from ..span import Span, visible

SHORTEST = 4
_LONG = 8  # from this length on the beginning of a secret is hidden too: texts cut what they quote
_BLOCK = 4096  # longer ones are looked for in blocks
_OVERLAP = 64
_CUT = "…".encode()
_NO_SECRETS = frozenset({b"true", b"false", b"null", b"none", b"undefined", b"basic", b"bearer"})
_PERCENT = re.compile(rb"%[0-9A-F]{2}")


class Needles:
    """The ways in which some secrets may be written, ready to be looked for."""

    def __init__(self, secrets: Iterable[bytes] = ()) -> None:
        written = {block for secret in secrets for way in ways_to_write(secret) for block in _blocks(way)}
        written = {needle for needle in written if len(needle) >= SHORTEST and needle.lower() not in _NO_SECRETS}
        self._short = {needle for needle in written if len(needle) < _LONG}
        self._long = sorted(needle for needle in written if len(needle) >= _LONG)
        self._beginnings = {needle[:length] for needle in written for length in range(2, _LONG)}
        # Most bytes begin no secret, and the expression passes over them quickly.
        places = [sorted({needle[place] for needle in written}) for place in range(SHORTEST)]
        classes = (b"[" + b"".join(b"\\x%02x" % byte for byte in place) + b"]" for place in places)
        self._start = re.compile(b"".join(classes)) if written else None

    def __bool__(self) -> bool:
        return self._start is not None

    def at_the_end(self, data: bytes) -> Span:
        """The beginning of a needle with which `data` ends; empty where there is none."""
        lengths = range(min(_LONG, len(data)), 0, -1)
        return Span(len(data) - next((n for n in lengths if data[-n:] in self._beginnings), 0), len(data))

    def spans(self, data: bytes) -> Iterator[Span]:
        """Where they stand in `data`, in order; they may overlap."""
        position = 0
        while self._start is not None and (match := self._start.search(data, position)):
            start = match.start()
            length = self._length(data, start)
            if length:
                yield Span(start, start + length)
            position = start + max(1, length - _OVERLAP)

    def _length(self, data: bytes, start: int) -> int:
        there = data[start : start + _BLOCK]
        place = bisect(self._long, there)
        # Of a sorted list those beside the place have the longest beginning in common.
        common = max((_common(there, needle) for needle in self._long[max(place - 1, 0) : place + 1]), default=0)
        if common >= _LONG or (common >= SHORTEST and there.startswith(_CUT, common)):
            return common
        return next((n for n in range(_LONG - 1, SHORTEST - 1, -1) if there[:n] in self._short), 0)


def _common(one: bytes, other: bytes) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def _blocks(way: bytes) -> Iterator[bytes]:
    return (way[start : start + _BLOCK] for start in range(0, len(way), _BLOCK))


def ways_to_write(secret: bytes) -> Iterator[bytes]:
    """The secret itself, and what encodings and escapes make of it."""
    for value in {secret, unquote_to_bytes(secret), unquote_to_bytes(secret.replace(b"+", b" ")), _unescaped(secret)}:
        if len(value) >= SHORTEST:
            yield from _bytes_written(value)
            for charset in ("utf-8", "latin-1"):
                with suppress(UnicodeDecodeError):
                    yield from _text_written(value.decode(charset))


def _unescaped(secret: bytes) -> bytes:
    if b"\\" in secret:
        with suppress(ValueError):
            return str(json.loads(b'"' + secret + b'"')).encode("utf-8", "surrogatepass")
    return secret


def _bytes_written(value: bytes) -> Iterator[bytes]:
    yield value
    for encoded in (quote(value, safe=""), quote(value), quote(value, safe="/:@!$'()*,;"), quote_plus(value)):
        yield encoded.encode()
        yield _PERCENT.sub(lambda match: match.group().lower(), encoded.encode())
    yield from (encode(value).rstrip(b"=") for encode in (b64encode, urlsafe_b64encode))
    yield from (value.hex().encode(), value.hex().upper().encode())
    yield from (repr(value)[2:-1].encode(), visible(value).encode("utf-8", "surrogatepass"))


def _text_written(text: str) -> Iterator[bytes]:
    ways = {text, repr(text)[1:-1], html.escape(text), html.escape(text, quote=False)}
    ways |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    yield from (way.encode("utf-8", "surrogatepass") for way in ways)
    yield from (text.encode("utf-16-le", "surrogatepass"), text.encode("utf-16-be", "surrogatepass"))
