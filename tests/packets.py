"""Packet files made from a few values, for what is hard to record: every link type, order and loss."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

SYN, PSH, ACK = 0x02, 0x08, 0x10
CLIENT, SERVER = 50000, 8000
LINKS = {
    0: b"\x02\0\0\0",
    1: b"\0" * 12 + b"\x08\0",
    101: b"",
    108: b"\0\0\0\x02",
    113: b"\0" * 14 + b"\x08\0",
    276: b"\x08\0" + b"\0" * 18,
}


def tcp(source: int, target: int, sequence: int, payload: bytes = b"", flags: int = PSH | ACK) -> bytes:
    """A TCP segment without options."""
    return pack(">HHIIBBHHH", source, target, sequence & 0xFFFFFFFF, 0, 0x50, flags, 0xFFFF, 0, 0) + payload


def ip4(segment: bytes) -> bytes:
    """An IPv4 packet between two loopback addresses."""
    return pack(">BBHIBBH", 0x45, 0, 20 + len(segment), 0, 64, 6, 0) + b"\x7f\0\0\1" * 2 + segment


def ip6(segment: bytes) -> bytes:
    """An IPv6 packet with a hop-by-hop header in front of TCP."""
    return pack(">IHBB", 0x60000000, 8 + len(segment), 0, 64) + (b"\0" * 15 + b"\1") * 2 + b"\6\0" + b"\0" * 6 + segment


def packets(pieces: Sequence[bytes], start: int = 1000, *, handshake: bool = True) -> list[bytes]:
    """One connection on which the client sends `pieces`, one packet each."""
    found = (
        [ip4(tcp(CLIENT, SERVER, start, flags=SYN)), ip4(tcp(SERVER, CLIENT, 77, flags=SYN | ACK))] if handshake else []
    )
    sequence = start + 1
    for piece in pieces:
        found.append(ip4(tcp(CLIENT, SERVER, sequence, piece)))
        found.append(ip4(tcp(SERVER, CLIENT, 78, flags=ACK)))
        sequence += len(piece)
    return found


def pcap(
    found: Sequence[bytes], link: int = 101, order: str = "<", *, tag: bytes = b"", snaplen: int = 1 << 16
) -> bytes:
    """A pcap file of these network packets; `tag` stands before the type of an Ethernet frame."""
    parts = [pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, link)]
    for packet in found:
        frame = LINKS[link][:-2] + tag + LINKS[link][-2:] + packet
        parts.append(pack(order + "IIII", 0, 0, min(len(frame), snaplen), len(frame)) + frame[:snaplen])
    return b"".join(parts)


def pcapng(found: Sequence[bytes], link: int = 1, order: str = "<", kind: int = 6) -> bytes:
    """A pcapng file of these network packets, in blocks of one kind."""
    parts = [
        block(order, 0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
        block(order, 1, pack(order + "HHI", link, 0, 0)),
    ]
    for packet in found:
        frame = LINKS[link] + packet
        fixed = {
            6: pack(order + "IIIII", 0, 0, 0, len(frame), len(frame)),
            3: pack(order + "I", len(frame)),
            2: pack(order + "HHIIII", 0, 0, 0, 0, len(frame), len(frame)),
        }[kind]
        parts.append(block(order, kind, fixed + frame))
    return b"".join(parts)


def block(order: str, kind: int, body: bytes) -> bytes:
    """A pcapng block, padded to four bytes."""
    body += b"\0" * (-len(body) % 4)
    return pack(order + "II", kind, len(body) + 12) + body + pack(order + "I", len(body) + 12)
