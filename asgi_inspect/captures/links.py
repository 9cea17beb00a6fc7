"""Where IP begins in a packet whose link type nothing tells: at once, or behind a header that names it."""

from __future__ import annotations

from typing import Final

_LINKS: Final = (14, 16, 20)  # Ethernet, and both Linux cooked headers


def network_start(packet: bytes) -> int:
    """The offset of IP in `packet`, or -1."""
    if _is_ip(packet, 0):
        return 0
    for length in _LINKS:
        place = 0 if length == 20 else length - 2
        if packet[place : place + 2] in (b"\x08\x00", b"\x86\xdd") and _is_ip(packet, length):
            return length
    return -1


def _is_ip(packet: bytes, start: int) -> bool:
    kind = packet[start : start + 1]
    if kind and kind[0] >> 4 == 4:
        total = int.from_bytes(packet[start + 2 : start + 4], "big")
        return kind[0] & 0x0F >= 5 and (total == 0 or total >= len(packet) - start - 18 - 6)
    return bool(kind) and kind[0] >> 4 == 6 and len(packet) - start >= 40
