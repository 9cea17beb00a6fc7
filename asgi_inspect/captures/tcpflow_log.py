"""What `tcpflow -c` prints on the console: `-cD` in hex and exact, `-c` with a dot for what is not drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .addressed import Packet, gathered
from .capture import Capture
from .guesses import dots, guessed
from .refusal import refuse

HEX: Final = "tcpflow-cD"
TEXT: Final = "tcpflow-c"
_SIDE: Final = rb"(?:\d{3}\.\d{3}\.\d{3}\.\d{3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})\.\d{5}"
_PREFIX = re.compile(rb"(?m)^(?:\x1b\[0;\d\dm)?(" + _SIDE + rb")-(" + _SIDE + rb"): ")
_ROW = re.compile(rb"([0-9a-f]{4,8}): ((?:[0-9a-f]{2}){1,2} [^\n]{1,200})(?:\n|$)")
_SHOWN = bytes(code if 0x20 <= code < 0x7F else 0x2E for code in range(256))
_NOT_HEX = re.compile(rb"[^0-9a-f]")
_WIDTH: Final = 32
_END = re.compile(rb"(?:\x1b\[0m)?\n\Z")
_AGAIN: Final = "Write it again with: tcpflow -r FILE without -c, which writes each stream into a file"


def recognise(head: bytes) -> str | None:
    """Why this is tcpflow's hex output, or None."""
    prefix = _PREFIX.match(head)
    hexed = prefix and head.startswith(b"\n", prefix.end()) and _ROW.match(head, prefix.end() + 1)
    return "tcpflow's pairs of addresses have rows of hex under them" if hexed else None


def recognise_text(head: bytes) -> str | None:
    """Why this is tcpflow's text, or None."""
    return "lines begin with tcpflow's pairs of addresses" if _PREFIX.match(head) and not recognise(head) else None


def read(data: bytes, source: str) -> Capture:
    """The bytes of each connection, exact."""
    return gathered(_hex_packets(data, source)).gathering.capture(source, HEX, segments=True)


def read_text(data: bytes, source: str) -> Capture:
    """The bytes of each connection, but for those behind a dot."""
    packets = (
        Packet(prefix[1], prefix[2], _END.sub(b"", data[prefix.end() : end])) for prefix, end in _blocks(data, source)
    )
    capture = gathered(packets).gathering.capture(source, TEXT, segments=True)
    return guessed(capture, *dots(capture, "tcpflow", "tcpflow -cD, or tcpdump -w FILE"))


def _hex_packets(data: bytes, source: str) -> Iterator[Packet]:
    for prefix, end in _blocks(data, source):
        found, position = bytearray(), prefix.end() + 1
        while row := _ROW.match(data, position, end):
            if int(row[1], 16) != len(found):
                raise refuse(source, data, position, f"expected the row of offset {len(found):04x}", _AGAIN)
            piece = _row(row[2])
            if not piece:
                raise refuse(source, data, position, "the hex of this row and its text do not agree", _AGAIN)
            found += piece
            position = row.end()
        if data[position:end].strip(b"\x1b[0m\r\n"):
            raise refuse(source, data, position, f"expected the row of offset {len(found):04x}", _AGAIN)
        yield Packet(prefix[1], prefix[2], bytes(found))


def _row(text: bytes) -> bytes:
    """A row's bytes; where the hex ends shows in the text behind it, which draws each byte as one sign."""
    for count in range(min(_WIDTH, len(text) // 3), 0, -1):
        digits = text[:-count].replace(b" ", b"")
        if len(digits) == 2 * count and not _NOT_HEX.search(digits):
            piece = bytes.fromhex(digits.decode("ascii"))
            if piece.translate(_SHOWN) == text[-count:]:
                return piece
    return b""


def _blocks(data: bytes, source: str) -> Iterator[tuple[re.Match[bytes], int]]:
    """Each pair of addresses, and where what it stands before ends."""
    prefix = _PREFIX.match(data)
    if prefix is None:
        raise refuse(source, data, 0, "expected tcpflow's pair of addresses, ADDRESS.PORT-ADDRESS.PORT: ", _AGAIN)
    while prefix:
        following = _PREFIX.search(data, prefix.end())
        yield prefix, following.start() if following else len(data)
        prefix = following
