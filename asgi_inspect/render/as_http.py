"""Inspection → the bytes that go to the client, nothing else."""

from __future__ import annotations

from ..exchange import By
from ..http2 import Http2Connection
from ..inspection import Inspection
from ..recording import Folded
from ..servers.http2_frames import split_frames


def as_http(inspection: Inspection) -> bytes:
    """Every response's bytes one after another, `100 Continue` included; a stand-in's answer is none."""
    written: list[bytes] = []
    of_http2: set[int] = set()
    for exchange in inspection.exchanges:
        if exchange.http2 is not None:
            if exchange.connection not in of_http2:
                written.append(_frames(inspection, exchange.connection, exchange.http2.connection))
            of_http2.add(exchange.connection)
        elif exchange.response is not None and exchange.response.by is not By.STAND_IN:
            written.append(_bytes(exchange.response.wire))
    return b"".join(written)


def _frames(inspection: Inspection, number: int, told: Http2Connection) -> bytes:
    """All frames of the server in the order they went out, for streams interleave; those of a stand-in left out."""
    left_out = {
        exchange.http2.number
        for exchange in inspection.exchanges
        if exchange.connection == number
        and exchange.http2
        and exchange.response
        and exchange.response.by is By.STAND_IN
    }
    wire = _bytes(told.wire)
    if not left_out:
        return wire
    return b"".join(frame.span.of(wire) for frame in split_frames(wire) if frame.stream not in left_out)


def _bytes(wire: bytes | Folded) -> bytes:
    return wire.head if isinstance(wire, Folded) else wire
