"""What `socat -x`, `-x -v` and `-v` write: each transfer with its direction, length and place.

The two hex forms are exact. `-v` prints a dot for every byte it does not draw, which is told. A
header that is not where the length before it says shows that two connections were written at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .capture import Capture
from .gathering import Gathering
from .guesses import dots, guessed
from .refusal import refuse

HEX: Final = "socat-x"
TEXT: Final = "socat-v"
_HEADER = re.compile(rb"([<>]) \d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?  ?length=(\d+) from=(\d+) to=(-?\d+)\r?\n")
_OWN = re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? socat\[\d+\] [A-Z] [^\n]*+(?:\n|$)|[ \t\r]*+\n")
_START = re.compile(rb"(?:" + _OWN.pattern + rb")*+" + _HEADER.pattern)
_ROW = re.compile(rb"((?: [0-9a-f]{2})+)(?:  [^\n]*)?\r?(?:\n|$)")
_UNIT = re.compile(rb"\\([rabvft\\0])|[\x20-\x7e\t\n]")
_UNITS: Final = {b"r": 13, b"a": 7, b"b": 8, b"v": 11, b"f": 12, b"t": 9, b"\\": 92, b"0": 0}
_AGAIN: Final = "Capture it again with: socat -r FILE …, or for several connections at once: tcpdump -w FILE"


def recognise(head: bytes) -> str | None:
    """Why this is socat's hex log, or None."""
    start = _START.match(head)
    return "socat's > and < headers have hex under them" if start and _ROW.match(head, start.end()) else None


def recognise_text(head: bytes) -> str | None:
    """Why this is socat's text log, or None."""
    start = _START.match(head)
    return "socat's > and < headers have text under them" if start and not _ROW.match(head, start.end()) else None


def read(data: bytes, source: str) -> Capture:
    """The bytes of each connection, exact, in the pieces socat moved."""
    return _read(data, source, _hex).capture(source, HEX, segments=True)


def read_text(data: bytes, source: str) -> Capture:
    """The bytes of each connection, but for those behind a dot."""
    capture = _read(data, source, _text).capture(source, TEXT, segments=True)
    return guessed(capture, *dots(capture, "socat", "socat -x -v …"))


def _read(data: bytes, source: str, content: Callable[[bytes, int, int, str], tuple[bytes, int]]) -> Gathering:
    out, position, number = Gathering(), 0, 0
    counted: dict[bytes, int] = {}
    while position < len(data):
        if own := _OWN.match(data, position):
            position = own.end()
            continue
        header = _HEADER.match(data, position)
        if header is None:
            raise refuse(source, data, position, "expected a header of socat's; were two connections open?", _AGAIN)
        way, length, start = header[1], int(header[2]), int(header[3])
        if way == b">" and start == 0:
            number, counted = number + 1, {}
        if start != counted.get(way, 0):
            what = f"expected from={counted.get(way, 0)}, so transfers are missing or two connections are mixed"
            raise refuse(source, data, position, what, _AGAIN)
        piece, position = content(data, header.end(), length, source)
        counted[way] = start + length
        if way == b">":
            out.sent(number, piece)
        else:
            out.received(number, piece)
    return out


def _hex(data: bytes, position: int, length: int, source: str) -> tuple[bytes, int]:
    found = bytearray()
    while len(found) < length:
        row = _ROW.match(data, position)
        if row is None:
            raise refuse(source, data, position, f"expected hex, {length - len(found)} bytes are left", _AGAIN)
        found += bytes.fromhex(row[1].decode("ascii"))
        position = row.end()
    if len(found) > length:
        raise refuse(source, data, position - 1, f"there are more than the {length} bytes of the header", _AGAIN)
    return bytes(found), position + (3 if data.startswith(b"--\n", position) else 0)


def _text(data: bytes, position: int, length: int, source: str) -> tuple[bytes, int]:
    found = bytearray()
    while len(found) < length:
        unit = _UNIT.match(data, position)
        if unit is None:
            raise refuse(source, data, position, f"expected {length - len(found)} more bytes of text", _AGAIN)
        found.append(_UNITS[unit[1]] if unit[1] else unit[0][0])
        position = unit.end()
    return bytes(found), position
