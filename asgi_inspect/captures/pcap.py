"""pcap and pcapng files: the packets, whichever link layer carried them.

Both formats are a few fixed headers, so no library is needed. A file that ends inside a packet is
refused: what came after is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from .capture import Capture, CaptureError
from .conversations import capture_of
from .streams import Streams

PCAP: Final = "pcap"
PCAPNG: Final = "pcapng"
_PCAP_ORDER: Final = {
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
}
_SECTION: Final = b"\x0a\x0d\x0d\x0a"
_PCAPNG_MARK = re.compile(rb"\x0a\x0d\x0d\x0a.{4}(?:\x4d\x3c\x2b\x1a|\x1a\x2b\x3c\x4d)", re.DOTALL)
_IP: Final = (0x0800, 0x86DD)
_TAGS: Final = (0x8100, 0x88A8)
_AGAIN: Final = "Capture again with: tcpdump -w FILE, and stop it with Ctrl-C"


class Frame(NamedTuple):
    """A captured packet: where it stands in the file, and on what link it was."""

    link: int
    start: int
    end: int


def recognise(head: bytes) -> str | None:
    """Why this is a pcap, or None."""
    return "a pcap file's magic number comes first" if head[:4] in _PCAP_ORDER and len(head) >= 24 else None


def recognise_ng(head: bytes) -> str | None:
    """Why this is a pcapng, or None."""
    return "a pcapng section header comes first" if _PCAPNG_MARK.match(head) else None


def read(data: bytes, source: str) -> Capture:
    """Every client's bytes in a pcap, exact, in the writes they left in."""
    if not recognise(data[:24]):
        raise CaptureError(f"{source}: expected a pcap file's magic number in the first four bytes. {_AGAIN}")
    return _read(data, source, PCAP, pcap_frames(data, source))


def read_ng(data: bytes, source: str) -> Capture:
    """Every client's bytes in a pcapng, exact, in the writes they left in."""
    if not recognise_ng(data[:12]):
        raise CaptureError(f"{source}: expected a pcapng section header in the first bytes. {_AGAIN}")
    return _read(data, source, PCAPNG, pcapng_frames(data, source))


def _read(data: bytes, source: str, format: str, frames: Iterator[Frame]) -> Capture:
    streams = Streams()
    for link, start, end in frames:
        packet = network_start(data, link, start, end, source)
        if packet >= 0:
            streams.add_ip(data, packet, end)
    return capture_of(streams, source, format)


def pcap_frames(data: bytes, source: str) -> Iterator[Frame]:
    """The packets of a pcap file; its link type stands once, in front."""
    order = _PCAP_ORDER[data[:4]]
    link = Struct(order + "I").unpack_from(data, 20)[0] & 0x0FFFFFFF
    record = Struct(order + "8xII")
    position, size, number = 24, len(data), 0
    while position < size:
        number += 1
        if position + 16 > size:
            raise _cut(source, number, position, 16, size - position)
        held, _ = record.unpack_from(data, position)
        position += 16
        if position + held > size:
            raise _cut(source, number, position, held, size - position)
        yield Frame(link, position, position + held)
        position += held


def pcapng_frames(data: bytes, source: str) -> Iterator[Frame]:
    """The packets of a pcapng file; each section has its byte order and a list of interfaces."""
    position, size, number = 0, len(data), 0
    order, links = "<", list[int]()
    while position < size:
        if data.startswith(_SECTION, position):
            order, links = ("<" if data.startswith(b"\x4d\x3c\x2b\x1a", position + 8) else ">"), []
        if position + 12 > size:
            raise _cut(source, number + 1, position, 12, size - position)
        kind, length = Struct(order + "II").unpack_from(data, position)
        if length < 12 or length % 4 or position + length > size:
            raise _cut(source, number + 1, position, length, size - position)
        if kind == 1 and length >= 20:
            links.append(Struct(order + "H").unpack_from(data, position + 8)[0])
        elif kind in (2, 3, 6):
            number += 1
            yield _packet(data, order, kind, links, position, length, source)
        position += length


def _packet(data: bytes, order: str, kind: int, links: list[int], position: int, length: int, source: str) -> Frame:
    """The packet in an enhanced (6), simple (3) or obsolete (2) block at `position`."""
    interface, start, held = 0, position + 12, -1
    if kind == 6 and length >= 32:
        interface, held, start = *Struct(order + "I8xI").unpack_from(data, position + 8), position + 28
    elif kind == 2 and length >= 32:
        interface, held, start = *Struct(order + "H10xI").unpack_from(data, position + 8), position + 28
    elif kind == 3 and length >= 16:
        held = min(length - 16, Struct(order + "I").unpack_from(data, position + 8)[0])
    if interface >= len(links) or held < 0 or start + held > position + length - 4:
        raise CaptureError(f"{source}: the pcapng block at byte {position} contradicts itself. {_AGAIN}")
    return Frame(links[interface], start, start + held)


def network_start(data: bytes, link: int, start: int, end: int, source: str) -> int:
    """Where the IP packet begins in a frame; -1 if the frame holds none."""
    if link == 1:
        position, kind = start + 12, data[start + 12] << 8 | data[start + 13] if start + 14 <= end else 0
        while kind in _TAGS and position + 6 <= end:
            position, kind = position + 4, data[position + 4] << 8 | data[position + 5]
        return position + 2 if kind in _IP else -1
    if link in (101, 12, 14, 228, 229):
        return start
    if link in (0, 108):  # BSD loopback: four bytes of address family, in either byte order
        return start + 4
    if link == 113:
        return start + 16 if start + 16 <= end and (data[start + 14] << 8 | data[start + 15]) in _IP else -1
    if link == 276:
        return start + 20 if start + 20 <= end and (data[start] << 8 | data[start + 1]) in _IP else -1
    raise CaptureError(
        f"{source}: the packets have link type {link}, which is not read here (Ethernet, loopback, Linux cooked "
        "and raw IP are). Capture on such an interface with: tcpdump -i any -w FILE"
    )


def _cut(source: str, number: int, position: int, expected: int, found: int) -> CaptureError:
    return CaptureError(
        f"{source}: packet {number} at byte {position} is cut: expected {expected} bytes, {found} are left. {_AGAIN}"
    )
