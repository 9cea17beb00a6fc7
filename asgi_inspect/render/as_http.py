"""Inspection → the bytes that go to the client, nothing else."""

from __future__ import annotations

from ..exchange import By
from ..inspection import Inspection
from ..recording import Folded


def as_http(inspection: Inspection) -> bytes:
    """Every response's bytes one after another, `100 Continue` included; a stand-in's answer is none."""
    wires = [
        exchange.response.wire
        for exchange in inspection.exchanges
        if exchange.response is not None and exchange.response.by is not By.STAND_IN
    ]
    return b"".join(wire.head if isinstance(wire, Folded) else wire for wire in wires)
