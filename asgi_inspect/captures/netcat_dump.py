"""Hex dumps that netcats write while they run: `nc -o` (traditional) and `ncat -x`.

nc marks the direction: `<` came from the peer, `>` went to it; whoever speaks HTTP requests is the
client. ncat marks none, so HTTP's own framing tells requests from responses, and that is said.
"""

from __future__ import annotations

import re
from typing import Final

from .capture import Capture, Fidelity
from .gathering import DIRECTION, Gathering
from .messages import begins_as_request, request_end, response_end
from .refusal import refuse

NC: Final = "nc-o"
NCAT: Final = "ncat-x"
_NC_ROW = re.compile(rb"([<>]) ([0-9a-f]{8}) ((?:[0-9a-f]{2} ){1,16}) *# [^\n]*(?:\n|$)")
_NCAT_ROW = re.compile(rb"([0-9a-f]{4,8}) {3}((?:[0-9a-f]{2} {1,2}){1,16})[^\n]*(?:\n|$)")
_AGAIN: Final = "Capture the bytes themselves with: nc -l 8000 > FILE"


def recognise_nc(head: bytes) -> str | None:
    """Why this is the dump of `nc -o`, or None."""
    return "rows of < or >, offset, pairs and #" if _NC_ROW.match(head) else None


def recognise_ncat(head: bytes) -> str | None:
    """Why this is the dump of `ncat -x`, or None."""
    row = _NCAT_ROW.match(head)
    return "rows of offset, three blanks and pairs" if row and int(row[1], 16) == 0 else None


def read_nc(data: bytes, source: str) -> Capture:
    """The client's bytes, exact; rows that are not full end a read."""
    rows = []
    counted = {b"<": 0, b">": 0}
    position = 0
    while position < len(data):
        row = _NC_ROW.match(data, position)
        if row is None or int(row[2], 16) != counted[row[1]]:
            raise refuse(source, data, position, "expected the next row of nc -o, its offset counted on", _AGAIN)
        piece = bytes.fromhex(row[3].decode("ascii"))
        counted[row[1]] += len(piece)
        rows.append((row[1], piece))
        position = row.end()
    streams = {way: b"".join(piece for known, piece in rows if known == way) for way in counted}
    client = b">" if begins_as_request(streams[b">"]) else b"<"
    out, full = Gathering(), False
    for way, piece in rows:
        if way == client:
            out.sent(1, piece, same_write=full)
        else:
            out.received(1, piece)
        full = way == client and len(piece) == 16
    return out.capture(source, NC, segments=True)


def read_ncat(data: bytes, source: str) -> Capture:
    """The client's bytes; which reads are the client's follows from HTTP."""
    reads: list[bytearray] = []
    position = 0
    while position < len(data):
        row = _NCAT_ROW.match(data, position)
        if row is None:
            raise refuse(source, data, position, "expected the next row of ncat -x", _AGAIN)
        if int(row[1], 16) == 0:
            reads.append(bytearray())
        if not reads or int(row[1], 16) != len(reads[-1]):
            raise refuse(source, data, position, "expected another offset", _AGAIN)
        reads[-1] += bytes.fromhex(row[2].decode("ascii"))
        position = row.end()
    return _told_apart([bytes(piece) for piece in reads], source)


def _told_apart(reads: list[bytes], source: str) -> Capture:
    out, sent, received = Gathering(), b"", b""
    for piece in reads:
        if sent and _is_answer(piece, sent, received):
            received += piece
            out.received(1, piece)
        else:
            sent = piece if received else sent + piece
            received = b""
            out.sent(1, piece)
    out.note(DIRECTION)
    return out.capture(source, NCAT, fidelity=Fidelity.REPAIRED, segments=True)


def _is_answer(piece: bytes, sent: bytes, received: bytes) -> bool:
    """Whether a read goes on with the answer, or begins one once the request is whole or waits (100)."""
    if received:
        waits = received.endswith(b"100 Continue\r\n\r\n") and not piece.startswith(b"HTTP/1.")
        return not waits and response_end(received, 0, sent[: sent.find(b" ")]) is None
    return b"HTTP/1." in (piece[:7], piece + b"HTTP/1."[len(piece) :]) and (
        request_end(sent) is not None or b"100-continue" in sent.lower()
    )
