"""tcpdump's hex text (`-x`, `-X`, `-xx`, `-XX`): every packet in full, so exact as a packet file.

The rows count offsets; a row with offset 0 begins a packet. Whether a link header comes first shows
in the packet itself.
"""

from __future__ import annotations

import re
from typing import Final

from .capture import Capture
from .conversations import capture_of
from .links import network_start
from .refusal import refuse
from .streams import Streams
from .tcpdump_lines import STAMP, first_packet

FORMAT: Final = "tcpdump-x"
_PACKET = re.compile(STAMP + rb"[^\n]*\n(?:    [^\n]*\n)?(?:\t(?!0x)[^\n]*\n)*+\t0x0000:  [0-9a-f]{2,4} ")
_ROW = re.compile(rb"\t0x([0-9a-f]{4,8}): {2}((?:(?:[0-9a-f]{2}){1,2} ?){1,8})(?![0-9a-f])")
_AGAIN: Final = "Capture it again with: tcpdump -w FILE"


def recognise(head: bytes) -> str | None:
    """Why this is tcpdump's hex text, or None."""
    return "tcpdump's packet lines have rows of hex under them" if _PACKET.match(head, first_packet(head)) else None


def read(data: bytes, source: str) -> Capture:
    """Every client's bytes, exact."""
    streams = Streams()
    packet, begun, position = bytearray(), 0, 0
    while position < len(data):
        row = _ROW.match(data, position)
        if row:
            offset = int(row[1], 16)
            if offset == 0:
                _add(streams, bytes(packet), data, begun, source)
                packet, begun = bytearray(), position
            if offset != len(packet):
                raise refuse(source, data, position, f"expected the row of offset 0x{len(packet):04x}", _AGAIN)
            packet += bytes.fromhex(row[2].decode("ascii"))
        end = data.find(b"\n", position)
        position = len(data) if end < 0 else end + 1
    _add(streams, bytes(packet), data, begun, source)
    return capture_of(streams, source, FORMAT)


def _add(streams: Streams, packet: bytes, data: bytes, begun: int, source: str) -> None:
    if not packet:
        return
    start = network_start(packet)
    if start < 0:
        raise refuse(source, data, begun, "the packet that begins here is no IP packet in full", _AGAIN)
    streams.add_ip(packet, start, len(packet))
