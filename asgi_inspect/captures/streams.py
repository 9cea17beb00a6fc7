"""TCP streams put together from IP packets, whatever printed or recorded the packets.

Segments are kept as they come and put in order at the end, so order, repeats and a missing start
do not matter; a gap does, and is counted. What one write sent ends with a PSH, which senders set on
its last segment; so that is where the client's segments end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from typing import Final, NamedTuple

_TCP = Struct(">4xI4xBB")  # sequence number, data offset, flags
SYN, PSH, ACK = 0x02, 0x08, 0x10
_EXTENSIONS: Final = (0, 43, 60)  # IPv6 headers that may stand before TCP's


class Segment(NamedTuple):
    """Payload at a place in its stream; `length` is more than is held where the capture cut it off."""

    offset: int
    payload: bytes
    length: int
    push: bool


@dataclass(slots=True)
class Direction:
    """One side's segments, their sequence numbers unwrapped to offsets that never go back to 0."""

    segments: list[Segment] = field(default_factory=list)
    base: int | None = None
    offset: int = 0
    guessed_ends: int = 0  # line ends that a drawn packet does not tell

    def add(self, sequence: int, payload: bytes, length: int, push: bool) -> None:
        """A segment; its place is the one nearest to the segment before."""
        if self.base is None:
            self.base = sequence
        step = (sequence - self.base - self.offset) & 0xFFFFFFFF
        self.offset += step - (1 << 32) if step & 0x80000000 else step
        self.segments.append(Segment(self.offset, payload, length, push))


class Stream(NamedTuple):
    """One side put together up to its first gap: the bytes, what each write sent, the bytes that lack."""

    data: bytes
    writes: tuple[int, ...]
    missing: int
    repeats: int
    guessed_ends: int = 0


def assembled(direction: Direction, *, from_start: bool) -> Stream:
    """A side in order; `from_start` says that its first byte must be there (its SYN was seen)."""
    parts: list[bytes] = []
    writes: list[int] = []
    open_, repeats, missing = 0, 0, 0
    ordered = sorted(direction.segments, key=_place)
    end = 0 if from_start or not ordered else ordered[0].offset
    for segment in ordered:
        if segment.offset > end:
            missing += segment.offset - end
            break
        new = segment.payload[end - segment.offset :]
        repeats += not new
        if new:
            parts.append(new)
            open_ += len(new)
            end += len(new)
        if segment.push and open_ and segment.offset + segment.length <= end:
            writes.append(open_)
            open_ = 0
    if not missing:
        missing = max((segment.offset + segment.length for segment in ordered), default=end) - end
    writes += [open_] if open_ else []
    return Stream(b"".join(parts), tuple(writes), missing, repeats, direction.guessed_ends)


def _place(segment: Segment) -> tuple[int, int]:
    return (segment.offset, -len(segment.payload))


@dataclass(slots=True)
class Conversation:
    """Two endpoints; `client` is the one that sent the SYN, if that was seen."""

    sides: dict[bytes, Direction]
    client: bytes | None = None
    started: set[bytes] = field(default_factory=set)  # whose SYN was seen
    isn: int = -1


@dataclass(slots=True)
class Streams:
    """Takes packets one by one and tells the conversations apart."""

    live: dict[tuple[bytes, bytes], Conversation] = field(default_factory=dict)
    all: list[Conversation] = field(default_factory=list)
    fragments: int = 0

    def add_ip(self, data: bytes, start: int, end: int) -> bool:
        """An IP packet at `start`, of which the capture holds all up to `end`; whether it held TCP."""
        version = data[start] >> 4 if start < end else 0
        if version == 4 and end - start >= 20:
            return self._add_ip4(data, start, end)
        if version == 6 and end - start >= 40:
            return self._add_ip6(data, start, end)
        return False

    def _add_ip4(self, data: bytes, start: int, end: int) -> bool:
        if data[start + 9] != 6:
            return False
        if data[start + 6] & 0x3F or data[start + 7]:
            self.fragments += 1
            return False
        total = data[start + 2] << 8 | data[start + 3]
        tcp = start + (data[start] & 0x0F) * 4
        return self._add_tcp(data, tcp, end, start + total if total else end, start + 12, 4)

    def _add_ip6(self, data: bytes, start: int, end: int) -> bool:
        length = data[start + 4] << 8 | data[start + 5]
        kind, position = data[start + 6], start + 40
        while kind in _EXTENSIONS and position + 8 <= end:
            kind, position = data[position], position + 8 + data[position + 1] * 8
        if kind == 44:
            self.fragments += 1
        if kind != 6:
            return False
        return self._add_tcp(data, position, end, start + 40 + length if length else end, start + 8, 16)

    def _add_tcp(self, data: bytes, tcp: int, end: int, real_end: int, addresses: int, size: int) -> bool:
        if tcp + 20 > end:
            return False
        sequence, offset, flags = _TCP.unpack_from(data, tcp)
        source = data[addresses : addresses + size] + data[tcp : tcp + 2]
        target = data[addresses + size : addresses + 2 * size] + data[tcp + 2 : tcp + 4]
        if source == target:
            return True  # an address that talks to itself: whose bytes these are cannot be told
        payload = tcp + (offset >> 4) * 4
        self.add_segment(source, target, sequence, flags, data[payload : min(end, real_end)], real_end - payload)
        return True

    def add_segment(
        self, source: bytes, target: bytes, sequence: int, flags: int, payload: bytes, length: int, guessed: int = 0
    ) -> None:
        """What one segment says; `payload` is what is held of `length` bytes, `guessed` how many line ends are."""
        if flags & SYN:
            self._syn(source, target, sequence, acknowledged=bool(flags & ACK))
        elif length > 0:
            conversation = self._of(source, target)
            conversation.sides[source].add(sequence, payload, length, bool(flags & PSH))
            conversation.sides[source].guessed_ends += guessed

    def _of(self, source: bytes, target: bytes) -> Conversation:
        key = (source, target) if source < target else (target, source)
        conversation = self.live.get(key)
        if conversation is None:
            conversation = self.live[key] = Conversation({source: Direction(), target: Direction()})
            self.all.append(conversation)
        return conversation

    def _syn(self, source: bytes, target: bytes, sequence: int, *, acknowledged: bool) -> None:
        key = (source, target) if source < target else (target, source)
        known = self.live.get(key)
        if known and not acknowledged and known.isn not in (-1, sequence):
            del self.live[key]  # the ports are used again
        conversation = self._of(source, target)
        conversation.client = target if acknowledged else source
        conversation.isn = conversation.isn if acknowledged else sequence
        side = conversation.sides[source]
        if side.base is None:
            side.base = (sequence + 1) & 0xFFFFFFFF
            conversation.started.add(source)
