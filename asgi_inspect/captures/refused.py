"""Formats that have lost what a request needs: known, and refused by name with the better command."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from .capture import Capture, CaptureError

_STAMP: Final = rb"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{1,9} (?:[\w.@-]{1,20} {1,8}(?:In|Out|M|B|P) {1,3})?IP6? "


class Lossy(NamedTuple):
    """A form of text, what it is, what it has lost, and the command that loses nothing."""

    name: str
    mark: re.Pattern[bytes]
    what: str
    lost: str
    instead: str


LOSSY: Final = (
    Lossy(
        "tshark-V",
        re.compile(rb"(?:[^\n]*\n){0,3}?Frame \d+(?:: \d+ bytes on wire|: Packet)[^\n]*\n {4}"),
        "tshark's packet details (-V)",
        "they tell of the bytes and do not hold them all",
        "tcpdump -w FILE, or tshark -r FILE -q -z follow,tcp,raw,0",
    ),
    Lossy(
        "tcpdump",
        re.compile(
            rb"(?:(?:tcpdump|listening|reading)[^\n]*\n)*"
            + _STAMP
            + rb"[^\n]*(?:Flags \[|\n {4}[^\n]*Flags \[|: tcp \d)"
        ),
        "tcpdump's text",
        "without -A or -X it holds no packets, and with -q not their places",
        "tcpdump -w FILE, or tcpdump -X",
    ),
    Lossy(
        "ngrep",
        re.compile(rb"(?:(?:interface|filter|input|match): [^\n]*\n)*+(?:[# ]*\n)*+T [\w.:]+:\d+ -> [\w.:]+:\d+ \["),
        "ngrep's output",
        "CR, line ends and bytes that are not printable are all dots",
        "tcpdump -w FILE tcp port 8000, or ngrep -O FILE",
    ),
    Lossy(
        "response",
        re.compile(rb"\s*HTTP/\d(?:\.\d)? \d{3}(?: [^\n]*)?\r?\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:"),
        "a response only, the server's side",
        "there is no request in it",
        "curl --trace FILE URL, or nc -l 8000 > FILE",
    ),
)


def recogniser(lossy: Lossy) -> Callable[[bytes], str | None]:
    """The `recognise` of a form that is refused."""
    return lambda head: f"it looks like {lossy.what}" if lossy.mark.match(head) else None


def reader(lossy: Lossy) -> Callable[[bytes, str], Capture]:
    """The `read` of a form that is refused: it says why, always."""

    def read(data: bytes, source: str) -> Capture:
        raise CaptureError(f"{source}: this is {lossy.what}: {lossy.lost}. Use instead: {lossy.instead}")

    return read
