"""What ngrep prints: with `-x` every byte of every packet, with `-W byline` one sign for each.

ngrep shows packets as they passed, without sequence numbers: that each came once and in order is
told as taken for granted. Its plain output, which breaks lines anywhere, is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..findings import Finding, Severity
from .addressed import Packet, gathered
from .capture import Capture
from .guesses import dots, guessed, line_ends, with_cr
from .refusal import refuse

HEX: Final = "ngrep-x"
BYLINE: Final = "ngrep-byline"
_ADDRESS: Final = rb"[\w.:-]{1,100}:\d{1,5}"
_WHEN: Final = rb"(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} |\+\d+\.\d{6} )?"
_HEADER = re.compile(rb"T " + _WHEN + rb"(" + _ADDRESS + rb") -> (" + _ADDRESS + rb") \[[A-Z]*\](?: #\d+)?\n")
_ANY_HEADER = re.compile(rb"(?m)^[TUIK?] " + _WHEN + rb"[\w.:-]{1,100} -> [\w.:-]{1,100}[^\n]{0,40}\n")
_START = re.compile(rb"(?:(?:interface|filter|input|output|match[^:\n]{0,20}): [^\n]*\n|[# ]*+\n)*+")
_ROW = re.compile(rb"  (?=[0-9a-f])([0-9a-f ]{50})    ([^\n]{1,16})(?:\n|$)")
_SHOWN = bytes(code if 0x20 <= code < 0x7F else 0x2E for code in range(256))
_HTTP = re.compile(rb"[!-~]{1,40} [^ \n]{1,65536} HTTP/\d\.\d\.?\n|HTTP/\d\.\d \d{3}[^\n]{0,200}\n")
_BETWEEN = re.compile(rb"[#]*(?:exit)?\n?|\d+ received, \d+ matched\n?")
_TAIL = re.compile(rb"\n#*(?:\n(?:T[\d.:/ >\[\]A-Z#+-]{0,150})?|e?x?i?t?\n?(?:\d+ received, \d+ matched\n)?)\Z")
_KEEPS: Final = "tcpdump -w FILE tcp port 8000"
_AGAIN: Final = f"Capture it again with: {_KEEPS}"


def recognise(head: bytes) -> str | None:
    """Why this is `ngrep -x`, or None."""
    return "ngrep's packet lines have hex under them" if _first(head, _ROW) else None


def recognise_byline(head: bytes) -> str | None:
    """Why this is `ngrep -W byline`, or None."""
    return "ngrep's packet lines have lines of HTTP under them" if _first(head, _HTTP) else None


def _first(head: bytes, content: re.Pattern[bytes]) -> bool:
    start = _START.match(head)
    header = _HEADER.match(head, start.end() if start else 0)
    return header is not None and content.match(head, header.end()) is not None


def read(data: bytes, source: str) -> Capture:
    """The bytes of each connection, packet by packet."""
    found = gathered(_hex_packets(data, source)).gathering
    found.note(_IN_ORDER)
    return found.capture(source, HEX, segments=True)


def read_byline(data: bytes, source: str) -> Capture:
    """One byte for each sign; the dot that ends a line of a head is a CR."""
    found = gathered(_line_packets(data, source), with_cr)
    found.gathering.note(_IN_ORDER)
    for number, count in found.mended.items():
        if count:
            why = "the dot before it is taken for CR, as in heads, chunks and multipart bodies."
            found.gathering.note(line_ends(count, number, why, _KEEPS))
    capture = found.gathering.capture(source, BYLINE, segments=True)
    return guessed(capture, *dots(capture, "ngrep", "ngrep -x, or tcpdump -w FILE"))


def _hex_packets(data: bytes, source: str) -> Iterator[Packet]:
    for packet, start, end in _blocks(data, source):
        found, position = bytearray(), start
        while row := _ROW.match(data, position, end):
            found += _piece(row, data, source)
            position = row.end()
        while position < end:
            between = _BETWEEN.match(data, position, end)
            if between is None or between.end() == position:
                raise refuse(source, data, position, "expected a row of ngrep -x or the next packet", _AGAIN)
            position = between.end()
        yield packet._replace(payload=bytes(found))


def _piece(row: re.Match[bytes], data: bytes, source: str) -> bytes:
    """The bytes of a row, whose text must be theirs."""
    pairs = row[1].split()
    piece = bytes(int(pair, 16) for pair in pairs if len(pair) == 2)
    if len(piece) < len(pairs) or piece.translate(_SHOWN).rstrip() != row[2].rstrip():
        raise refuse(source, data, row.start(), "the hex of this row and its text do not agree", _AGAIN)
    return piece


def _line_packets(data: bytes, source: str) -> Iterator[Packet]:
    for packet, start, end in _blocks(data, source):
        tail = _TAIL.search(data, max(start, end - 200), end)
        yield packet._replace(payload=data[start : tail.start() if tail else end])


def _blocks(data: bytes, source: str) -> Iterator[tuple[Packet, int, int]]:
    """Each TCP packet, still empty, and from where to where its text stands."""
    start = _START.match(data)
    position = start.end() if start else 0
    if not _HEADER.match(data, position):
        raise refuse(source, data, position, "expected ngrep's line of a packet, T ADDRESS -> ADDRESS", _AGAIN)
    headers = list(_ANY_HEADER.finditer(data, position))
    for index, any_header in enumerate(headers):
        header = _HEADER.match(data, any_header.start())
        end = headers[index + 1].start() if index + 1 < len(headers) else len(data)
        if header:
            yield Packet(header[1], header[2], b""), header.end(), end


_IN_ORDER: Final = Finding(
    rule="order-assumed",
    severity=Severity.NOTE,
    message="ngrep prints no sequence numbers: the packets are taken to have come once each, and in this order.",
    help=f"{_AGAIN}.",
)
