"""Packets that say from where to where they went and nothing else: who is the client follows from HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .gathering import Gathering
from .messages import STATUS_LINE, begins_as_request

Mend = Callable[[bytes], tuple[bytes, int]]


class Packet(NamedTuple):
    """What one side sent to the other, in the order of the capture."""

    source: bytes
    target: bytes
    payload: bytes


class Gathered(NamedTuple):
    """The connections, and how many bytes the mending changed in what each client sent, by its number."""

    gathering: Gathering
    mended: dict[int, int]


def gathered(packets: Iterable[Packet], mend: Mend = lambda data: (data, 0)) -> Gathered:
    """Each pair of addresses is a connection; `mend` sees all that one side sent and keeps its length."""
    talks: dict[frozenset[bytes], list[Packet]] = {}
    for packet in packets:
        talks.setdefault(frozenset((packet.source, packet.target)), []).append(packet)
    out, mended = Gathering(), dict[int, int]()
    for key, talk in talks.items():
        client = _client(talk, mend)
        sent, changed = mend(b"".join(packet.payload for packet in talk if packet.source == client))
        received, _ = mend(b"".join(packet.payload for packet in talk if packet.source != client))
        position = 0
        for packet in talk:
            if packet.source == client and packet.payload:
                out.sent(key, sent[position : position + len(packet.payload)])
                position += len(packet.payload)
        out.received(key, received)
        mended[out.number(key)] = changed
    return Gathered(out, mended)


def _client(talk: list[Packet], mend: Mend) -> bytes:
    """The side whose first words are a request, else the one that is not answering, else the first."""
    for packet in talk:
        words, _ = mend(packet.payload)
        if begins_as_request(words):
            return packet.source
        if STATUS_LINE.match(words):
            return packet.target
    return talk[0].source
