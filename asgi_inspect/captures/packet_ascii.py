"""tcpdump's text (`-A`): each packet drawn as text behind a line that tells its place and length.

The packet's headers are drawn too and are counted off. A CR before a LF or at the end of a packet is
not drawn; how many are hidden follows from the length, so that most line ends are certain. A byte
that cannot be printed is a dot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from .capture import Capture
from .conversations import capture_of
from .guesses import dots, guessed
from .refusal import refuse
from .streams import ACK, PSH, SYN, Streams
from .tcpdump_lines import STAMP, first_packet

FORMAT: Final = "tcpdump-A"
_ANY_PACKET = re.compile(rb"(?m)^" + STAMP + rb"[\x20-\x7e]{4,2000}$")
_PACKET = re.compile(
    STAMP + rb"[\x20-\x7e]{0,400}?(?:(?<= )|\n {4})"  # IP, the interface, a link header, or more with -v
    rb"([\w.:%-]{1,200}) > ([\w.:%-]{1,200}): Flags \[([A-Z.]*)\](, [^\n]*)\n"
)
_SUMMARY = re.compile(rb"\n(?:\^C)?\d+ packets? captured\n[^\0]{0,300}\Z")
_SEQUENCE = re.compile(rb", seq (\d{1,10})")
_ACKED = re.compile(rb", ack (\d{1,10})")
_OPTIONS = re.compile(rb", options \[([^\]]*)\]")
_LENGTH = re.compile(rb", length (\d{1,6})(?=$|:)")
_SIZES: Final = {b"nop": 1, b"eol": 1, b"mss": 4, b"wscale": 3, b"sackOK": 2, b"TS": 10, b"md5": 18}
_VERBOSE = re.compile(rb"(?:\t[^\n]*\n)*+")
_AGAIN: Final = "Capture it again with: tcpdump -w FILE, or tcpdump -X"


def recognise(head: bytes) -> str | None:
    """Why this is tcpdump's text with drawn packets, or None."""
    packet = _PACKET.match(head, first_packet(head))
    drawn = packet and head[packet.end() : packet.end() + 1] in (b"E", b"F", b"G", b"H", b"`")
    return "tcpdump's packet lines have packets drawn as text under them" if drawn else None


def read(data: bytes, source: str) -> Capture:
    """Every client's bytes, but for those behind a dot; line ends as far as the lengths tell."""
    streams, numbers = Streams(), _Numbers()
    for packet in _packets(data, source):
        sequence = numbers.absolute(packet)
        flags = (SYN if b"S" in packet.flags else 0) | (PSH if b"P" in packet.flags else 0)
        flags |= ACK if b"." in packet.flags else 0
        payload, doubtful = _with_cr(packet.drawn, packet.length)
        streams.add_segment(packet.source, packet.target, sequence, flags, payload, packet.length, doubtful)
    capture = capture_of(streams, source, FORMAT)
    return guessed(capture, *dots(capture, "tcpdump -A", "tcpdump -w FILE, or tcpdump -X"))


class _Packet(NamedTuple):
    """A TCP packet: what its line says, and the payload as it is drawn."""

    source: bytes
    target: bytes
    flags: bytes
    sequence: int
    acknowledged: int | None
    length: int
    drawn: bytes


def _packets(data: bytes, source: str) -> Iterator[_Packet]:
    position = first_packet(data)
    if not _ANY_PACKET.match(data, position):
        raise refuse(source, data, position, "expected tcpdump's line of a packet", _AGAIN)
    while line := _ANY_PACKET.search(data, position):
        tcp = data.find(b": Flags [", line.start(), line.end() + 500) >= 0
        header = _PACKET.match(data, line.start()) if tcp else None
        if header is None:
            position = line.end()
            continue
        length = _LENGTH.search(header[4])
        if length is None:
            raise refuse(source, data, header.start(), "expected the length of the packet", _AGAIN)
        verbose = _VERBOSE.match(data, header.end())
        start, count = verbose.end() if verbose else header.end(), int(length[1])
        begin = start + (_headers_length(data, header, start, source) if count else 0)
        position = _end(data, begin, count) if count else header.end()
        sequence, acked = _SEQUENCE.search(header[4]), _ACKED.search(header[4])
        yield _Packet(
            source=header[1],
            target=header[2],
            flags=header[3],
            sequence=int(sequence[1]) if sequence else -1,
            acknowledged=int(acked[1]) if acked else None,
            length=count,
            drawn=_payload(data, start, begin, position - 1, count) if count else b"",
        )


