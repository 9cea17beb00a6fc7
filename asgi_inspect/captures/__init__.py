"""Any text or dump that holds a client's traffic, read into one Capture."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from .capture import Capture, CaptureError, ClientConnection, Fidelity, Repair
from .raw import read_raw
from .recognise import begins_with_request_line, not_a_request, nothing_in

__all__ = ["FORMATS", "Capture", "CaptureError", "ClientConnection", "Fidelity", "Repair", "read_capture"]

FORMATS: Final = ("auto", "raw")


def read_capture(data: bytes, source: str, *, from_: str = "auto", strict_bytes: bool = False) -> Capture:
    """Read `data`, in the format `from_` or the one it is recognised as.

    Raises CaptureError for an unknown format and for what is no request; taken as raw, or with
    `strict_bytes`, only empty input is refused.
    """
    if from_ not in FORMATS:
        raise CaptureError(f"unknown format {from_!r}: known are {' and '.join(FORMATS)}")
    as_told = strict_bytes or from_ == "raw"
    if refusal := nothing_in(data, source) if as_told else not_a_request(data, source):
        raise CaptureError(refusal)
    return replace(read_raw(data, source, strict=strict_bytes), why=_why(data, from_, strict_bytes))


def _why(data: bytes, from_: str, strict_bytes: bool) -> str:
    if from_ != "auto":
        return f"--from {from_}"
    if begins_with_request_line(data):
        return "a request line comes first"
    return "--strict-bytes takes any bytes" if strict_bytes else "no other format was recognised"
