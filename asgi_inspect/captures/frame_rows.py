"""What `tshark -x` and Wireshark's "Copy as Hex Dump" print: each frame in rows of hex, so exact as a packet file.

A blank line stands between frames. Where a frame has more than one block, headings name them, and
only the frame's own is read: the others ("Reassembled TCP") repeat bytes of frames before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from .capture import Capture, CaptureError
from .conversations import capture_of
from .links import network_start
from .refusal import refuse
from .streams import Streams

FORMAT: Final = "tshark-x"
_ROW = re.compile(rb"([0-9a-f]{4,8}) {2,3}((?:[0-9a-f]{2} ){0,15}[0-9a-f]{2})(?: {2}[^\n]*)?(?:\r?\n|$)")
_HEADING = re.compile(rb"([\w -]{1,60}) \(\d+ bytes?\):\r?\n")
_SUMMARY = re.compile(rb" *\d+ +\d+\.\d+ [^\n]*\n")
_BLANK = re.compile(rb"[ \t\r]*(?:\n|$)")
_START = re.compile(
    rb"(?:" + _BLANK.pattern + rb"|" + _SUMMARY.pattern + rb"|Frame \(\d+ bytes?\):\r?\n)*+(?=0000 {2,3}[0-9a-f])"
)
_FRAMES: Final = 50  # looked at before the rows are taken for something else
_AGAIN: Final = "Give the packet file itself, or capture with: tcpdump -w FILE"


def recognise(head: bytes) -> str | None:
    """Why these are tshark's frames, or None: one of the first must hold TCP in IP."""
    if not _START.match(head):
        return None
    try:
        found = any(_is_tcp(frame) for frame in islice(_frames(head, ""), _FRAMES))
    except CaptureError:
        return None
    return "its rows of hex hold frames with TCP in them" if found else None


def _is_tcp(frame: bytes) -> bool:
    start = network_start(frame)
    protocol = start + (9 if start >= 0 and frame[start] >> 4 == 4 else 6)
    return start >= 0 and protocol < len(frame) and frame[protocol] == 6


def read(data: bytes, source: str) -> Capture:
    """Every client's bytes, exact."""
    streams = Streams()
    for frame in _frames(data, source):
        start = network_start(frame)
        if start >= 0:  # a frame without IP carries no TCP
            streams.add_ip(frame, start, len(frame))
    return capture_of(streams, source, FORMAT)


def _frames(data: bytes, source: str) -> Iterator[bytes]:
    position, frame, skipping = 0, bytearray(), False
    while position < len(data):
        if row := _ROW.match(data, position):
            if not skipping:
                if int(row[1], 16) != len(frame):
                    raise refuse(source, data, position, f"expected the row of offset {len(frame):04x}", _AGAIN)
                frame += bytes.fromhex(row[2].decode("ascii"))
            position = row.end()
        elif heading := _HEADING.match(data, position):
            skipping = heading[1] != b"Frame"
            position = heading.end()
        elif blank := _BLANK.match(data, position) or _SUMMARY.match(data, position):
            if frame:
                yield bytes(frame)
            frame, skipping, position = bytearray(), False, blank.end()
        else:
            raise refuse(source, data, position, "expected a row of hex, or a blank line between frames", _AGAIN)
    if frame:
        yield bytes(frame)