def _headers_length(data: bytes, header: re.Match[bytes], begin: int, source: str) -> int:
    """How many bytes the headers of IP and TCP have."""
    first = data[begin] if begin < len(data) else 0
    network = 40 if first >> 4 == 6 else (first & 0x0F) * 4 if first >> 4 == 4 else 0
    if network < 20:
        raise refuse(source, data, begin, "expected a drawn packet, which begins with E or `", _AGAIN)
    size = 0
    found = _OPTIONS.search(header[4])
    for option in found[1].split(b",") if found and found[1] else ():
        name, _, rest = option.partition(b" ")
        if name == b"sack":
            size += 2 + 8 * rest.count(b"{")
        elif name in _SIZES:
            size += _SIZES[name]
        else:
            raise refuse(source, data, header.start(), f"a TCP option of unknown size, {name.decode('ascii')}", _AGAIN)
    return network + 20 + (size + 3) // 4 * 4


def _payload(data: bytes, start: int, begin: int, end: int, length: int) -> bytes:
    """The drawn payload. A line end among the headers may draw a CR too; then the payload begins before `begin`."""
    for earlier in range(data.count(b"\n", start, begin) + 1):
        drawn = data[begin - earlier : end]
        if length - len(drawn) in (0, drawn.count(b"\n")):
            return drawn
    return data[begin : max(begin, end)]


def _end(data: bytes, begin: int, length: int) -> int:
    """Behind the line end that follows the drawn payload: at the next packet's line that the length allows."""
    ends = []
    position = begin
    while True:
        following = _ANY_PACKET.search(data, position)
        summary = None if following else _SUMMARY.search(data, begin)
        end = following.start() if following else summary.start() + 1 if summary else len(data)
        signs = end - 1 - begin
        ends.append(end)
        if signs <= length <= signs + data.count(b"\n", begin, max(begin, end - 1)) + 1:
            return end
        if following is None or signs > length:
            return ends[0]
        position = following.end()


def _with_cr(drawn: bytes, length: int) -> tuple[bytes, int]:
    """The payload with the CRs that are not drawn, and how many of its line ends are not certain."""
    drawn = drawn[:length]
    hidden, ends = length - len(drawn), drawn.count(b"\n")
    if hidden >= ends:
        whole = drawn.replace(b"\n", b"\r\n")
        return whole + (b"\r" if hidden == ends + 1 else b""), 0
    return drawn.replace(b"\n", b"\r\n", hidden), ends if hidden else 0


@dataclass(slots=True)
class _Numbers:
    """Sequence numbers made absolute again: tcpdump counts from the first it saw, unless -S is given."""

    bases: dict[tuple[bytes, bytes], int] = field(default_factory=dict)
    expected: dict[tuple[bytes, bytes], int] = field(default_factory=dict)

    def absolute(self, packet: _Packet) -> int:
        """The packet's number; of what the printed one may mean, the nearest to where the stream stands."""
        way, back = (packet.source, packet.target), (packet.target, packet.source)
        if b"S" in packet.flags:
            self.bases[way] = packet.sequence
            self.expected[way] = packet.sequence + 1
            return packet.sequence
        if packet.sequence < 0:
            return 0
        if way not in self.bases:
            self.bases[way] = packet.sequence
            self.bases.setdefault(back, packet.acknowledged or 0)
            found = packet.sequence
        else:
            expected = self.expected.get(way, self.bases[way])
            relative = (self.bases[way] + packet.sequence) & 0xFFFFFFFF
            found = min(relative, packet.sequence, key=lambda number: abs(number - expected))
        self.expected[way] = (found + packet.length) & 0xFFFFFFFF
        return found
